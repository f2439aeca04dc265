"""The rows that a deleted organization leaves behind, and the notices for auth about it."""

from uuid import UUID

from coditect.tenants.records.v1 import organizations_pb2
from kernel.storage import Read, Write
from kernel.storage.families import record
from kernel.storage.recipes.outbox import Outbox
from services.tenants.keys import TENANTS
from services.tenants.memberships import repository as memberships
from services.tenants.revocations import repository as revocations

TENANT_ERASURES = Outbox(
    TENANTS["tenant_erasures"], record("coditect.tenants.records.v1.TenantErasureRecord", 50)
)
"""Notices for auth: erase what belongs to a deleted organization."""


async def next_deleted_tenant(tx: Read) -> UUID | None:
    """A deleted organization whose rows are not all removed, if there is one."""
    rows = await tx.get_range(*memberships.DELETED_TENANT.range(), limit=1)
    return memberships.DELETED_TENANT.unpack(rows[0][0])[0] if rows else None


def clear_deleted_tenant(tx: Write, tenant_id: UUID) -> None:
    """Removes the last rows of a deleted organization, once all others are removed.

    Queues a notice for auth. By now no service takes a token for the organization, so nothing more
    can be made for it there.
    """
    notice = organizations_pb2.TenantErasureRecord(tenant_id=str(tenant_id))
    TENANT_ERASURES.put(tx, notice.SerializeToString())
    tx.clear(revocations.EPOCH.key(tenant_id))
    tx.clear(memberships.DELETED_TENANT.key(tenant_id))


def parse_erasure(value: bytes) -> UUID:
    """The organization of a notice."""
    return UUID(organizations_pb2.TenantErasureRecord.FromString(value).tenant_id)
