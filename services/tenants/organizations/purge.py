"""Removes what a deleted organization leaves behind, in small pieces."""

from uuid import UUID

from kernel.storage import Write
from services.tenants.audit import repository as audit
from services.tenants.invitations import repository as invitations
from services.tenants.memberships import repository as memberships
from services.tenants.organizations import repository
from services.tenants.webhooks.removal import clear_webhooks


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
        await _clear_log(tx, tenant_id, limit),
    )
    if most < limit:
        repository.clear_deleted_tenant(tx, tenant_id)
    return limit


async def _clear_log(tx: Write, tenant_id: UUID, limit: int) -> int:
    """Removes the webhooks first: what they have given up are entries of the log."""
    if await clear_webhooks(tx, tenant_id, limit) == limit:
        return limit
    return await audit.clear_entries(tx, tenant_id, limit)
