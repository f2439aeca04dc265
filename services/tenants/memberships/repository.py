"""How tenants and their members are stored: records, and the indexes that find and count them.

A table writes a record with all its index rows; fields that a newer version has added to a record
survive a write by this one.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from coditect.tenants.records.v1 import memberships_pb2
from kernel.clock import datetime_of, timestamp
from kernel.emails import NORMALIZED_EMAIL_BYTES
from kernel.identity.callers import Role
from kernel.self_tenant import self_tenant_id
from kernel.storage import RANGE_ROWS, Read, Write, counted
from kernel.storage.families import EMPTY, Family, Part, record, text, time, uuid
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.paging import Page, filled, page
from kernel.storage.recipes.table import Table
from kernel.storage.recipes.tombstones import Tombstones
from services.tenants.keys import TENANTS
from services.tenants.memberships.model import (
    ORGANIZATION,
    SLUG_CHARACTERS,
    Member,
    Membership,
    MembershipAt,
    Policy,
    Profile,
    RolePromise,
    Tenant,
    TenantAt,
)
from services.tenants.revocations import repository as revocations


def _fill_tenant(record: memberships_pb2.TenantRecord, new: Tenant) -> None:
    record.tenant_id = str(new.tenant_id)
    record.name = new.name
    record.slug = new.slug
    record.kind = new.kind
    record.state = new.state
    record.suspended_by_operator = new.suspended_by_operator
    record.create_time.CopyFrom(timestamp(new.create_time))
    if record.HasField("policy") or new.policy != Policy():
        _fill_policy(record.policy, new.policy)


def _fill_policy(record: memberships_pb2.TenantPolicy, new: Policy) -> None:
    record.second_factor_required = new.second_factor_required
    record.email_domains[:] = new.email_domains
    record.login_idle_seconds = new.login_idle_seconds
    record.login_life_seconds = new.login_life_seconds
    record.programs_denied = not new.programs_allowed
    record.max_token_days = new.max_token_days


def _tenant(record: memberships_pb2.TenantRecord) -> Tenant:
    return Tenant(
        tenant_id=UUID(record.tenant_id),
        name=record.name,
        slug=record.slug,
        kind=record.kind,
        state=record.state,
        create_time=datetime_of(record.create_time),
        policy=_policy(record.policy),
        suspended_by_operator=record.suspended_by_operator,
    )


def _policy(record: memberships_pb2.TenantPolicy) -> Policy:
    return Policy(
        second_factor_required=record.second_factor_required,
        email_domains=tuple(record.email_domains),
        login_idle_seconds=record.login_idle_seconds,
        login_life_seconds=record.login_life_seconds,
        programs_allowed=not record.programs_denied,
        max_token_days=record.max_token_days,
    )


def _fill_member(record: memberships_pb2.MemberRecord, new: Member) -> None:
    record.tenant_id = str(new.tenant_id)
    record.user_id = str(new.user_id)
    record.role = str(new.role)
    record.join_time.CopyFrom(timestamp(new.join_time))
    record.email = new.profile.email
    record.normalized_email = new.profile.normalized_email
    record.display_name = new.profile.display_name
    record.profile_revision = new.profile.revision
    record.ClearField("promise")
    if new.promise is not None:
        record.promise.role = str(new.promise.role)
        record.promise.normalized_email = new.promise.normalized_email
        record.promise.inviter_id = str(new.promise.inviter_id)
        record.promise.invitation_id = str(new.promise.invitation_id)


def _member(record: memberships_pb2.MemberRecord) -> Member:
    return Member(
        tenant_id=UUID(record.tenant_id),
        user_id=UUID(record.user_id),
        role=Role.parse(record.role),
        join_time=datetime_of(record.join_time),
        profile=Profile(
            record.email, record.normalized_email, record.display_name, record.profile_revision
        ),
        promise=_promise(record.promise) if record.HasField("promise") else None,
    )


def _promise(record: memberships_pb2.RolePromise) -> RolePromise:
    return RolePromise(
        role=Role.parse(record.role),
        normalized_email=record.normalized_email,
        inviter_id=UUID(record.inviter_id),
        invitation_id=UUID(record.invitation_id),
    )


def _role_keys(member: Member) -> list[tuple[UUID, int, int, UUID]]:
    if member.role == Role.MEMBER or member.in_self_tenant:
        return []
    joined = milliseconds(member.join_time)
    return [(member.tenant_id, int(member.role), joined, member.user_id)]


def _email_keys(member: Member) -> list[tuple[UUID, str]]:
    email = member.profile.normalized_email
    return [(member.tenant_id, email)] if email and not member.in_self_tenant else []


def _promise_keys(member: Member) -> list[tuple[UUID, UUID, UUID]]:
    if member.promise is None:
        return []
    return [(member.promise.inviter_id, member.tenant_id, member.user_id)]


TENANT = Family[UUID](
    TENANTS["tenant"],
    uuid("tenant_id"),
    # Most of it is for a policy with 100 domains of 253 bytes.
    value=record("coditect.tenants.records.v1.TenantRecord", 27_000),
    life="a self-tenant: as its user; an organization: until it is deleted",
)
ALL_TENANTS = Table(
    TENANT,
    memberships_pb2.TenantRecord,
    key=lambda tenant: (tenant.tenant_id,),
    fill=_fill_tenant,
    parse=_tenant,
)
"""Self-tenants and organizations."""
SLUG = ALL_TENANTS.index(
    TENANTS["slug"],
    text("slug", SLUG_CHARACTERS),
    keys=lambda tenant: [(tenant.slug,)] if tenant.kind == ORGANIZATION else [],
    life="as the organization; a self-tenant has none",
)
MEMBER = Family[UUID, UUID](
    TENANTS["member"],
    uuid("tenant_id"),
    uuid("user_id"),
    # The longest: two spellings of an address, two names of 100 characters of 4 bytes, and the
    # address of a promise.
    value=record("coditect.tenants.records.v1.MemberRecord", 2_200),
    life="as the tenant and the user, or until the user leaves",
)
MEMBERS = Table(
    MEMBER,
    memberships_pb2.MemberRecord,
    key=lambda member: (member.tenant_id, member.user_id),
    fill=_fill_member,
    parse=_member,
)
"""The members of all tenants. In a self-tenant they are not counted, and found only by the user."""
MEMBER_BY_USER = MEMBERS.index(
    TENANTS["member_by_user"],
    uuid("user_id"),
    uuid("tenant_id"),
    keys=lambda member: [(member.user_id, member.tenant_id)],
    life="as the membership",
)
# With role and time in the key, so that the owners, and the admins, are next to each other in the
# order in which they became members.
MEMBER_BY_ROLE = MEMBERS.index(
    TENANTS["member_by_role"],
    uuid("tenant_id"),
    Part("role", int, 2),
    time("join_time"),
    uuid("user_id"),
    keys=_role_keys,
    life="as a membership in an organization, while it is an owner's or admin's",
)
# Once an account is deleted, a new account can have its address, and be a member with it before the
# membership of the deleted one is removed.
MEMBER_BY_EMAIL = MEMBERS.index(
    TENANTS["member_by_email"],
    uuid("tenant_id"),
    text("normalized_email", NORMALIZED_EMAIL_BYTES),
    keys=_email_keys,
    life="as the membership in an organization",
    reassignable=True,
)
# For the deletion of an inviter's account.
MEMBER_BY_PROMISER = MEMBERS.index(
    TENANTS["member_by_promiser"],
    uuid("inviter_id"),
    uuid("tenant_id"),
    uuid("user_id"),
    keys=_promise_keys,
    life="until the member proves the address or gets a role otherwise, at most as the membership",
)
MEMBER_COUNT = MEMBERS.count(
    TENANTS["member_count"],
    uuid("tenant_id"),
    keys=lambda member: [] if member.in_self_tenant else [(member.tenant_id,)],
    life="as the organization",
    checked_at_once=1,  # a store may not manage to read more than one large organization at once
)
DELETED_TENANT = Family[UUID](
    TENANTS["deleted_tenant"],
    uuid("tenant_id"),
    value=EMPTY,
    life="until all rows of the deleted organization are removed",
)
DELETED_USERS = Tombstones(TENANTS["deleted_user"], "user_id")
"""Users deleted recently: nothing is made for them."""


def keys_of_self_tenant(user_id: UUID) -> list[bytes]:
    """The keys that a write of the self-tenant of a new user reads."""
    tenant_id = self_tenant_id(user_id)
    return [
        DELETED_USERS.key(user_id),
        TENANT.key(tenant_id),
        MEMBER.key(tenant_id, user_id),
    ]


async def membership(tx: Read, tenant_id: UUID, user_id: UUID) -> Membership | None:
    """The tenant of that id with the user as its member, if the user is one."""
    found = await _memberships(tx, [tenant_id], user_id)
    return found[0] if found else None


async def membership_at(tx: Read, tenant_id: UUID, user_id: UUID) -> MembershipAt | None:
    """The tenant of that id with the user as its member, and the tenant's epoch."""
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


async def tenant_at(tx: Read, tenant_id: UUID) -> TenantAt | None:
    """The tenant of that id, and its epoch."""
    tenant, epoch = await tx.get_many([TENANT.key(tenant_id), revocations.EPOCH.key(tenant_id)])
    return None if tenant is None else TenantAt(ALL_TENANTS.parse(tenant), counted(epoch))


async def memberships(
    tx: Read, user_id: UUID, *, after: bytes | None, limit: int
) -> Page[Membership]:
    """The tenants of a user in the order of their ids, at most `limit` of them.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    begin, end = MEMBER_BY_USER.range(user_id)

    async def read(last_key: bytes | None, rows: int) -> Page[Membership]:
        found = await page(tx, begin, end, after=last_key, limit=rows)
        tenant_ids = [MEMBER_BY_USER.unpack(key)[-1] for key, _ in found.items]
        # Those of deleted organizations, which the sweeper has yet to remove, are left out.
        return Page(await _memberships(tx, tenant_ids, user_id), found.last_key)

    return await filled(read, after=after, limit=limit)


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
    # Memberships in a deleted organization may not be removed yet.
    values = await tx.get_many([TENANT.key(tenant_id) for tenant_id in shared])
    return sum(value is not None for value in values)


async def clear_promises_of_inviter(tx: Write, inviter_id: UUID, limit: int) -> int:
    """Takes back the roles that a user has promised to members, `limit` at most; says how many."""
    rows = await tx.get_range(*MEMBER_BY_PROMISER.range(inviter_id), limit=limit)
    found = [MEMBER_BY_PROMISER.unpack(key)[1:] for key, _ in rows]
    for member in await MEMBERS.get_many(tx, found):
        await MEMBERS.put(tx, replace(member, promise=None))
    return len(rows)


async def has_email(tx: Read, tenant_id: UUID, normalized_email: str) -> bool:
    """Whether a member of the organization has that email address."""
    return await tx.get(MEMBER_BY_EMAIL.key(tenant_id, normalized_email)) is not None


async def slug_is_taken(tx: Read, slug: str) -> bool:
    """Whether an organization has that slug."""
    return await tx.get(SLUG.key(slug)) is not None


async def is_deleted(tx: Read, user_id: UUID) -> bool:
    """Whether the user was deleted not long ago."""
    return await DELETED_USERS.has(tx, user_id)


async def organizations(tx: Read, *, after: bytes | None, limit: int) -> Page[Tenant]:
    """All organizations in the order of their slugs, at most `limit` of them.

    Raises `PageTokenInvalid` if the key `after` is not of this list.
    """
    found = await page(tx, *SLUG.range(), after=after, limit=limit)
    keys = [ALL_TENANTS.leads_to(SLUG, *row) for row in found.items]
    return Page(await ALL_TENANTS.get_many(tx, keys), found.last_key)


async def has_members(tx: Read, tenant_id: UUID) -> bool:
    """Whether a tenant has any member. One that an operator has suspended can have lost its last one."""
    return bool(await tx.get_range(*MEMBER.range(tenant_id), limit=1))


async def clear_organization(tx: Write, old: Tenant) -> None:
    """Removes an organization; what belongs to it is removed later, see organizations/purge.py."""
    await ALL_TENANTS.clear(tx, old)
    tx.set(DELETED_TENANT.key(old.tenant_id), b"")


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
    return Membership(ALL_TENANTS.parse(tenant), MEMBERS.parse(member))
