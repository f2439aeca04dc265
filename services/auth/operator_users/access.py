"""Takes the access of a user away, and gives it back."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kernel.emails import normalized_email
from kernel.identity.callers import Call
from kernel.storage import Write
from services.auth.logins.devices import end_logins
from services.auth.notifications.model import EmailKind
from services.auth.operator_log.model import Act
from services.auth.operator_users.acts import OperatorActs
from services.auth.personal_access_tokens.revocation import end_tokens
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import NOWHERE, Event
from services.auth.throttling.throttle import Throttle
from services.auth.users.model import User
from services.auth.users.repository import USERS


class OperatorAccess:
    """The use cases of an operator who decides whether a user gets in."""

    def __init__(self, acts: OperatorActs, throttle: Throttle, events: SecurityEvents) -> None:
        self._acts = acts
        self._throttle = throttle
        self._events = events

    async def disable(self, call: Call, user_id: UUID, reason: str) -> User:
        """Ends all logins, grants and tokens of a user, and lets none begin. Raises as `change`.

        They do not come back with `enable`: what an intruder has made must not.
        """

        async def disable(tx: Write, user: User, now: datetime) -> User | None:
            if user.disabled:
                return None
            after = replace(user, disable_time=now)
            await USERS.put(tx, after)
            await end_logins(tx, user_id, now)
            await end_tokens(tx, user_id, now)
            await self._events.notify(tx, user, EmailKind.ACCOUNT_DISABLED, NOWHERE, now)
            return after

        event = Event.ACCOUNT_DISABLED
        return await self._acts.change(call, Act.USER_DISABLED, user_id, reason, event, disable)

    async def enable(self, call: Call, user_id: UUID, reason: str) -> User:
        """Lets a disabled user log in again. Raises as `change`."""

        async def enable(tx: Write, user: User, _: datetime) -> User | None:
            if not user.disabled:
                return None
            after = replace(user, disable_time=None)
            await USERS.put(tx, after)
            return after

        event = Event.ACCOUNT_ENABLED
        return await self._acts.change(call, Act.USER_ENABLED, user_id, reason, event, enable)

    async def unlock(self, call: Call, user_id: UUID, reason: str) -> User:
        """Forgets the wrong guesses at password and second factor. Raises as `change`."""

        async def unlock(tx: Write, user: User, _: datetime) -> User:
            await self._throttle.forget(tx, normalized_email(user.email), user_id)
            await self._throttle.forget_second_factor(tx, user_id)
            return user

        event = Event.ACCOUNT_UNLOCKED
        return await self._acts.change(call, Act.USER_UNLOCKED, user_id, reason, event, unlock)

    async def log_out(self, call: Call, user_id: UUID, reason: str, *, tokens: bool) -> User:
        """Ends all logins and grants of a user, and with `tokens` those, too. Raises as `change`."""

        async def log_out(tx: Write, user: User, now: datetime) -> User:
            await end_logins(tx, user_id, now)
            if tokens:
                await end_tokens(tx, user_id, now)
            return user

        event = Event.LOGINS_ENDED
        return await self._acts.change(call, Act.USER_LOGGED_OUT, user_id, reason, event, log_out)
