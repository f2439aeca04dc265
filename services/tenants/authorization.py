"""The one place that says who may do something in a tenant.

What a call needs stands beside its method in the contract and comes as a `TenantCall`; what the
caller is comes from the store, in the transaction that does the thing. A token may be older than
the role: it never gives more than the store, and the store never more than the token.
"""

from typing import NamedTuple

from kernel.errors import RoleMissing, TenantNotFound, TenantSuspended
from kernel.identity.callers import Role, TenantCall
from kernel.storage import Read
from services.tenants import repository
from services.tenants.errors import TenantIsPersonal, TenantNotActive
from services.tenants.model import ORGANIZATION, SUSPENDED, Tenant


class Authorization(NamedTuple):
    """Who has been let in."""

    tenant: Tenant
    role: Role
    others_least_role: Role | None
    """The least role that reaches what belongs to others; None where nothing does."""

    @property
    def may_manage_others(self) -> bool:
        """Whether the role reaches what belongs to others."""
        return self.others_least_role is not None and self.role >= self.others_least_role

    def require(self, least: Role) -> None:
        """Raises `RoleMissing` if the role is less than that."""
        if self.role < least:
            raise RoleMissing

    def require_organization(self) -> None:
        """Raises `TenantIsPersonal` if the tenant is a user's own."""
        if self.tenant.kind != ORGANIZATION:
            raise TenantIsPersonal


async def authorize(tx: Read, call: TenantCall, *, while_suspended: bool = False) -> Authorization:
    """Lets the caller do in the tenant what the call is for.

    Args:
        tx: The transaction in which it is done.
        call: Who, where, and as what at least.
        while_suspended: Whether owners may do it in a suspended tenant.

    Raises:
        TenantNotFound: There is no such tenant, or the caller is a stranger to it.
        TenantNotActive: The caller's token is for another tenant.
        TenantSuspended: The tenant is suspended.
        RoleMissing: The caller's role is too small.
    """
    found = await repository.membership(tx, call.tenant_id, call.caller.user_id)
    if found is None:
        raise TenantNotFound
    if call.caller.tenant_id != call.tenant_id:
        raise TenantNotActive
    role = min(found.member.role, call.caller.role)
    require_open(found.tenant, role if while_suspended else None)
    authorization = Authorization(found.tenant, role, call.others_least_role)
    authorization.require(call.least_role)
    return authorization


def require_open(tenant: Tenant, role: Role | None) -> None:
    """Raises `TenantSuspended` if the tenant is suspended, unless the role is an owner's."""
    if tenant.state == SUSPENDED and role != Role.OWNER:
        raise TenantSuspended
