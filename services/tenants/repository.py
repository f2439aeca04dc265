"""The only file that knows how tenants are stored: records, keys and indexes.

Every function takes a transaction. One setter per record writes it with all its index rows; what a
newer version has added to a record survives a write by this one.
"""

from collections.abc import Sequence
from uuid import UUID

from coditect.tenants.records.v1 import records_pb2
from kernel.clock import datetime_of, timestamp
from kernel.identity.callers import Role
from kernel.storage import Read, Write
from kernel.storage.paging import page
from services.tenants import keys
from services.tenants.model import Member, Membership, MembershipPage, Tenant


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
    found = await page(tx, *keys.OF_USER.range(user_id), after=after, limit=limit)
    tenant_ids = [keys.OF_USER.unpack(key)[-1] for key, _ in found.rows]
    return MembershipPage(await _memberships(tx, tenant_ids, user_id), found.last_key)


async def put_tenant(tx: Write, new: Tenant) -> None:
    """Writes a tenant."""
    key = keys.TENANT.key(new.tenant_id)
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
    tx.clear(keys.TENANT.key(tenant_id))


async def put_member(tx: Write, new: Member) -> None:
    """Writes a membership and the row that finds it from the user."""
    key = keys.MEMBER.key(new.tenant_id, new.user_id)
    record = records_pb2.MemberRecord.FromString(await tx.get(key) or b"")
    record.tenant_id = str(new.tenant_id)
    record.user_id = str(new.user_id)
    record.role = str(new.role)
    record.join_time.CopyFrom(timestamp(new.join_time))
    tx.set(key, record.SerializeToString())
    tx.set(keys.OF_USER.key(new.user_id, new.tenant_id), b"")


def clear_member(tx: Write, tenant_id: UUID, user_id: UUID) -> None:
    """Removes a membership and the row that finds it."""
    tx.clear(keys.MEMBER.key(tenant_id, user_id))
    tx.clear(keys.OF_USER.key(user_id, tenant_id))


async def clear_members_of_user(tx: Write, user_id: UUID, limit: int) -> int:
    """Removes memberships of a user, `limit` at most, and says how many."""
    rows = await tx.get_range(*keys.OF_USER.range(user_id), limit=limit)
    for key, _ in rows:
        clear_member(tx, keys.OF_USER.unpack(key)[-1], user_id)
    return len(rows)


async def _memberships(tx: Read, tenant_ids: Sequence[UUID], user_id: UUID) -> list[Membership]:
    """Those of the tenants that the user is a member of."""
    wanted = [keys.TENANT.key(tenant_id) for tenant_id in tenant_ids]
    wanted += [keys.MEMBER.key(tenant_id, user_id) for tenant_id in tenant_ids]
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
