"""What a deleted organization has left behind, and its removal in small pieces."""

from kernel.storage import Write
from services.tenants.audit import repository as audit
from services.tenants.invitations import repository as invitations
from services.tenants.memberships import repository as memberships


async def purge(tx: Write, limit: int) -> int:
    """Removes what belonged to a deleted organization; of each kind `limit` rows at most.

    Gives how many rows are to be thought removed: `limit` if there may be more, 0 if there was
    nothing to do.
    """
    tenant_id = await memberships.next_deleted(tx)
    if tenant_id is None:
        return 0
    most = max(
        await memberships.clear_members(tx, tenant_id, limit),
        await invitations.clear_invitations(tx, tenant_id, limit),
        await audit.clear_entries(tx, tenant_id, limit),
    )
    if most < limit:
        memberships.clear_deleted(tx, tenant_id)
    return limit
