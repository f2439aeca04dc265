"""The deletion of an account."""

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.accounts.erasure import EraseAccount
from services.auth.logins.confirmation import PasswordConfirmation, unchanged
from services.auth.logins.repository import require_login
from services.auth.revocations.log import RevocationLog
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent


class DeleteAccount:
    """The use case of a deletion."""

    def __init__(
        self,
        runtime: Runtime,
        confirmation: PasswordConfirmation,
        erasure: EraseAccount,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._confirmation = confirmation
        self._erasure = erasure
        self._log = log
        self._events = events

    async def delete(self, call: Call, password: str) -> None:
        """Deletes the caller's account and its logins, and has the other services erase the user.

        Raises `PasswordWrong`, `HashingBusy`.
        """
        user = await self._confirmation.confirm(call, password)
        now = self._runtime.clock.now()

        async def delete(tx: Write) -> None:
            latest = await unchanged(tx, user)
            # A token is trusted for a moment after its login has ended.
            await require_login(tx, user.user_id, call.caller.login_id)
            await self._erasure.erase(tx, latest, now)

        await self._runtime.store.write(delete, essential=True)
        self._events.report(SecurityEvent.by(call, Event.ACCOUNT_DELETED, now))
        await self._log.wait_until_enforced()
