"""In which tenant a program acts: the user chooses it, and tenants is asked at every issue of tokens.

A program of the product may change tenants as its user does, and falls back to the self-tenant as a
login does. Any other is bound to the tenant that was chosen: where that is lost, it has nothing.
"""

from uuid import UUID

from kernel.errors import TenantNotFound, TenantSuspended
from services.auth.authorizations.errors import InvalidGrant
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.model import LoginTenant
from services.auth.oauth_clients.model import OAuthClient
from services.auth.users.model import User


class ProgramTenants:
    """The tenants that programs act in."""

    def __init__(self, active_tenant: ActiveTenant) -> None:
        self._active_tenant = active_tenant

    async def choose(
        self, user: User, client: OAuthClient, tenant_id: UUID | None, default: UUID
    ) -> LoginTenant:
        """The tenant that a user wants a client to act in, if both may.

        Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`, `ProgramsNotAllowed`.

        Args:
            user: The user.
            client: The client.
            tenant_id: The tenant that the user names; None for the client's own, or else `default`.
            default: The tenant that the user acts in.
        """
        wanted = tenant_id or client.tenant_id or default
        if client.tenant_id not in {None, wanted}:
            raise TenantNotFound
        return await self._allowed(user, wanted)

    async def of_grant(self, user: User, client: OAuthClient, tenant_id: UUID) -> LoginTenant:
        """The tenant of a grant that begins. Raises `InvalidGrant` if it is lost, `TenantsUnavailable`."""
        try:
            return await self.choose(user, client, tenant_id, tenant_id)
        except (TenantNotFound, TenantSuspended, ProgramsNotAllowed):
            raise InvalidGrant from None

    async def for_switch(self, user: User, tenant_id: UUID) -> LoginTenant:
        """A tenant that a program names at a refresh; raises as `choose`, by errors of tenants alone."""
        try:
            return await self._allowed(user, tenant_id)
        except ProgramsNotAllowed:
            raise TenantNotFound from None

    async def for_refresh(self, user: User, tenant_id: UUID) -> LoginTenant:
        """The tenant of the next tokens of a program that may change it, as of a login."""
        tenant = await self._active_tenant.for_refresh(user, tenant_id)
        if tenant.programs_allowed:
            return tenant
        return LoginTenant.self_tenant(user.user_id, user.create_time)

    async def _allowed(self, user: User, tenant_id: UUID) -> LoginTenant:
        tenant = await self._active_tenant.for_switch(user, tenant_id)
        if not tenant.programs_allowed:
            raise ProgramsNotAllowed
        return tenant


class BoundTenants:
    """The tenants of programs that are bound to one."""

    def __init__(self, tenants: ProgramTenants) -> None:
        self._tenants = tenants

    async def for_switch(self, user: User, tenant_id: UUID) -> LoginTenant:  # noqa: ARG002
        """No tenant: the program cannot name one. Raises `TenantNotFound`."""
        raise TenantNotFound

    async def for_refresh(self, user: User, tenant_id: UUID) -> LoginTenant:
        """The tenant of the next tokens.

        Raises `TenantNotFound`, which ends the grant, if it is lost or lets no programs in;
        `TenantSuspended`, `TenantsUnavailable`.
        """
        return await self._tenants.for_switch(user, tenant_id)
