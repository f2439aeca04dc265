"""The import of self-tenants, organizations and memberships: what lines must be, and what they write.

What is there already stays as it is: a line about it writes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from kernel.clock import Clock
from kernel.fields import Fields
from kernel.identity.callers import Role
from kernel.import_lines import checked_time
from kernel.refusals import refusal
from kernel.storage import Read, Write
from services.tenants.audit import repository as audit
from services.tenants.audit.model import AuditEntry
from services.tenants.importing.lines import MembershipLine, OrganizationLine, PolicyLine
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import (
    ACTIVE,
    ORGANIZATION,
    SUSPENDED,
    Member,
    Membership,
    Policy,
    Profile,
    Tenant,
)
from services.tenants.memberships.self_tenant import put_self_tenant
from services.tenants.organizations.slugs import check_slug, slugs_for
from services.tenants.policies.limits import checked
from services.tenants.policies.model import PolicyUpdate

_NAME_CHARACTERS = 100
_NAMESPACE = UUID("5b0f2a5e-6d0c-4f0e-9a55-1d6b7d0c9a17")
"""Of the ids of organizations whose lines have none."""


@dataclass(frozen=True, slots=True)
class NewOrganization:
    """An organization of a line that has been checked."""

    tenant: Tenant
    slugs: list[str]
    """The slugs that it may get, the best first; one, if the line says it."""
    owner_join_time: datetime
    """When its owner became a member."""
    time: datetime
    """The time of the import."""


class NewMembership(NamedTuple):
    """A membership of a line that has been checked; what it refers to is looked up later."""

    role: Role
    join_time: datetime
    time: datetime


class Limits(NamedTuple):
    """The limits of tenants."""

    tenants_per_user: int
    members_per_tenant: int


class ImportOrganizations:
    """The use cases of an import of organizations."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self._clock = clock
        self._limits = limits

    def prepare(self, line: OrganizationLine) -> NewOrganization:
        """Checks a line without the store. Raises `InvalidRequest`."""
        fields, now = Fields(), self._clock.now()
        name = fields.text("name", line.name, min_length=1, max_length=_NAME_CHARACTERS)
        tenant_id = _tenant_id(fields, line)
        if line.slug is not None:
            check_slug(fields, line.slug)
        if (line.owner_id is None) == (line.owner_email is None):
            fields.refuse("ownerId", "REQUIRED", "Name the owner by `ownerId` or `ownerEmail`.")
        tenant = Tenant(
            tenant_id=tenant_id,
            name=name,
            slug=line.slug or "",
            kind=ORGANIZATION,
            state=SUSPENDED if line.suspended or line.suspended_by_operator else ACTIVE,
            suspended_by_operator=line.suspended_by_operator,
            create_time=checked_time(fields, "createTime", line.create_time, now),
            policy=_policy(fields, line.policy),
        )
        joined = tenant.create_time
        if line.owner_join_time is not None:
            joined = checked_time(fields, "ownerJoinTime", line.owner_join_time, now)
        fields.check()
        slugs = slugs_for(name, tenant_id) if line.slug is None else [line.slug]
        return NewOrganization(tenant, slugs, joined, now)

    def prepare_membership(self, line: MembershipLine) -> NewMembership:
        """Checks a line without what it refers to. Raises `InvalidRequest`."""
        fields, now = Fields(), self._clock.now()
        joined = checked_time(fields, "createTime", line.create_time, now)
        fields.check()
        return NewMembership(Role.parse(line.role), joined, now)

    async def put(self, tx: Write, new: NewOrganization, owner_id: UUID, owner: Profile) -> bool:
        """Stores an organization with its owner, unless it is there; returns whether it was not.

        Writes nothing if it raises `InvalidRequest`.
        """
        tenant_id = new.tenant.tenant_id
        found = await memberships.ALL_TENANTS.get(tx, tenant_id)
        if found is not None:
            if found.kind != ORGANIZATION:
                raise refusal("id", "ID_TAKEN", "A self-tenant has this id.")
            return False
        if await tx.get(memberships.DELETED_TENANT.key(tenant_id)) is not None:
            raise refusal("id", "DELETED", "The organization was deleted not long ago.")
        slug = await _free(tx, new.slugs)
        await self._check_user(tx, owner_id, "ownerId")
        await memberships.ALL_TENANTS.put(tx, _with_slug(new.tenant, slug))
        member = Member(tenant_id, owner_id, Role.OWNER, new.owner_join_time, owner)
        await memberships.MEMBERS.put(tx, member)
        audit.append(tx, tenant_id, AuditEntry.unsigned(new.time, "tenant.imported"))
        return True

    async def put_membership(
        self, tx: Write, new: NewMembership, tenant_id: UUID, user_id: UUID, profile: Profile
    ) -> bool:
        """Stores a membership, unless the user is a member; returns whether the user was none.

        Writes nothing if it raises `InvalidRequest`.
        """
        tenant = await memberships.ALL_TENANTS.get(tx, tenant_id)
        if tenant is None or tenant.kind != ORGANIZATION:
            raise refusal("organizationId", "NOT_FOUND", "Is no organization.")
        if await memberships.MEMBERS.get(tx, tenant_id, user_id) is not None:
            return False
        await self._check_user(tx, user_id, "userId")
        if await memberships.member_count(tx, tenant_id) >= self._limits.members_per_tenant:
            raise refusal("organizationId", "MEMBER_LIMIT_REACHED", "Has too many members.")
        member = Member(tenant_id, user_id, new.role, new.join_time, profile)
        await memberships.MEMBERS.put(tx, member)
        entry = AuditEntry.unsigned(new.time, "member.imported", user_id, str(new.role))
        audit.append(tx, tenant_id, entry)
        return True

    async def _check_user(self, tx: Read, user_id: UUID, field: str) -> None:
        count = await memberships.organization_count(tx, user_id)
        if count >= self._limits.tenants_per_user:
            raise refusal(field, "TENANT_LIMIT_REACHED", "Is in too many organizations.")


def keys_of_own_tenant(user_id: UUID) -> list[bytes]:
    """The keys that the two functions below read."""
    return memberships.keys_of_self_tenant(user_id)


async def require_not_deleted(tx: Read, user_id: UUID) -> None:
    """Raises `InvalidRequest` if a user with that id was deleted not long ago."""
    if await memberships.is_deleted(tx, user_id):
        raise refusal("id", "DELETED", "A user with this id was deleted not long ago.")


async def put_own_tenant(tx: Write, user_id: UUID, create_time: datetime) -> None:
    """Stores the self-tenant of a new user, in the transaction that stores the user."""
    await put_self_tenant(tx, Membership.self_tenant(user_id, create_time))


async def _free(tx: Read, slugs: list[str]) -> str:
    for slug in slugs:
        if not await memberships.slug_is_taken(tx, slug):
            return slug
    raise refusal("slug", "SLUG_TAKEN", "Another organization has this slug.")


def _with_slug(tenant: Tenant, slug: str) -> Tenant:
    return tenant if tenant.slug == slug else replace(tenant, slug=slug)


def _tenant_id(fields: Fields, line: OrganizationLine) -> UUID:
    """The id of the line, or one that a repeat of the line has, too."""
    if line.id is not None:
        return line.id
    if line.external_id is not None:
        return uuid5(_NAMESPACE, f"external-id-{line.external_id}")
    if line.slug is None:
        fields.refuse("id", "REQUIRED", "Give an `id`, `externalId` or `slug`.")
    return uuid5(_NAMESPACE, f"slug-{line.slug}")


def _policy(fields: Fields, line: PolicyLine) -> Policy:
    given = checked(
        fields,
        PolicyUpdate(
            email_domains=line.email_domains,
            login_idle_seconds=line.login_idle_seconds,
            login_life_seconds=line.login_life_seconds,
            max_token_days=line.max_token_days,
        ),
    )
    return Policy(
        second_factor_required=line.second_factor_required,
        email_domains=given.email_domains or (),
        login_idle_seconds=line.login_idle_seconds,
        login_life_seconds=line.login_life_seconds,
        programs_allowed=line.programs_allowed,
        max_token_days=line.max_token_days,
    )
