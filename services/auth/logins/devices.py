"""The devices on which a user is logged in: listed, and logged out.

Ending a login removes its record and appends a revocation to the log in one transaction, so no
service can enforce less than the store says.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kernel.errors import AccessTokenMissing
from kernel.identity.callers import Call
from kernel.identity.revocations import Revocation
from kernel.runtime import Runtime
from kernel.storage import Write
from kernel.storage.recipes.paging import Listing, PageTokens, list_name
from services.auth.logins.errors import LoginNotFound
from services.auth.logins.model import Login
from services.auth.logins.repository import LOGINS, logins_of
from services.auth.revocations import repository as revocations
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.tokens import refresh as refresh_tokens
from services.auth.users.repository import USERS


class Devices:
    """The use cases around the logins that a user has."""

    def __init__(self, runtime: Runtime, log: RevocationLog, events: SecurityEvents) -> None:
        self._runtime = runtime
        self._page_tokens = PageTokens(runtime.seal)
        self._log = log
        self._events = events

    async def list(self, call: Call, size: int, page_token: str) -> Listing[Login]:
        """A page of the caller's logins in the order of their ids, and the next page's token."""
        user_id, now = call.caller.user_id, self._runtime.clock.now()
        return await self._page_tokens.list(
            self._runtime.store,
            list_name("logins", str(user_id)),
            page_token,
            lambda tx, after: LOGINS.page(
                tx,
                user_id,
                after=after,
                limit=size,
                only=lambda one: one.expire_time > now and not one.is_grant,
            ),
        )

    async def end(self, call: Call, login_id: UUID) -> None:
        """Ends one of the caller's logins, in every service. Raises `LoginNotFound`."""
        now = self._runtime.clock.now()
        event = SecurityEvent.by(call, Event.LOGIN_ENDED, now, login_id=login_id)

        async def end(tx: Write) -> None:
            login = await LOGINS.get(tx, call.caller.user_id, login_id)
            if login is None or login.expire_time <= now or login.is_grant:
                raise LoginNotFound
            await end_login(tx, login, now)
            security_log.append(tx, event)

        await self._runtime.store.write(end, essential=True)
        self._events.report(event)
        await self._log.wait_until_enforced()

    async def log_out(self, call: Call, refresh_token: str = "") -> None:
        """Ends the logins of the call's access token and of a refresh token, in every service.

        A spent refresh token ends its login, as a refresh with it would. One that is unknown, or
        whose login has ended, changes nothing (RFC 7009, section 2.2), and neither does that of a
        program: its grant ends by the program's own credentials, or by the user's choice. Raises
        `AccessTokenMissing` if the call has neither token.
        """
        caller, now = call.caller_if_any, self._runtime.clock.now()
        if caller is None and not refresh_token:
            raise AccessTokenMissing
        token = refresh_tokens.read(refresh_token, self._runtime.seal)
        named = {(one.user_id, one.login_id) for one in (caller, token) if one is not None}

        async def end(tx: Write) -> list[SecurityEvent]:
            found = [await LOGINS.get(tx, *key) for key in named]
            events = []
            for login in found:
                # One that has expired may have access tokens: its end was moved by a tenant's limits.
                if login is not None and not login.is_grant:
                    await end_login(tx, login, now)
                    ids = login.user_id, login.login_id
                    event = SecurityEvent.done(ids[0], Event.LOGIN_ENDED, now, call.device, ids[1])
                    security_log.append(tx, event)
                    events.append(event)
            return events

        if not named:
            return
        events = await self._runtime.store.write(end, essential=True)
        if events:
            self._events.report(*events)
            await self._log.wait_until_enforced()

    async def end_all(self, call: Call) -> None:
        """Ends every login of the caller, in every service.

        The next login starts in the self-tenant: a user who suspects an intruder should not
        continue in the tenant that the intruder had switched to.
        """
        user_id, now = call.caller.user_id, self._runtime.clock.now()
        event = SecurityEvent.by(call, Event.LOGINS_ENDED, now)

        async def end(tx: Write) -> None:
            await end_logins(tx, user_id, now)
            user = await USERS.get(tx, user_id)
            if user is None:  # deleted meanwhile, with the log
                return
            if user.active_tenant_id is not None:
                await USERS.put(tx, replace(user, active_tenant_id=None))
            security_log.append(tx, event)

        await self._runtime.store.write(end, essential=True)
        self._events.report(event)
        await self._log.wait_until_enforced()


async def end_logins(tx: Write, user_id: UUID, now: datetime, keep: UUID | None = None) -> None:
    """Ends every login of a user but the one to keep, in a transaction of the caller's."""
    for login in await logins_of(tx, user_id):
        if login.login_id != keep:
            await end_login(tx, login, now)


async def end_login(tx: Write, login: Login, now: datetime) -> None:
    """Ends a login in a transaction of the caller's."""
    await LOGINS.clear(tx, login)
    # A login that was used while a clock was ahead has tokens that are good long after now.
    last = max(now, login.last_used_time)
    revocations.append_revocation(tx, Revocation(login.user_id, last, login.login_id))
