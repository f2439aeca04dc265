"""Removes what a deleted organization leaves behind, in small pieces."""

from kernel.storage import Write
from services.tenants.audit import repository as audit
from services.tenants.invitations import repository as invitations
from services.tenants.memberships import repository as memberships
from services.tenants.organizations import repository


async def purge(tx: Write, limit: int) -> int:
    """Removes rows of one deleted organization, `limit` at most of each kind.

    Returns `limit` if there may be more, else 0.
    """
    tenant_id = await repository.next_deleted_tenant(tx)
    if tenant_id is None:
        return 0
    most = max(
        await memberships.MEMBERS.clear_some(tx, tenant_id, limit=limit),
        await invitations.INVITATIONS.clear_some(tx, tenant_id, limit=limit),
        await audit.clear_entries(tx, tenant_id, limit),
    )
    if most < limit:
        repository.clear_deleted_tenant(tx, tenant_id)
    return limit
