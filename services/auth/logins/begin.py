"""The transaction in which a user proves who they are, and a login begins."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

from kernel.identity.callers import Call
from kernel.identity.devices import Device
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.logins.model import Login, LoginResult, LoginTenant
from services.auth.logins.second_factors import WRONG, Checked
from services.auth.logins.start import StartLogin
from services.auth.notifications.model import EmailKind
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.throttling.throttle import Throttle
from services.auth.tokens.refresh import RefreshToken
from services.auth.users.errors import AccountDisabled
from services.auth.users.model import User
from services.auth.users.repository import USERS

Check: TypeAlias = Callable[[Write, User], Awaitable[Checked]]
"""Checks the proof against the user as stored, in the transaction of the login."""


class NewLogin(NamedTuple):
    """A login that is to begin.

    Attributes:
        call: The call that asks for it.
        user: The user, as known before the transaction.
        tenant: The tenant that it acts in.
        device_id: The device, if the account knows it; else None.
    """

    call: Call
    user: User
    tenant: LoginTenant
    device_id: UUID | None


class BeginLogin:
    """Begins logins, whatever proves who their users are."""

    def __init__(
        self, runtime: Runtime, start: StartLogin, throttle: Throttle, events: SecurityEvents
    ) -> None:
        self._runtime = runtime
        self._start = start
        self._throttle = throttle
        self._events = events

    async def begin(self, new: NewLogin, check: Check) -> LoginResult | None:
        """The new login; None if the proof is wrong, or the user was deleted meanwhile.

        A deletion that is under way is undone by it. Raises `AccountDisabled`, only if the proof is
        right.
        """
        ids, now = self._runtime.ids, self._runtime.clock.now()
        token = RefreshToken(new.user.user_id, ids.uuid(), ids.secret())
        device = new.call.device

        async def begin(tx: Write) -> tuple[Checked, Login | None]:
            current = await USERS.get(tx, new.user.user_id)
            checked = WRONG if current is None else await check(tx, current)
            if current is None or checked.methods is None:
                return checked, None
            user = checked.user or current
            if user.disabled:
                raise AccountDisabled
            undone = await self._undo_deletion(tx, user, device, now)
            if new.device_id is None:
                await self._events.notify(tx, user, EmailKind.NEW_DEVICE, device, now)
            login = self._start.new(token, new.tenant, device, now, new.device_id, checked.methods)
            happened = await self._start.put(tx, login)
            return Checked(checked.methods, (*checked.events, *undone, *happened), user), login

        checked, login = await self._runtime.store.write(begin)
        self._events.report(*checked.events)
        if login is None or checked.user is None:
            return None
        result = self._start.result(checked.user, new.tenant, login, token)
        known = self._throttle.device_token(login.device_id, checked.user)
        return replace(result, device_token=known)

    async def _undo_deletion(
        self, tx: Write, user: User, device: Device, now: datetime
    ) -> tuple[SecurityEvent, ...]:
        """Keeps an account that was to be erased, and tells the user; returns what is to be reported."""
        if user.delete_time is None:
            return ()
        await USERS.put(tx, replace(user, delete_time=None))
        event = SecurityEvent.done(user.user_id, Event.DELETION_UNDONE, now, device)
        security_log.append(tx, event)
        await self._events.notify(tx, user, EmailKind.DELETION_UNDONE, device, now)
        return (event,)
