"""Who may do something in a tenant, where auth keeps what it is about: clients and service accounts.

Tenants keeps the memberships, so auth asks for that of the caller. The rules are those of
`memberships.authorization` in tenants, and so are the answers.
"""

from kernel.errors import (
    AccessTokenRevoked,
    RoleMissing,
    TenantNotActive,
    TenantNotFound,
    TenantSuspended,
)
from kernel.identity.assurance import require_assurance
from kernel.identity.callers import Assurance, Call, Role
from kernel.runtime import Runtime
from kernel.self_tenant import ACTIVE
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.model import LoginTenant
from services.auth.users.repository import require_user


class TenantAuthority:
    """Checks callers."""

    def __init__(self, runtime: Runtime, active_tenant: ActiveTenant) -> None:
        self._runtime = runtime
        self._active_tenant = active_tenant

    async def require(self, call: Call) -> LoginTenant:
        """The tenant that a call names, if its caller may do there what the call asks for.

        Not inside of a transaction. A membership that ends meanwhile also ends the caller's token.

        Raises:
            TenantNotFound: There is no such tenant, or the caller is not a member of it.
            TenantNotActive: The caller's token is for another tenant.
            TenantSuspended: The tenant is suspended.
            RoleMissing: The caller's role is too low.
            SecondFactorRequired: The tenant asks for a second factor, and the caller has not shown one.
            AccessTokenRevoked: A program calls, and the tenant has ceased to allow programs.
            TenantsUnavailable: The membership is not known at the moment.
        """
        tenant = await self._tenant(call)
        if tenant.state != ACTIVE:
            raise TenantSuspended
        return tenant

    async def require_reader(self, call: Call) -> None:
        """Like `require`, for calls that only read: owners may in a suspended tenant, and service accounts may.

        A service account has no membership: its role is the token's, and what ends that role ends the
        token at once.
        """
        caller = call.caller
        if not caller.is_service_account:
            await self._tenant(call)
        elif caller.tenant_id != call.tenant_id:
            raise TenantNotFound
        elif caller.role < call.least_role:
            raise RoleMissing

    async def _tenant(self, call: Call) -> LoginTenant:
        """The tenant, which may be suspended if the caller owns it."""
        caller = call.caller
        user = await self._runtime.store.read(lambda tx: require_user(tx, caller.user_id))
        tenant = await self._active_tenant.for_switch(user, call.tenant_id)
        if caller.tenant_id != call.tenant_id:
            raise TenantNotActive
        if caller.is_program and not tenant.programs_allowed:
            raise AccessTokenRevoked  # the notice that ends the token is on its way
        # A token may be older than the role: the smaller one counts.
        role = min(Role.parse(tenant.role), caller.role)
        if tenant.state != ACTIVE and role < Role.OWNER:
            raise TenantSuspended
        if role < call.least_role:
            raise RoleMissing
        if tenant.second_factor_required:
            require_assurance(caller, Assurance.AAL2)
        return tenant
