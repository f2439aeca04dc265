"""The end of a registration: its address is proved, and the account is made.

The token says that its bearer reads the mailbox. It does not say that its bearer registered: a
stranger may have entered the address, with a password that the stranger knows. So the bearer says the
password. If it is the registered one, the bearer also registered, and gets the account as it was
entered. Otherwise the account gets the password that the bearer says, and no word of the stranger's.
"""

from dataclasses import replace

from kernel.emails import normalized_email
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.accounts.erasure import EraseAccount
from services.auth.accounts.model import PendingRegistration
from services.auth.accounts.pending_registration import PendingRegistrations
from services.auth.accounts.start_over import put_account
from services.auth.email_addresses.errors import NewPasswordNeeded
from services.auth.email_addresses.take_over import take_over
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.one_time_tokens.model import OneTimeToken, Purpose
from services.auth.one_time_tokens.one_time_tokens import require_alive
from services.auth.passwords.hashing import Passwords
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.model import User

_ENDED = (Purpose.REGISTER, Purpose.VERIFY_EMAIL)


class CompleteRegistration:
    """Handles the proofs of registrations; see `ProofHandler`."""

    def __init__(
        self,
        runtime: Runtime,
        pending: PendingRegistrations,
        passwords: Passwords,
        erasure: EraseAccount,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._pending = pending
        self._passwords = passwords
        self._erasure = erasure
        self._log = log
        self._events = events

    async def prove(self, call: Call, token: OneTimeToken, new_password: str) -> User:
        """Makes the account, and removes one that has the address without a proof of it."""
        if not new_password:
            raise NewPasswordNeeded
        store, now = self._runtime.store, self._runtime.clock.now()
        pending = self._pending.open(token)
        await store.read(lambda tx: require_alive(tx, token, now))  # before it is hashed
        await self._passwords.policy.require("newPassword", new_password, pending)
        confirmed = await self._confirmed(pending, new_password, call.device.network)
        user = confirmed.user(self._runtime.ids.uuid(), now)
        event = SecurityEvent.done(user.user_id, Event.ACCOUNT_CREATED, now, call.device)

        async def complete(tx: Write) -> bool:
            await require_alive(tx, token, now)
            removed = await take_over(tx, self._erasure, user.email, now)
            await put_account(tx, user)
            security_log.append(tx, event)
            await one_time_tokens.clear_of_address(tx, normalized_email(user.email), _ENDED)
            return removed

        removed = await store.write(complete, essential=True)
        self._events.report(event)
        if removed:
            await self._log.wait_until_enforced()
        return user

    async def _confirmed(
        self, pending: PendingRegistration, password: str, network: str
    ) -> PendingRegistration:
        """The registration, if the password is the registered one; else the address alone."""
        check = await self._passwords.verify(pending.password_hash, password, network)
        if check.matches and not check.needs_rehash:
            return pending
        password_hash = await self._passwords.hash(password, network)
        if check.matches:
            return replace(pending, password_hash=password_hash)
        return PendingRegistration(pending.email, password_hash, "", "", "", pending.language)
