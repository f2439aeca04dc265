"""The tenant that the grant of a device is for."""

from uuid import UUID

from kernel.errors import TenantNotFound
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.model import LoginTenant
from services.auth.oauth_clients.model import OAuthClient
from services.auth.users.repository import require_user


class ChooseTenant:
    """Chooses among the tenants of the user, as far as the client may act there."""

    def __init__(self, runtime: Runtime, active_tenant: ActiveTenant) -> None:
        self._runtime = runtime
        self._active_tenant = active_tenant

    async def choose(self, call: Call, client: OAuthClient, tenant_id: UUID | None) -> LoginTenant:
        """The tenant that a user wants a client to act in: by default the client's own, or the active one.

        Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`.
        """
        caller = call.caller
        wanted = tenant_id or client.tenant_id or caller.tenant_id
        if client.tenant_id not in {None, wanted}:
            raise TenantNotFound
        user = await self._runtime.store.read(lambda tx: require_user(tx, caller.user_id))
        return await self._active_tenant.for_switch(user, wanted)
