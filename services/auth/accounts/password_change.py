"""The change of a password."""

from dataclasses import replace

from kernel.emails import normalized_email
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.factors import repository as recoveries
from services.auth.logins.confirmation import PasswordConfirmation, unchanged
from services.auth.logins.devices import end_logins
from services.auth.logins.repository import require_login
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.one_time_tokens.model import Purpose
from services.auth.passwords.hashing import Passwords
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.repository import USERS


class ChangePassword:
    """The use case of a change."""

    def __init__(
        self,
        runtime: Runtime,
        passwords: Passwords,
        confirmation: PasswordConfirmation,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._passwords = passwords
        self._confirmation = confirmation
        self._log = log
        self._events = events

    async def change(self, call: Call, current: str, new: str) -> None:
        """Sets another password, ends the caller's other logins, and sends a notice.

        The next login starts in the self-tenant. Raises `PasswordWrong`, `HashingBusy`,
        `InvalidRequest`.
        """
        user = await self._confirmation.confirm(call, current)
        password_hash = await self._passwords.hash_new(
            "newPassword", new, user, call.device.network
        )
        now = self._runtime.clock.now()
        event = SecurityEvent.by(call, Event.PASSWORD_CHANGED, now)

        async def change(tx: Write) -> None:
            latest = await unchanged(tx, user)
            # A token is trusted for a moment after its login has ended.
            await require_login(tx, user.user_id, call.caller.login_id)
            changed = replace(
                latest,
                password_hash=password_hash,
                password_revision=latest.password_revision + 1,
                active_tenant_id=None,
            )
            await USERS.put(tx, changed)
            await end_logins(tx, user.user_id, now, keep=call.caller.login_id)
            # Begun by a person who knew the old password.
            await recoveries.clear(tx, user.user_id)
            await one_time_tokens.clear_of_address(
                tx, normalized_email(user.email), (Purpose.RECOVER_FACTORS,)
            )
            await self._events.notify(tx, latest, EmailKind.PASSWORD_CHANGED, call.device, now)
            security_log.append(tx, event)

        await self._runtime.store.write(change, essential=True)
        self._events.report(event)
        await self._log.wait_until_enforced()
