"""Tenants and members as messages."""

from coditect.tenants.internal.v1 import tenants_pb2 as internal_pb2
from coditect.tenants.v5 import members_pb2, tenants_pb2
from kernel.clock import timestamp
from services.tenants.memberships.model import Member, Membership, MembershipAt, TenantAt


def tenant(membership: Membership) -> tenants_pb2.Tenant:
    """A tenant as one of its members sees it."""
    found = membership.tenant
    return tenants_pb2.Tenant(
        tenant_id=str(found.tenant_id),
        name=found.name,
        slug=found.slug,
        kind=found.kind,
        role=str(membership.member.role),
        state=found.state,
        create_time=timestamp(found.create_time),
        promised_role=_promised(membership.member),
    )


def member(found: Member) -> members_pb2.Member:
    """A member as other members see it."""
    return members_pb2.Member(
        user_id=str(found.user_id),
        email=found.profile.email,
        display_name=found.profile.display_name,
        role=str(found.role),
        join_time=timestamp(found.join_time),
        promised_role=_promised(found),
    )


def membership(found: MembershipAt) -> internal_pb2.GetMembershipResponse:
    """A tenant as one of its members sees it, with the tenant's epoch and what it asks of logins."""
    tenant, member = found.membership.tenant, found.membership.member
    return internal_pb2.GetMembershipResponse(
        tenant_id=str(tenant.tenant_id),
        name=tenant.name,
        slug=tenant.slug,
        kind=tenant.kind,
        role=str(member.role),
        state=tenant.state,
        create_time=timestamp(tenant.create_time),
        tenant_epoch=found.tenant_epoch,
        second_factor_required=tenant.policy.second_factor_required,
        login_idle_seconds=tenant.policy.login_idle_seconds,
        login_life_seconds=tenant.policy.login_life_seconds,
        programs_allowed=tenant.policy.programs_allowed,
        longest_token_days=tenant.policy.max_token_days,
    )


def tenant_state(found: TenantAt) -> internal_pb2.GetTenantStateResponse:
    """The state of a tenant, and what it asks of programs."""
    return internal_pb2.GetTenantStateResponse(
        kind=found.tenant.kind,
        state=found.tenant.state,
        tenant_epoch=found.tenant_epoch,
        programs_allowed=found.tenant.policy.programs_allowed,
        longest_token_days=found.tenant.policy.max_token_days,
    )


def tenant_of_user(found: Membership) -> internal_pb2.TenantOfUser:
    """A tenant among which a user chooses."""
    tenant = found.tenant
    return internal_pb2.TenantOfUser(
        tenant_id=str(tenant.tenant_id), name=tenant.name, kind=tenant.kind
    )


def _promised(member: Member) -> str | None:
    return None if member.promise is None else str(member.promise.role)
