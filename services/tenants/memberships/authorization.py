"""The one place that says who may do something in a tenant.

The contract says beside each method which role it needs; a `Call` carries that. The caller's role
comes from the store, in the transaction that makes the change. A token may be older than the role:
the smaller of the two roles counts. So does the policy of the tenant, which may ask for a second
factor: whether the caller has shown one is in the token.
"""

from typing import NamedTuple

from kernel.errors import RoleMissing, TenantNotActive, TenantNotFound, TenantSuspended
from kernel.identity.assurance import require_assurance
from kernel.identity.callers import Assurance, Call, Role
from kernel.storage import Read
from services.tenants.memberships import repository
from services.tenants.memberships.errors import SelfTenantImmutable
from services.tenants.memberships.model import ORGANIZATION, SUSPENDED, Member, Tenant


class Authorization(NamedTuple):
    """What the caller may do in the tenant."""

    tenant: Tenant
    member: Member
    """The caller, as the store has it."""
    role: Role
    """The smaller one of the store's and the token's."""
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
    """
    found = await repository.membership(tx, call.tenant_id, call.caller.user_id)
    if found is None:
        raise TenantNotFound
    if call.caller.tenant_id != call.tenant_id:
        raise TenantNotActive
    role = min(found.member.role, call.caller.role)
    require_open(found.tenant, role if while_suspended else None)
    authorization = Authorization(found.tenant, found.member, role, call.others_least_role)
    authorization.require(call.least_role)
    if found.tenant.policy.second_factor_required and not with_one_factor:
        require_assurance(call.caller, Assurance.AAL2)
    return authorization


def require_open(tenant: Tenant, role: Role | None) -> None:
    """Raises `TenantSuspended` if the tenant is suspended, unless the role is an owner's."""
    if tenant.state == SUSPENDED and role != Role.OWNER:
        raise TenantSuspended
