"""The move of a login to another tenant, and the end of what a login was in one."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from kernel.clock import Clock
from kernel.emails import normalized_email
from kernel.errors import AccessTokenRevoked
from kernel.identity.callers import Caller, Role
from kernel.ids import Ids
from kernel.storage import Read, Store, Write
from services.auth import repository
from services.auth.active_tenant import ActiveTenant
from services.auth.logins import Logins
from services.auth.model import Login, LoginResult
from services.auth.tokens.access import TokenMetadata
from services.auth.users import repository as users
from services.auth.users.model import User
from services.auth.users.repository import require_user


class Switching:
    """The use cases around the tenant of a login."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        logins: Logins,
        active_tenant: ActiveTenant,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._logins = logins
        self._active_tenant = active_tenant

    async def switch(self, caller: Caller, tenant_id: UUID) -> LoginResult:
        """Gives an access token for another tenant of the caller.

        It lives no longer than the one that is shown, and the refresh token stays as it is: who has
        an access token alone has nothing but that for its time. Raises `TenantNotFound`,
        `TenantSuspended`, `TenantsUnavailable`.
        """
        user = require_user(await self._store.read(lambda tx: users.user(tx, caller.user_id)))
        tenant = await self._active_tenant.for_switch(user, tenant_id)

        async def switch(tx: Write) -> tuple[User, Login]:
            user, login = await _signed_in(tx, caller)
            login = replace(login, tenant_id=tenant_id, role=Role.parse(tenant.role))
            await repository.put_login(tx, login)
            active = None if tenant.is_own else tenant_id
            if user.active_tenant_id != active:
                user = replace(user, active_tenant_id=active)
                await users.put_user(tx, user, normalized_email(user.email))
            return user, login

        user, login = await self._store.write(switch)
        metadata = TokenMetadata(self._ids.uuid(), self._clock.now())
        end = datetime.fromtimestamp(caller.expire_second, UTC)
        tokens = self._logins.tokens(login, tenant, None, metadata, not_after=end)
        return LoginResult(user, tenant, tokens)


async def _signed_in(tx: Read, caller: Caller) -> tuple[User, Login]:
    """The caller's account and login as they are now. Raises `AccessTokenRevoked`."""
    user = require_user(await users.user(tx, caller.user_id))
    login = await repository.login(tx, caller.user_id, caller.login_id)
    if login is None:
        raise AccessTokenRevoked
    return user, login
