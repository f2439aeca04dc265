"""How tenants and their members are stored: records, keys and indexes.

Every function takes a transaction. One setter per record writes it with all its index rows; fields
that a newer version has added to a record survive a write by this one.
"""

from collections.abc import Sequence
from uuid import UUID

from coditect.tenants.records.v1 import memberships_pb2
from kernel.clock import datetime_of, timestamp
from kernel.emails import NORMALIZED_EMAIL_BYTES
from kernel.identity.callers import Role
from kernel.self_tenant import self_tenant_id
from kernel.storage import RANGE_ROWS, Read, Write, counted
from kernel.storage.families import COUNTER, EMPTY, Family, Part, Value, record, text, time, uuid
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.idempotency import Answer
from kernel.storage.recipes.paging import Page, page
from kernel.storage.recipes.tombstones import Tombstones
from services.tenants.keys import TENANTS
from services.tenants.memberships.model import (
    ORGANIZATION,
    SLUG_CHARACTERS,
    Member,
    Membership,
    MembershipAt,
    Profile,
    Tenant,
)
from services.tenants.revocations import repository as revocations

# Of the worst: two spellings of an address, and two names of 100 characters of 4 bytes.
_MEMBER_BYTES = 1_700
_TENANT_BYTES = 1_000
TENANT = Family[UUID](
    TENANTS["tenant"],
    uuid("tenant_id"),
    value=record("coditect.tenants.records.v1.TenantRecord", _TENANT_BYTES),
    life="a self-tenant: as its user; an organization: until it is deleted",
)
SLUG = Family[str](
    TENANTS["slug"],
    text("slug", SLUG_CHARACTERS),
    value=Value("the tenant's id", 16),
    life="as the organization; a self-tenant has none",
    of=TENANT,
)
MEMBER = Family[UUID, UUID](
    TENANTS["member"],
    uuid("tenant_id"),
    uuid("user_id"),
    value=record("coditect.tenants.records.v1.MemberRecord", _MEMBER_BYTES),
    life="as the tenant and the user, or until the user leaves",
)
MEMBER_BY_USER = Family[UUID, UUID](
    TENANTS["member_by_user"],
    uuid("user_id"),
    uuid("tenant_id"),
    value=EMPTY,
    life="as the membership",
    of=MEMBER,
)
# With role and time in the key: the owners are next to each other, and so are the admins; the one
# who joined first comes first.
MEMBER_BY_ROLE = Family[UUID, int, int, UUID](
    TENANTS["member_by_role"],
    uuid("tenant_id"),
    Part("role", int, 2),
    time("join_time"),
    uuid("user_id"),
    value=EMPTY,
    life="as a membership in an organization, while it is an owner's or admin's",
    of=MEMBER,
)
MEMBER_BY_EMAIL = Family[UUID, str](
    TENANTS["member_by_email"],
    uuid("tenant_id"),
    text("normalized_email", NORMALIZED_EMAIL_BYTES),
    value=Value("the user's id", 16),
    life="as the membership in an organization",
    of=MEMBER,
)
MEMBER_COUNT = Family[UUID](
    TENANTS["member_count"],
    uuid("tenant_id"),
    value=COUNTER,
    life="as the organization",
    of=MEMBER,
)
DELETED_TENANT = Family[UUID](
    TENANTS["deleted_tenant"],
    uuid("tenant_id"),
    value=EMPTY,
    life="until all rows of the deleted organization are removed",
)
DELETED_USERS = Tombstones(TENANTS["deleted_user"], "user_id")
"""Users deleted recently: nothing is made for them."""


async def tenant(tx: Read, tenant_id: UUID) -> Tenant | None:
    """The tenant of that id."""
    value = await tx.get(TENANT.key(tenant_id))
    return None if value is None else _tenant(memberships_pb2.TenantRecord.FromString(value))


async def member(tx: Read, tenant_id: UUID, user_id: UUID) -> Member | None:
    """The user as a member of the tenant, if it is one."""
    value = await tx.get(MEMBER.key(tenant_id, user_id))
    return None if value is None else _parse_member(value)


async def membership(tx: Read, tenant_id: UUID, user_id: UUID) -> Membership | None:
    """The tenant of that id with the user as its member, if the user is one."""
    found = await _memberships(tx, [tenant_id], user_id)
    return found[0] if found else None


async def membership_at(tx: Read, tenant_id: UUID, user_id: UUID) -> MembershipAt | None:
    """The tenant of that id with the user as its member, and as of which epoch."""
    tenant, member, epoch = await tx.get_many(
        [
            TENANT.key(tenant_id),
            MEMBER.key(tenant_id, user_id),
            revocations.EPOCH.key(tenant_id),
        ]
    )
    if tenant is None or member is None:
        return None
    return MembershipAt(_membership(tenant, member), counted(epoch))


async def memberships(
    tx: Read, user_id: UUID, *, after: bytes | None, limit: int
) -> Page[Membership]:
    """The tenants of a user in the order of their ids, at most `limit` of them.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    found = await page(tx, *MEMBER_BY_USER.range(user_id), after=after, limit=limit)
    tenant_ids = [MEMBER_BY_USER.unpack(key)[-1] for key, _ in found.items]
    return Page(await _memberships(tx, tenant_ids, user_id), found.last_key)


async def members(tx: Read, tenant_id: UUID, *, after: bytes | None, limit: int) -> Page[Member]:
    """The members of a tenant in the order of their ids, at most `limit` of them.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    found = await page(tx, *MEMBER.range(tenant_id), after=after, limit=limit)
    return found.map(lambda row: _parse_member(row[1]))


async def members_with_role(tx: Read, tenant_id: UUID, role: Role, limit: int) -> list[UUID]:
    """The owners or the admins of an organization, at most `limit`, in the order of `join_time`."""
    rows = await tx.get_range(*MEMBER_BY_ROLE.range(tenant_id, int(role)), limit=limit)
    return [MEMBER_BY_ROLE.unpack(key)[-1] for key, _ in rows]


async def member_count(tx: Read, tenant_id: UUID) -> int:
    """How many members an organization has."""
    return counted(await tx.get(MEMBER_COUNT.key(tenant_id)))


async def organization_count(tx: Read, user_id: UUID) -> int:
    """In how many organizations a user is."""
    rows = await tx.get_range(*MEMBER_BY_USER.range(user_id), limit=RANGE_ROWS)
    found = [MEMBER_BY_USER.unpack(key)[-1] for key, _ in rows]
    shared = [tenant_id for tenant_id in found if tenant_id != self_tenant_id(user_id)]
    # Those of a deleted one may still be about to be removed.
    values = await tx.get_many([TENANT.key(tenant_id) for tenant_id in shared])
    return sum(value is not None for value in values)


async def member_of_email(tx: Read, tenant_id: UUID, normalized_email: str) -> UUID | None:
    """The member of an organization with that e-mail address, if there is one."""
    value = await tx.get(MEMBER_BY_EMAIL.key(tenant_id, normalized_email))
    return None if value is None else UUID(bytes=value)


async def slug_is_taken(tx: Read, slug: str) -> bool:
    """Whether an organization has that slug."""
    return await tx.get(SLUG.key(slug)) is not None


async def put_tenant(tx: Write, new: Tenant) -> None:
    """Writes a tenant, with the row that keeps an organization's slug unique; it never changes."""
    key = TENANT.key(new.tenant_id)
    record = memberships_pb2.TenantRecord.FromString(await tx.get(key) or b"")
    _fill_tenant(record, new)
    tx.set(key, record.SerializeToString())
    if new.kind == ORGANIZATION:
        tx.set(SLUG.key(new.slug), new.tenant_id.bytes)


def clear_organization(tx: Write, old: Tenant) -> None:
    """Removes an organization; what belongs to it is removed later, see organizations/purge.py."""
    tx.clear(TENANT.key(old.tenant_id))
    tx.clear(SLUG.key(old.slug))
    tx.set(DELETED_TENANT.key(old.tenant_id), b"")


async def put_member(tx: Write, new: Member) -> None:
    """Writes a membership with the rows that find it and the count of the tenant's members."""
    key = MEMBER.key(new.tenant_id, new.user_id)
    old = await tx.get(key)
    record = memberships_pb2.MemberRecord.FromString(old or b"")
    if not new.in_self_tenant:
        if old is None:
            tx.add(MEMBER_COUNT.key(new.tenant_id), 1)
        else:
            tx.clear(_role_key(_member(record)))
            tx.clear(_email_key(_member(record)))
        if new.role > Role.MEMBER:
            tx.set(_role_key(new), b"")
        if new.profile.normalized_email:
            tx.set(_email_key(new), new.user_id.bytes)
    _fill_member(record, new)
    tx.set(key, record.SerializeToString())
    tx.set(MEMBER_BY_USER.key(new.user_id, new.tenant_id), b"")


async def clear_member(tx: Write, tenant_id: UUID, user_id: UUID) -> None:
    """Removes a membership in an organization and all that `put_member` wrote."""
    old = await member(tx, tenant_id, user_id)
    tx.clear(MEMBER.key(tenant_id, user_id))
    tx.clear(MEMBER_BY_USER.key(user_id, tenant_id))
    if old is None:
        return
    tx.clear(_role_key(old))
    tx.add(MEMBER_COUNT.key(tenant_id), -1)
    email = _email_key(old)
    # The address may be another's by now, who has it since this one's account was deleted.
    if old.profile.normalized_email and await tx.get(email) == user_id.bytes:
        tx.clear(email)


async def is_deleted(tx: Read, user_id: UUID) -> bool:
    """Whether the user was deleted not long ago."""
    return await DELETED_USERS.has(tx, user_id)


async def _memberships(tx: Read, tenant_ids: Sequence[UUID], user_id: UUID) -> list[Membership]:
    """Those of the tenants that the user is a member of."""
    wanted = [TENANT.key(tenant_id) for tenant_id in tenant_ids]
    wanted += [MEMBER.key(tenant_id, user_id) for tenant_id in tenant_ids]
    values = await tx.get_many(wanted)
    tenants, members = values[: len(tenant_ids)], values[len(tenant_ids) :]
    return [
        _membership(tenant, member)
        for tenant, member in zip(tenants, members, strict=True)
        if tenant is not None and member is not None
    ]


def _membership(tenant: bytes, member: bytes) -> Membership:
    found = _tenant(memberships_pb2.TenantRecord.FromString(tenant))
    return Membership(found, _parse_member(member))


def _role_key(of: Member) -> bytes:
    return MEMBER_BY_ROLE.key(of.tenant_id, int(of.role), milliseconds(of.join_time), of.user_id)


def _email_key(of: Member) -> bytes:
    return MEMBER_BY_EMAIL.key(of.tenant_id, of.profile.normalized_email)


def _fill_tenant(record: memberships_pb2.TenantRecord, new: Tenant) -> None:
    record.tenant_id = str(new.tenant_id)
    record.name = new.name
    record.slug = new.slug
    record.kind = new.kind
    record.state = new.state
    record.create_time.CopyFrom(timestamp(new.create_time))


def _fill_member(record: memberships_pb2.MemberRecord, new: Member) -> None:
    record.tenant_id = str(new.tenant_id)
    record.user_id = str(new.user_id)
    record.role = str(new.role)
    record.join_time.CopyFrom(timestamp(new.join_time))
    record.email = new.profile.email
    record.normalized_email = new.profile.normalized_email
    record.display_name = new.profile.display_name
    record.profile_revision = new.profile.revision


def _tenant(record: memberships_pb2.TenantRecord) -> Tenant:
    return Tenant(
        tenant_id=UUID(record.tenant_id),
        name=record.name,
        slug=record.slug,
        kind=record.kind,
        state=record.state,
        create_time=datetime_of(record.create_time),
    )


def _member(record: memberships_pb2.MemberRecord) -> Member:
    return Member(
        tenant_id=UUID(record.tenant_id),
        user_id=UUID(record.user_id),
        role=Role.parse(record.role),
        join_time=datetime_of(record.join_time),
        profile=Profile(
            record.email, record.normalized_email, record.display_name, record.profile_revision
        ),
    )


def _parse_member(value: bytes) -> Member:
    return _member(memberships_pb2.MemberRecord.FromString(value))


def _pack_member(packed: Member) -> bytes:
    record = memberships_pb2.MemberRecord()
    _fill_member(record, packed)
    return record.SerializeToString()


def _pack_membership(packed: Membership) -> bytes:
    record = memberships_pb2.MembershipRecord()
    _fill_tenant(record.tenant, packed.tenant)
    _fill_member(record.member, packed.member)
    return record.SerializeToString()


def _parse_membership(value: bytes) -> Membership:
    record = memberships_pb2.MembershipRecord.FromString(value)
    return Membership(_tenant(record.tenant), _member(record.member))


MEMBER_ANSWER = Answer(_pack_member, _parse_member)
"""How a member is kept as the answer for repeats."""
MEMBERSHIP_ANSWER = Answer(_pack_membership, _parse_membership)
"""How a tenant as a member sees it is kept as the answer for repeats."""
