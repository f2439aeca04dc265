"""In which tenant a login acts, and as what.

A user's own tenant is known without asking: it cannot change. About any other tenants is asked each
time that a token is issued, and says at which epoch of the tenant its answer was right; whatever
changes afterwards revokes the token by that.
"""

from typing import Protocol
from uuid import UUID

from kernel import log
from kernel.errors import TenantNotFound, TenantSuspended
from kernel.self_tenant import self_tenant_id
from services.auth.errors import TenantsUnavailable
from services.auth.model import Tenant
from services.auth.users.model import User

_logger = log.get(__name__)


class Tenants(Protocol):
    """What the use cases ask of tenants."""

    async def membership(self, user_id: UUID, tenant_id: UUID) -> Tenant:
        """A tenant as a member sees it.

        Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`.
        """
        ...


class ActiveTenant:
    """What users are where."""

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants

    async def for_login(self, user: User) -> Tenant:
        """The tenant of a new login: the last active one, or else the user's own.

        Nobody is kept from logging in by a tenant, nor by tenants that does not answer.
        """
        try:
            return await self._last_active(user)
        except (TenantNotFound, TenantSuspended, TenantsUnavailable) as error:
            _logger.info("login in the self-tenant", reason=error.reason)
            return Tenant.own(user.user_id, user.create_time)

    async def for_refresh(self, user: User, tenant_id: UUID) -> Tenant:
        """The tenant of the next tokens: that of the login while it lets the user in, or the own.

        Raises `TenantsUnavailable`.
        """
        try:
            return await self.for_switch(user, tenant_id)
        except (TenantNotFound, TenantSuspended) as error:
            _logger.info("refresh to the self-tenant", reason=error.reason)
            return Tenant.own(user.user_id, user.create_time)

    async def for_switch(self, user: User, tenant_id: UUID) -> Tenant:
        """A tenant of the user.

        Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`.
        """
        if tenant_id == self_tenant_id(user.user_id):
            return Tenant.own(user.user_id, user.create_time)
        return await self._tenants.membership(user.user_id, tenant_id)

    async def _last_active(self, user: User) -> Tenant:
        if user.active_tenant_id is None:
            return Tenant.own(user.user_id, user.create_time)
        return await self._tenants.membership(user.user_id, user.active_tenant_id)
