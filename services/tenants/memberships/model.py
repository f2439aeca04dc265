"""Tenants, members and memberships, as values."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel import self_tenant as self_tenants
from kernel.emails import domain_of
from kernel.identity.callers import Role

SLUG_CHARACTERS = 40

ORGANIZATION = "organization"
ACTIVE, SUSPENDED = self_tenants.ACTIVE, "suspended"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a tenant asks of its members and their logins; by default nothing."""

    second_factor_required: bool = False
    """Whether members act in the tenant only with a second factor."""
    email_domains: tuple[str, ...] = ()
    """The domains of the addresses with which a user can become a member; empty for any domain."""
    login_idle_seconds: int = 0
    """After how long without a refresh a login in the tenant ends; 0 for no limit."""
    login_life_seconds: int = 0
    """The maximum life of a login in the tenant; 0 for no limit."""
    programs_allowed: bool = True
    """Whether programs get access tokens for the tenant, and not only the logins of members."""
    max_token_days: int = 0
    """How long a personal access token or a key is good in the tenant at most; 0 for no limit."""

    def allows(self, normalized_email: str) -> bool:
        """Whether a user with that address can become a member. A subdomain is another domain."""
        return not self.email_domains or domain_of(normalized_email) in self.email_domains


@dataclass(frozen=True, slots=True)
class Tenant:
    """A place that users belong to."""

    tenant_id: UUID
    name: str
    slug: str
    kind: str
    """`self` for a self-tenant, `organization` for a shared one."""
    state: str
    """`active` or `suspended`."""
    create_time: datetime
    policy: Policy = Policy()
    suspended_by_operator: bool = False
    """Whether an operator has suspended it: no owner can resume or delete it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The profile of a user, as auth keeps it."""

    email: str
    normalized_email: str
    """The form in which two spellings of the address are the same."""
    display_name: str
    revision: int = 0
    """Counts the changes of name and address."""


class UserProfile(NamedTuple):
    """The profile of a user, and whether the address in it is proved."""

    profile: Profile
    email_verified: bool
    """Whether the user has proved that the address is theirs."""

    def has_proved(self, normalized_email: str) -> bool:
        """Whether the user has proved that address."""
        return self.email_verified and self.profile.normalized_email == normalized_email


def full_name(first_name: str, last_name: str) -> str:
    """The name of a user in lists."""
    return f"{first_name} {last_name}".strip()


UNKNOWN = Profile("", "", "")
"""The profile in a self-tenant, where it is not stored."""


@dataclass(frozen=True, slots=True)
class RolePromise:
    """The role of an invitation, which a member gets on proving the invited address."""

    role: Role
    normalized_email: str
    """The invited address."""
    inviter_id: UUID
    """The user who must still be able to give the role by then."""
    invitation_id: UUID


@dataclass(frozen=True, slots=True)
class Member:
    """A user in a tenant."""

    tenant_id: UUID
    user_id: UUID
    role: Role
    join_time: datetime
    profile: Profile = UNKNOWN
    promise: RolePromise | None = None
    """None unless a larger role waits for a proof."""

    def with_role(self, role: Role) -> "Member":
        """The member with a role that was given otherwise; it takes the place of a promised one."""
        return replace(self, role=role, promise=None)

    def may_invite(self, role: Role) -> bool:
        """Whether the member may give that role by an invitation."""
        return self.role >= max(Role.ADMIN, role)

    @property
    def in_self_tenant(self) -> bool:
        """Whether it is the user's self-tenant, which has no other member."""
        return self.tenant_id == self_tenants.self_tenant_id(self.user_id)


@dataclass(frozen=True, slots=True)
class Membership:
    """A tenant together with a member of it: the tenant as that user sees it."""

    tenant: Tenant
    member: Member

    @classmethod
    def self_tenant(cls, user_id: UUID, create_time: datetime) -> "Membership":
        """The self-tenant of a user, with the user as its owner."""
        tenant_id = self_tenants.self_tenant_id(user_id)
        tenant = Tenant(
            tenant_id=tenant_id,
            name=self_tenants.NAME,
            slug=self_tenants.slug(tenant_id),
            kind=self_tenants.KIND,
            state=ACTIVE,
            create_time=create_time,
        )
        return cls(tenant, Member(tenant_id, user_id, Role.OWNER, create_time))


class TenantAt(NamedTuple):
    """A tenant, and its epoch when it was read."""

    tenant: Tenant
    tenant_epoch: int
    """The number of access revocations in the tenant until then."""


class MembershipAt(NamedTuple):
    """A membership, and the tenant's epoch when it was read."""

    membership: Membership
    tenant_epoch: int
    """The number of access revocations in the tenant until then."""
