"""The verification of an account's address, by a link or a code that is mailed there.

The token says that its bearer reads the mailbox. It does not say that its bearer made the account: a
stranger may have registered the address. An access token of the account says that, and so does its
password. A caller with neither sets a new password, and the account starts over.
"""

from datetime import datetime

from kernel.emails import normalized_email
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.accounts.email_proof import put_proof
from services.auth.accounts.erasure import EraseAccount
from services.auth.accounts.start_over import new_account_of, start_over
from services.auth.email_addresses.errors import NewPasswordNeeded
from services.auth.logins.password_check import CheckPassword
from services.auth.notifications.proof_emails import ProofEmails
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.one_time_tokens.model import OneTimeToken, Purpose, address_digest
from services.auth.one_time_tokens.one_time_tokens import require_alive
from services.auth.passwords.hashing import Passwords
from services.auth.revocations.log import RevocationLog
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.throttling.throttle import Throttle
from services.auth.users.model import User
from services.auth.users.repository import USERS, require_user

_ENDED = (Purpose.VERIFY_EMAIL, Purpose.REGISTER)


class EmailVerification:
    """The use cases of a verification: to ask for the email, and to prove the address."""

    def __init__(
        self,
        runtime: Runtime,
        proof_emails: ProofEmails,
        passwords: Passwords,
        throttle: Throttle,
        check: CheckPassword,
        erasure: EraseAccount,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._proof_emails = proof_emails
        self._passwords = passwords
        self._throttle = throttle
        self._check = check
        self._erasure = erasure
        self._log = log
        self._events = events

    async def send(self, call: Call) -> None:
        """Mails the caller a proof of the address, unless it is proved.

        Raises `AccessTokenRevoked` if the account has been deleted, and `TooManyEmails`.
        """
        user = await self._runtime.store.read(lambda tx: require_user(tx, call.caller.user_id))
        if not user.email_verified:
            now = self._runtime.clock.now()
            await self._proof_emails.send(self._proof_emails.verification(user, call.device, now))

    async def prove(self, call: Call, token: OneTimeToken, new_password: str) -> User:
        """Proves the address of an account; see `ProofHandler`."""
        caller = call.caller_if_any
        if caller is not None:
            if caller.user_id != token.user_id:
                raise OneTimeTokenInvalid
            return await self._prove_own(call, token)
        if not new_password:
            raise NewPasswordNeeded
        return await self._prove_by_password(call, token, new_password)

    async def _prove_own(self, call: Call, token: OneTimeToken) -> User:
        """Proves the address for a person who has shown to own the account: all is kept."""
        now = self._runtime.clock.now()
        assert token.user_id is not None, "the token of a verification is for a user"
        event = SecurityEvent.done(token.user_id, Event.EMAIL_VERIFIED, now, call.device)

        async def prove(tx: Write) -> User:
            user = await put_proof(tx, await self._unproved(tx, token, now), event)
            await one_time_tokens.clear_of_address(tx, normalized_email(user.email), _ENDED)
            return user

        user = await self._runtime.store.write(prove, essential=True)
        self._events.report(event)
        return user

    async def _prove_by_password(self, call: Call, token: OneTimeToken, password: str) -> User:
        """Proves the address for a person who knows the password, or lets the account start over."""
        now, network = self._runtime.clock.now(), call.device.network
        user = await self._runtime.store.read(lambda tx: self._unproved(tx, token, now))
        if user.owned:
            await self._require_password(call, user, password)
            return await self._prove_own(call, token)
        if user.password_hash:
            check = await self._passwords.verify(user.password_hash, password, network)
            if check.matches:
                return await self._prove_own(call, token)
        return await self._prove_and_start_over(call, token, user, password)

    async def _require_password(self, call: Call, user: User, password: str) -> None:
        """Checks the password of an account that does not start over: a wrong one counts as a guess.

        Raises `NewPasswordNeeded` for a wrong one: its user can set another by a reset. Raises
        `HashingBusy`, `TooManyAttempts`.
        """
        email = normalized_email(user.email)
        async with self._throttle.begin(call, email) as attempt:
            check = await self._check.check(attempt, call, email, password)
            if attempt.user is None or attempt.user.user_id != user.user_id or not check.matches:
                await attempt.failed()
                raise NewPasswordNeeded
            await attempt.succeeded()

    async def _prove_and_start_over(
        self, call: Call, token: OneTimeToken, old: User, new_password: str
    ) -> User:
        """Proves the address for a person who may not have made the account: nothing is kept."""
        store, now = self._runtime.store, self._runtime.clock.now()
        user_id = self._runtime.ids.uuid()
        about, network = new_account_of(old, user_id, "", now), call.device.network
        password_hash = await self._passwords.hash_new("newPassword", new_password, about, network)
        event = SecurityEvent.done(user_id, Event.ACCOUNT_CREATED, now, call.device)

        async def prove(tx: Write) -> User:
            latest = await self._unproved(tx, token, now)
            if latest.owned:
                raise NewPasswordNeeded
            user = new_account_of(latest, user_id, password_hash, now)
            await start_over(tx, self._erasure, latest, user, event)
            await one_time_tokens.clear_of_address(tx, normalized_email(user.email), _ENDED)
            return user

        user = await store.write(prove, essential=True)
        self._events.report(event)
        await self._log.wait_until_enforced()
        return user

    async def _unproved(self, tx: Read, token: OneTimeToken, now: datetime) -> User:
        """The account of a token that is still good. Raises `OneTimeTokenInvalid`."""
        assert token.user_id is not None, "the token of a verification is for a user"
        user = await USERS.get(tx, token.user_id)
        await require_alive(tx, token, now)
        if user is None or user.email_verified:
            raise OneTimeTokenInvalid
        if address_digest(normalized_email(user.email)) != token.address_digest:
            raise OneTimeTokenInvalid
        return user
