"""The reset of a password, with a link or a code out of an email.

Who reads the mailbox owns the account. If the address was not proved before, another person may have
made the account: then it starts over, unless an operator gave it the address.
"""

from dataclasses import replace
from datetime import datetime

from kernel.emails import normalized_email
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.accounts.email_proof import put_proof
from services.auth.accounts.erasure import EraseAccount
from services.auth.accounts.start_over import new_account_of, start_over
from services.auth.factors import repository as recoveries
from services.auth.logins.devices import end_logins
from services.auth.notifications.model import EmailKind
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import UNDOS, OneTimeToken, Proof, Purpose
from services.auth.one_time_tokens.one_time_tokens import payload_of, require_alive
from services.auth.one_time_tokens.presented import PresentedProofs
from services.auth.passwords.hashing import Passwords
from services.auth.personal_access_tokens.revocation import end_tokens
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.throttling.throttle import Throttle
from services.auth.users.model import User
from services.auth.users.repository import USERS, user_of_email

_PURPOSES = (Purpose.RESET_PASSWORD,)
_ENDED = (Purpose.RESET_PASSWORD, Purpose.VERIFY_EMAIL, Purpose.REGISTER)


class ResetPassword:
    """The use case of a reset."""

    def __init__(
        self,
        runtime: Runtime,
        presented: PresentedProofs,
        passwords: Passwords,
        erasure: EraseAccount,
        throttle: Throttle,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._presented = presented
        self._passwords = passwords
        self._erasure = erasure
        self._throttle = throttle
        self._log = log
        self._events = events

    async def reset(self, call: Call, proof: Proof, new_password: str) -> None:
        """Sets a new password, proves the address, and ends all logins and tokens of the account.

        Raises `OneTimeTokenInvalid`, `InvalidRequest`, `HashingBusy`, `TooManyAttempts`.
        """
        token = await self._presented.find(call, proof, _PURPOSES)
        store, now = self._runtime.store, self._runtime.clock.now()
        email = payload_of(token, self._runtime.seal).decode(errors="replace")
        user = await store.read(lambda tx: _account(tx, token, email, now))
        password_hash = await self._passwords.hash_new(
            "newPassword", new_password, user, call.device.network
        )
        new_id = self._runtime.ids.uuid()

        async def reset(tx: Write) -> list[SecurityEvent]:
            latest = await _account(tx, token, email, now)
            await one_time_tokens.clear_of_address(tx, email, _ENDED)
            if not latest.owned:
                event = SecurityEvent.done(new_id, Event.ACCOUNT_CREATED, now, call.device)
                new = new_account_of(latest, new_id, password_hash, now)
                await start_over(tx, self._erasure, latest, new, event)
                return [event]
            events = []
            if not latest.email_verified:
                proved = SecurityEvent.done(latest.user_id, Event.EMAIL_VERIFIED, now, call.device)
                latest = await put_proof(tx, latest, proved)
                events.append(proved)
            event = SecurityEvent.done(latest.user_id, Event.PASSWORD_RESET, now, call.device)
            await self._set_password(tx, latest, password_hash, event)
            return [*events, event]

        self._events.report(*await store.write(reset, essential=True))
        await self._log.wait_until_enforced()

    async def _set_password(
        self, tx: Write, user: User, password_hash: str, event: SecurityEvent
    ) -> None:
        """Sets a password, and ends all that an intruder could have: logins, changes under way."""
        changed = replace(
            user,
            password_hash=password_hash,
            password_revision=user.password_revision + 1,
            active_tenant_id=None,
        )
        await USERS.put(tx, changed)
        await end_logins(tx, user.user_id, event.time)
        await end_tokens(tx, user.user_id, event.time)
        await one_time_tokens.clear_of_user(tx, user.user_id, but=UNDOS)
        await recoveries.clear(tx, user.user_id)
        await self._throttle.forget(tx, normalized_email(user.email), user.user_id)
        security_log.append(tx, event)
        await self._events.notify(tx, user, EmailKind.PASSWORD_CHANGED, event.device, event.time)


async def _account(tx: Read, token: OneTimeToken, email: str, now: datetime) -> User:
    """The account of a token that is still good. Raises `OneTimeTokenInvalid`."""
    user = await user_of_email(tx, email)
    await require_alive(tx, token, now)
    if user is None:
        raise OneTimeTokenInvalid
    return user
