"""In which tenant a login acts, and in which role.

The self-tenant of a user never changes, so it is known without a call. For another tenant, auth
asks tenants each time that it issues a token. The answer names the epoch of the tenant at which it
was right; a later change of the membership revokes the token by that epoch.
"""

from typing import NamedTuple, Protocol
from uuid import UUID

from kernel import log
from kernel.errors import ServiceError, TenantNotFound, TenantSuspended
from kernel.self_tenant import self_tenant_id
from services.auth.logins.errors import TenantsUnavailable
from services.auth.logins.model import LoginTenant
from services.auth.users.model import User

_logger = log.get(__name__)


class Tenants(Protocol):
    """The service tenants, as far as a login needs it."""

    async def membership(self, user_id: UUID, tenant_id: UUID) -> LoginTenant:
        """A tenant as a member sees it.

        Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`.
        """
        ...


class TenantAfterProof(NamedTuple):
    """The tenant of a login that is to begin.

    Attributes:
        tenant: The tenant.
        refusal: Why the login cannot begin in it; None if it can.
    """

    tenant: LoginTenant
    refusal: ServiceError | None

    def require(self) -> None:
        """Raises the refusal, once the user has proved who they are."""
        if self.refusal is not None:
            raise self.refusal


class ActiveTenant:
    """Chooses the tenant of a login."""

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants

    async def for_login(self, user: User, tenant_id: UUID | None = None) -> LoginTenant:
        """The tenant of a new login: the given one, the last active one, or else the self-tenant.

        Only for the given one it fails, like `for_switch`: otherwise neither a lost tenant nor an
        unavailable service prevents a login.
        """
        if tenant_id is not None:
            return await self.for_switch(user, tenant_id)
        try:
            return await self._last_active(user)
        except (TenantNotFound, TenantSuspended, TenantsUnavailable) as error:
            _logger.info("login in the self-tenant", reason=error.reason)
            return LoginTenant.self_tenant(user.user_id, user.create_time)

    async def after_proof(self, user: User, tenant_id: UUID | None) -> "TenantAfterProof":
        """Like `for_login`, for a user who has yet to prove who they are.

        An error is kept until then: a stranger learns nothing of the tenants of a user.
        """
        try:
            return TenantAfterProof(await self.for_login(user, tenant_id), None)
        except ServiceError as error:
            tenant = LoginTenant.self_tenant(user.user_id, user.create_time)
            return TenantAfterProof(tenant, error)

    async def for_refresh(self, user: User, tenant_id: UUID) -> LoginTenant:
        """The tenant of the next tokens: that of the login, or the self-tenant if it is lost.

        Raises `TenantsUnavailable`.
        """
        try:
            return await self.for_switch(user, tenant_id)
        except (TenantNotFound, TenantSuspended) as error:
            _logger.info("refresh to the self-tenant", reason=error.reason)
            return LoginTenant.self_tenant(user.user_id, user.create_time)

    async def for_switch(self, user: User, tenant_id: UUID) -> LoginTenant:
        """A tenant of the user.

        Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`.
        """
        if tenant_id == self_tenant_id(user.user_id):
            return LoginTenant.self_tenant(user.user_id, user.create_time)
        return await self._tenants.membership(user.user_id, tenant_id)

    async def _last_active(self, user: User) -> LoginTenant:
        if user.active_tenant_id is None:
            return LoginTenant.self_tenant(user.user_id, user.create_time)
        return await self._tenants.membership(user.user_id, user.active_tenant_id)
