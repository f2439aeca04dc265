"""The only file that knows how tenants are stored: records, keys and indexes.

Every function takes a transaction. One setter per record writes it with all its index rows; what a
newer version has added to a record survives a write by this one.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from coditect.tenants.records.v1 import records_pb2
from kernel.clock import datetime_of, timestamp
from kernel.identity.callers import Role
from kernel.storage import Read, Write
from kernel.storage.expiry import Expiry
from kernel.storage.paging import page
from services.tenants import keys
from services.tenants.model import Member, Membership, MembershipPage, Tenant

_erased_expiry = Expiry(keys.ERASED_EXPIRY)


async def membership(tx: Read, tenant_id: UUID, user_id: UUID) -> Membership | None:
    """The tenant of that id with the user as its member, if the user is one."""
    found = await _memberships(tx, [tenant_id], user_id)
    return found[0] if found else None


async def memberships(
    tx: Read, user_id: UUID, *, after: bytes | None, limit: int
) -> MembershipPage:
    """The tenants of a user in the order of their ids, at most `limit` of them.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    found = await page(tx, *keys.tenants_of_user(user_id), after=after, limit=limit)
    tenant_ids = [keys.tenant_id_of(key) for key, _ in found.rows]
    return MembershipPage(await _memberships(tx, tenant_ids, user_id), found.last_key)


async def put_tenant(tx: Write, new: Tenant) -> None:
    """Writes a tenant."""
    key = keys.tenant(new.tenant_id)
    record = records_pb2.TenantRecord.FromString(await tx.get(key) or b"")
    record.tenant_id = str(new.tenant_id)
    record.name = new.name
    record.slug = new.slug
    record.kind = new.kind
    record.state = new.state
    record.create_time.CopyFrom(timestamp(new.create_time))
    tx.set(key, record.SerializeToString())


def clear_tenant(tx: Write, tenant_id: UUID) -> None:
    """Removes a tenant; its members are to be removed one by one."""
    tx.clear(keys.tenant(tenant_id))


async def put_member(tx: Write, new: Member) -> None:
    """Writes a membership and the row that finds it from the user."""
    key = keys.member(new.tenant_id, new.user_id)
    record = records_pb2.MemberRecord.FromString(await tx.get(key) or b"")
    record.tenant_id = str(new.tenant_id)
    record.user_id = str(new.user_id)
    record.role = str(new.role)
    record.join_time.CopyFrom(timestamp(new.join_time))
    tx.set(key, record.SerializeToString())
    tx.set(keys.of_user(new.user_id, new.tenant_id), b"")


def clear_member(tx: Write, tenant_id: UUID, user_id: UUID) -> None:
    """Removes a membership and the row that finds it."""
    tx.clear(keys.member(tenant_id, user_id))
    tx.clear(keys.of_user(user_id, tenant_id))


async def clear_members_of_user(tx: Write, user_id: UUID, limit: int) -> int:
    """Removes memberships of a user, `limit` at most, and says how many."""
    rows = await tx.get_range(*keys.tenants_of_user(user_id), limit=limit)
    for key, _ in rows:
        clear_member(tx, keys.tenant_id_of(key), user_id)
    return len(rows)


async def is_erased(tx: Read, user_id: UUID) -> bool:
    """Whether the user was deleted not long ago."""
    return await tx.get(keys.erased(user_id)) is not None


async def put_erased(tx: Write, user_id: UUID, until: datetime) -> None:
    """Keeps in mind until then that the user is deleted; a second time changes nothing."""
    if not await is_erased(tx, user_id):
        tx.set(keys.erased(user_id), b"")
        _erased_expiry.put(tx, until, keys.erased(user_id))


async def clear_erased(tx: Write, now: datetime, limit: int) -> int:
    """Forgets deleted users whose time is over, `limit` at most, and says how many."""
    due = await _erased_expiry.due(tx, now, limit)
    for row in due:
        tx.clear(row.key)
        tx.clear(row.entry)
    return len(due)


async def _memberships(tx: Read, tenant_ids: Sequence[UUID], user_id: UUID) -> list[Membership]:
    """Those of the tenants that the user is a member of."""
    wanted = [keys.tenant(tenant_id) for tenant_id in tenant_ids]
    wanted += [keys.member(tenant_id, user_id) for tenant_id in tenant_ids]
    values = await tx.get_many(wanted)
    tenants, members = values[: len(tenant_ids)], values[len(tenant_ids) :]
    return [
        Membership(_tenant(tenant), _member(member))
        for tenant, member in zip(tenants, members, strict=True)
        if tenant is not None and member is not None
    ]


def _tenant(value: bytes) -> Tenant:
    record = records_pb2.TenantRecord.FromString(value)
    return Tenant(
        tenant_id=UUID(record.tenant_id),
        name=record.name,
        slug=record.slug,
        kind=record.kind,
        state=record.state,
        create_time=datetime_of(record.create_time),
    )


def _member(value: bytes) -> Member:
    record = records_pb2.MemberRecord.FromString(value)
    return Member(
        tenant_id=UUID(record.tenant_id),
        user_id=UUID(record.user_id),
        role=Role.parse(record.role),
        join_time=datetime_of(record.join_time),
    )
