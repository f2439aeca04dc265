"""The switch of a login to another tenant of its user."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from kernel.errors import StorageFull
from kernel.identity.callers import Call, Role
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.model import Login, LoginResult
from services.auth.logins.repository import LOGINS, require_login
from services.auth.logins.start import StartLogin
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.model import User
from services.auth.users.repository import USERS, require_user


class SwitchTenant:
    """The use case of a switch."""

    def __init__(
        self,
        runtime: Runtime,
        start: StartLogin,
        active_tenant: ActiveTenant,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._start = start
        self._active_tenant = active_tenant
        self._events = events

    async def switch(self, call: Call, tenant_id: UUID) -> LoginResult:
        """Issues an access token for another tenant of the caller, and no refresh token.

        It expires no later than the token used for this call: a stolen access token cannot be
        prolonged by switching. Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`.
        """
        caller, store = call.caller, self._runtime.store
        user = await store.read(lambda tx: require_user(tx, caller.user_id))
        tenant = await self._active_tenant.for_switch(user, tenant_id)
        now = self._runtime.clock.now()
        event = SecurityEvent.by(call, Event.TENANT_SWITCHED, now)

        async def switch(tx: Write) -> tuple[User, Login]:
            user = await require_user(tx, caller.user_id)
            login = await require_login(tx, caller.user_id, caller.login_id)
            tenant.limits.require(user, login, now)
            end = tenant.limits.end(login.create_time, login.last_used_time)
            login = replace(
                login,
                tenant_id=tenant_id,
                role=Role.parse(tenant.role),
                expire_time=min(login.expire_time, end),
                limits=tenant.limits,
            )
            await LOGINS.put(tx, login)
            active = None if tenant.is_self_tenant else tenant_id
            if user.active_tenant_id != active:
                user = replace(user, active_tenant_id=active)
                await USERS.put(tx, user)
            return user, login

        async def switch_and_log(tx: Write) -> tuple[User, Login]:
            switched = await switch(tx)
            security_log.append(tx, event)
            return switched

        try:
            user, login = await store.write(switch_and_log)
        except StorageFull:
            # What is to be deleted may be in the other tenant. Not logged in the store: a user can
            # switch without end, and the room that is kept back has one.
            user, login = await store.write(switch, essential=True)
        self._events.report(event)
        not_after = datetime.fromtimestamp(caller.expire_second, UTC)
        return self._start.result(user, tenant, login, None, not_after)
