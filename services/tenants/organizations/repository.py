"""The rows that a deleted organization leaves behind."""

from uuid import UUID

from kernel.storage import Read, Write
from services.tenants.memberships import repository as memberships
from services.tenants.revocations import repository as revocations


async def next_deleted_tenant(tx: Read) -> UUID | None:
    """A deleted organization whose rows are not all removed, if there is one."""
    rows = await tx.get_range(*memberships.DELETED_TENANT.range(), limit=1)
    return memberships.DELETED_TENANT.unpack(rows[0][0])[0] if rows else None


def clear_deleted_tenant(tx: Write, tenant_id: UUID) -> None:
    """Removes the last rows of a deleted organization, once all others are removed."""
    tx.clear(revocations.EPOCH.key(tenant_id))
    tx.clear(memberships.DELETED_TENANT.key(tenant_id))
