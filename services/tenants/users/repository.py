"""The rows of a user in all tenants: memberships, log entries and the tombstone."""

from datetime import datetime
from uuid import UUID

from kernel.storage import Read, Write
from kernel.storage.recipes.paging import page
from services.tenants.audit import repository as audit
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Membership
from services.tenants.users.model import UserPage


def begin_of_entries(user_id: UUID) -> bytes:
    """The key behind which the entries about a user begin."""
    return audit.AUDIT_BY_USER.range(user_id)[0]


async def entries_of_user(tx: Read, user_id: UUID, *, after: bytes, limit: int) -> UserPage:
    """The log entries about a user, of one tenant at a time; reads `limit` entries at most.

    A page may be empty without being the last one.

    Args:
        tx: The transaction.
        user_id: The user.
        after: The key behind which to begin: of an entry, or of a tenant in the user's list.
        limit: How many entries to read.
    """
    last: bytes | None = None
    if after in audit.AUDIT.space:
        tenant_id, last = audit.AUDIT.unpack(after)[0], after
    else:
        _, end = audit.AUDIT_BY_USER.range(user_id)
        rows = await tx.get_range(after + b"\x00", end, limit=1)
        if not rows:
            return UserPage(None)
        _, tenant_id = audit.AUDIT_BY_USER.unpack(rows[0][0])
    found = await page(tx, *audit.AUDIT.range(tenant_id), after=last, limit=limit)
    entries = [
        audit.parse_entry(value) for _, value in found.items if str(user_id).encode() in value
    ]
    return UserPage(
        found.last_key or audit.AUDIT_BY_USER.key(user_id, tenant_id),
        tenant_id=tenant_id,
        entries=[entry for entry in entries if user_id in entry.users],
    )


def is_key_of_memberships(key: bytes) -> bool:
    """Whether it is the last key of a page of `memberships`."""
    return key in memberships.MEMBER_BY_USER.space


async def clear_self_tenant(tx: Write, own: Membership) -> None:
    """Removes a self-tenant together with its one member, whether it is there or not."""
    await memberships.ALL_TENANTS.clear(tx, own.tenant)
    await memberships.MEMBERS.clear(tx, own.member)


async def put_deleted_user(tx: Write, user_id: UUID, until: datetime) -> None:
    """Records until then that the user is deleted."""
    await memberships.DELETED_USERS.put(tx, user_id, until=until)


async def organizations_of_user(tx: Read, user_id: UUID, limit: int) -> list[UUID]:
    """Organizations that the user is a member of, `limit` at most, deleted ones included."""
    rows = await tx.get_range(*memberships.MEMBER_BY_USER.range(user_id), limit=limit)
    return [memberships.MEMBER_BY_USER.unpack(key)[-1] for key, _ in rows]
