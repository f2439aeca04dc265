"""Keeps accounts under a legal hold, and deletes accounts."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kernel.identity.callers import Call
from kernel.storage import Write
from services.auth.accounts.deletion import AccountDeletions
from services.auth.operator_log.model import Act
from services.auth.operator_users.acts import OperatorActs
from services.auth.security_log.model import NOWHERE, Event, SecurityEvent
from services.auth.users.model import User
from services.auth.users.repository import USERS


class OperatorKeeping:
    """The use cases of an operator who decides how long an account is kept."""

    def __init__(self, acts: OperatorActs, deletions: AccountDeletions) -> None:
        self._acts = acts
        self._deletions = deletions

    async def hold(self, call: Call, user_id: UUID, reason: str) -> User:
        """Puts a user under a legal hold, of which their own activity says nothing. Raises as `change`."""

        async def hold(tx: Write, user: User, now: datetime) -> User | None:
            return None if user.held else await _put(tx, replace(user, hold_time=now))

        return await self._acts.change(call, Act.USER_HELD, user_id, reason, None, hold)

    async def release(self, call: Call, user_id: UUID, reason: str) -> User:
        """Ends a legal hold. Raises as `change`."""

        async def release(tx: Write, user: User, _: datetime) -> User | None:
            return await _put(tx, replace(user, hold_time=None)) if user.held else None

        return await self._acts.change(call, Act.USER_RELEASED, user_id, reason, None, release)

    async def delete(self, call: Call, user_id: UUID, reason: str) -> datetime | None:
        """Deletes an account; returns when it is erased, None if it is already. Raises as `change`.

        One that waits to be erased waits no longer for it.
        """
        due: datetime | None = None

        async def delete(tx: Write, user: User, now: datetime) -> User | None:
            nonlocal due
            if user.delete_time is not None and not self._deletions.erases_now(user):
                due = user.delete_time
                return None
            event = SecurityEvent.by_operator(user_id, Event.DELETION_REQUESTED, now)
            due = await self._deletions.delete(tx, user, event, NOWHERE)
            return user

        await self._acts.change(call, Act.USER_DELETED, user_id, reason, None, delete)
        return due


async def _put(tx: Write, user: User) -> User:
    await USERS.put(tx, user)
    return user
