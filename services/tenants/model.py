"""The things that tenants knows, as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel import self_tenant
from kernel.identity.callers import Role


@dataclass(frozen=True, slots=True)
class Tenant:
    """A place that users belong to."""

    tenant_id: UUID
    name: str
    slug: str
    kind: str
    """`self` for a user's own, `organisation` for a shared one."""
    state: str
    """`active` or `suspended`."""
    create_time: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """That a user belongs to a tenant."""

    tenant_id: UUID
    user_id: UUID
    role: Role
    join_time: datetime


@dataclass(frozen=True, slots=True)
class Membership:
    """A tenant together with a member of it: the tenant as that user sees it."""

    tenant: Tenant
    member: Member

    @classmethod
    def own(cls, user_id: UUID, create_time: datetime) -> "Membership":
        """The self-tenant of a user, with the user as its owner."""
        tenant_id = self_tenant.self_tenant_id(user_id)
        tenant = Tenant(
            tenant_id=tenant_id,
            name=self_tenant.NAME,
            slug=self_tenant.slug(tenant_id),
            kind=self_tenant.KIND,
            state=self_tenant.ACTIVE,
            create_time=create_time,
        )
        return cls(tenant, Member(tenant_id, user_id, Role.OWNER, create_time))


@dataclass(frozen=True, slots=True)
class MembershipPage:
    """A piece of a list."""

    memberships: Sequence[Membership]
    last_key: bytes | None
    """Behind which the next piece begins; None if there is none."""
