"""The deletion of an account: at once, or after some days in which a login undoes it."""

from dataclasses import replace
from datetime import datetime, timedelta

from kernel.identity.callers import Call
from kernel.identity.devices import Device
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.accounts.erasure import EraseAccount
from services.auth.logins.confirmation import PasswordConfirmation, unchanged
from services.auth.logins.devices import end_logins
from services.auth.logins.repository import require_login
from services.auth.notifications.model import EmailKind
from services.auth.personal_access_tokens.revocation import end_tokens
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.settings import AuthSettings
from services.auth.users.model import User
from services.auth.users.repository import USER_DELETION, USERS


class AccountDeletions:
    """Deletes accounts, in transactions of its callers."""

    def __init__(
        self, settings: AuthSettings, erasure: EraseAccount, events: SecurityEvents
    ) -> None:
        self._days = settings.deletion_days
        self._erasure = erasure
        self._events = events

    async def delete(
        self, tx: Write, user: User, event: SecurityEvent, device: Device
    ) -> datetime | None:
        """Erases an account, or ends its logins and tokens and has it erased later.

        Args:
            tx: The transaction.
            user: The user, as stored.
            event: What the log of an account says that is erased later.
            device: The device that asks for it, for the notice.

        Returns:
            When it is erased; None if it is erased now.
        """
        now = event.time
        if self.erases_now(user):
            await self._erasure.erase_anyway(tx, user, now)
            return None
        due = now + timedelta(days=self._days)
        await USERS.put(tx, replace(user, delete_time=due))
        await end_logins(tx, user.user_id, now)
        await end_tokens(tx, user.user_id, now)
        security_log.append(tx, event)
        kind = EmailKind.DELETION_REQUESTED
        await self._events.notify(tx, user, kind, device, now, due=due)
        return due

    def erases_now(self, user: User) -> bool:
        """Whether a deletion of an account erases it at once."""
        return not self._days and not user.held

    async def erase_due(self, tx: Write, now: datetime, limit: int) -> int:
        """Erases an account that is due, if there is one, and returns `limit` then, else 0.

        One in a transaction, because an account can have many rows.
        """
        for user in await USERS.due(tx, USER_DELETION, now, 1):
            await self._erasure.erase_anyway(tx, user, now)
            return limit
        return 0


class DeleteAccount:
    """The use case of a user who deletes their account."""

    def __init__(
        self,
        runtime: Runtime,
        confirmation: PasswordConfirmation,
        deletions: AccountDeletions,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._confirmation = confirmation
        self._deletions = deletions
        self._log = log
        self._events = events

    async def delete(self, call: Call, password: str) -> datetime | None:
        """Deletes the caller's account and its logins, and has the other services erase the user.

        Returns when that happens, until when a login undoes it; None if it has happened. Raises
        `PasswordWrong`, `HashingBusy`.
        """
        user = await self._confirmation.confirm(call, password)
        now = self._runtime.clock.now()
        requested = SecurityEvent.by(call, Event.DELETION_REQUESTED, now)

        async def delete(tx: Write) -> datetime | None:
            latest = await unchanged(tx, user)
            # A token is trusted for a moment after its login has ended.
            await require_login(tx, user.user_id, call.caller.login_id)
            return await self._deletions.delete(tx, latest, requested, call.device)

        due = await self._runtime.store.write(delete, essential=True)
        done = SecurityEvent.by(call, Event.ACCOUNT_DELETED, now)
        self._events.report(done if due is None else requested)
        await self._log.wait_until_enforced()
        return due
