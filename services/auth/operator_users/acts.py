"""What every act on a user has in common: who may do it, to whom, and what is kept of it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.operator_log import repository as operator_log
from services.auth.operator_log.model import Act, OperatorAct
from services.auth.operators.repository import require_operator, require_other
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.errors import UserNotFound
from services.auth.users.model import User
from services.auth.users.repository import USERS

Change: TypeAlias = Callable[[Write, User, datetime], Awaitable[User | None]]
"""Changes a user in the transaction of the act; returns the user after it, or None for no change."""


class OperatorActs:
    """Runs acts on users."""

    def __init__(self, runtime: Runtime, log: RevocationLog, events: SecurityEvents) -> None:
        self._runtime = runtime
        self._log = log
        self._events = events

    async def change(
        self, call: Call, act: Act, user_id: UUID, reason: str, event: Event | None, change: Change
    ) -> User:
        """Changes a user, and keeps that in the operator log and in the user's own activity.

        What changes nothing is no act, so a call that is made again adds no second entry. Waits until
        every service enforces what ended. Raises `OperatorRequired`, `UserNotFound`,
        `UserIsOperator`, and what `change` raises.

        Args:
            call: The call of the operator.
            act: What is done.
            user_id: To whom.
            reason: Why.
            event: What the user's own activity says; None for nothing.
            change: Makes the change.
        """
        now = self._runtime.clock.now()
        done = OperatorAct.by(call, act, now, user_id=user_id, reason=reason)
        happened = None if event is None else SecurityEvent.by_operator(user_id, event, now)

        async def run(tx: Write) -> tuple[User, bool]:
            await require_operator(tx, call.caller)
            user = await require_user(tx, user_id)
            require_other(user)
            after = await change(tx, user, now)
            if after is None:
                return user, False
            if happened is not None and await USERS.get(tx, user_id) is not None:
                security_log.append(tx, happened)
            operator_log.append(tx, done)
            return after, True

        user, changed = await self._runtime.store.write(run, essential=True)
        if changed and happened is not None:
            self._events.report(happened)
        await self._log.wait_until_enforced()
        return user

    async def note(self, call: Call, act: Act, user_id: UUID | None = None) -> None:
        """Keeps a look in the operator log, before it is answered. Raises `OperatorRequired`.

        The transaction is not that of the read, which would conflict with changes of what it reads.
        """
        looked = OperatorAct.by(call, act, self._runtime.clock.now(), user_id=user_id)

        async def note(tx: Write) -> None:
            await require_operator(tx, call.caller)
            operator_log.append(tx, looked)

        await self._runtime.store.write(note, essential=True)


async def require_user(tx: Read, user_id: UUID) -> User:
    """A user. Raises `UserNotFound`."""
    user = await USERS.get(tx, user_id)
    if user is None:
        raise UserNotFound
    return user
