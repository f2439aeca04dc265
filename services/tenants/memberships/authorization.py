"""The one place that says who may do something in a tenant.

The contract says beside each method which role it needs; a `Call` carries that. The caller's role
comes from the store, in the transaction that makes the change. A token may be older than the role:
the smaller of the two roles counts. So does the policy of the tenant, which may ask for a second
factor: whether the caller has shown one is in the token.

A service account is not a member. It belongs to one tenant, and its role is that of its token; a
smaller role, and the end of the account, revoke its tokens.
"""

from typing import NamedTuple

from kernel.errors import (
    AccessTokenRevoked,
    RoleMissing,
    TenantNotActive,
    TenantNotFound,
    TenantSuspended,
)
from kernel.identity.assurance import require_assurance
from kernel.identity.callers import Assurance, Call, Role
from kernel.storage import Read
from services.tenants.memberships import repository
from services.tenants.memberships.errors import SelfTenantImmutable
from services.tenants.memberships.model import (
    ORGANIZATION,
    SUSPENDED,
    Member,
    Membership,
    Tenant,
)


class Authorization(NamedTuple):
    """What the caller may do in the tenant."""

    tenant: Tenant
    member: Member
    """The caller, as the store has it; of a service account, what its token says."""
    role: Role
    """The smaller one of the store's and the token's; a service account's is the token's."""
    others_least_role: Role | None
    """The least role that may manage what belongs to others; None if no role may."""

    @property
    def may_manage_others(self) -> bool:
        """Whether the role may manage what belongs to others."""
        return self.others_least_role is not None and self.role >= self.others_least_role

    def require(self, least: Role) -> None:
        """Raises `RoleMissing` if the role is below `least`."""
        if self.role < least:
            raise RoleMissing

    def require_organization(self) -> None:
        """Raises `SelfTenantImmutable` if the tenant is a self-tenant."""
        if self.tenant.kind != ORGANIZATION:
            raise SelfTenantImmutable


async def authorize(
    tx: Read, call: Call, *, while_suspended: bool = False, with_one_factor: bool = False
) -> Authorization:
    """Checks that the caller may do in the tenant what the call asks for.

    Args:
        tx: The transaction in which it is done.
        call: The call, with its tenant and the role that its method needs there.
        while_suspended: Whether owners may do it in a suspended tenant.
        with_one_factor: Whether it may be done without the second factor that the tenant asks for.

    Raises:
        TenantNotFound: There is no such tenant, or the caller is not a member of it.
        TenantNotActive: The caller's token is for another tenant.
        TenantSuspended: The tenant is suspended.
        RoleMissing: The caller's role is too low.
        SecondFactorRequired: The tenant asks for a second factor, and the caller has not shown one.
        AccessTokenRevoked: A program calls, and the tenant has ceased to allow programs.
    """
    caller = call.caller
    found = await (_service_account if caller.is_service_account else _membership)(tx, call)
    if found is None:
        raise TenantNotFound
    if caller.tenant_id != call.tenant_id:
        raise TenantNotActive
    policy = found.tenant.policy
    if caller.is_program and not policy.programs_allowed:
        raise AccessTokenRevoked  # the notice to auth, which refuses the token, is on its way
    role = min(found.member.role, caller.role)
    require_open(found.tenant, role if while_suspended else None)
    authorization = Authorization(found.tenant, found.member, role, call.others_least_role)
    authorization.require(call.least_role)
    if policy.second_factor_required and not (with_one_factor or caller.is_service_account):
        require_assurance(caller, Assurance.AAL2)
    return authorization


async def _membership(tx: Read, call: Call) -> Membership | None:
    return await repository.membership(tx, call.tenant_id, call.caller.user_id)


async def _service_account(tx: Read, call: Call) -> Membership | None:
    """The tenant of a service account, as if the account were a member; another one is not found."""
    caller = call.caller
    tenant = await repository.ALL_TENANTS.get(tx, call.tenant_id)
    if tenant is None or caller.tenant_id != call.tenant_id:
        return None
    return Membership(
        tenant, Member(call.tenant_id, caller.user_id, caller.role, tenant.create_time)
    )


def require_open(tenant: Tenant, role: Role | None) -> None:
    """Raises `TenantSuspended` if the tenant is suspended, unless the role is an owner's."""
    if tenant.state == SUSPENDED and role != Role.OWNER:
        raise TenantSuspended
