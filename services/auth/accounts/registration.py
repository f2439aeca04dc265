"""Registration: a new user and its first login, in one transaction.

The task to make the self-tenant and the email that proves the address are put into their queues in the
same transaction. If a user has the address who has not proved it, the registration is refused, but the
owner of the address can complete it: it waits for the proof, as any registration does where addresses
must be proved first.

A repeat with the same idempotency key gets the first answer again, tokens included, although no secret
is stored. It is no login: it gets those tokens only while the password and the first login are in force.
"""

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from weakref import WeakValueDictionary

from kernel.emails import normalized_email
from kernel.fields import Fields
from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.idempotency import CountsAsNew, Repeat
from services.auth.accounts import repository
from services.auth.accounts.errors import EmailTaken
from services.auth.accounts.model import NewAccount, Registration
from services.auth.accounts.pending_registration import PendingRegistrations
from services.auth.accounts.start_over import put_account
from services.auth.keys import IDEMPOTENCY
from services.auth.logins.model import Login, LoginResult, LoginTenant
from services.auth.logins.repository import LOGINS
from services.auth.logins.start import StartLogin
from services.auth.notifications.errors import TooManyEmails
from services.auth.notifications.proof_emails import ProofEmails
from services.auth.passwords.hashing import Passwords
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.throttling.throttle import Throttle
from services.auth.tokens.access import TokenMetadata
from services.auth.tokens.refresh import RefreshToken
from services.auth.users.model import User
from services.auth.users.repository import user_of_email


class RegisterAccount:
    """The use case of a registration."""

    def __init__(
        self,
        runtime: Runtime,
        passwords: Passwords,
        start: StartLogin,
        proof_emails: ProofEmails,
        pending: PendingRegistrations,
        throttle: Throttle,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._passwords = passwords
        self._start = start
        self._proof_emails = proof_emails
        self._pending = pending
        self._throttle = throttle
        self._events = events
        # A lock is here as long as a request holds it or waits for it.
        self._locks: WeakValueDictionary[IdempotentRequest, asyncio.Lock] = WeakValueDictionary()

    async def register(self, call: Call, new: NewAccount) -> LoginResult:
        """Creates a user and begins its first login.

        Raises `EmailTaken`, `HashingBusy`, `IdempotencyKeyReused`, `InvalidRequest`.
        """
        fields = Fields()
        self._passwords.policy.check(fields, "password", new.password, new)
        fields.check()
        async with self._lock(call.idempotency):
            try:
                registration = await self._registered(call, new)
            except _UnprovedEmailTaken:
                await self._wait_for_proof(call, new)
                raise EmailTaken from None
        user, first = registration.user, self._first_login(call, registration)
        metadata = TokenMetadata(registration.token_id, user.create_time)
        tokens = self._start.tokens(user, first.login, first.tenant, first.token, metadata)
        device_token = self._throttle.device_token(first.login.device_id, user)
        return LoginResult(user, first.tenant, tokens, device_token)

    def _lock(self, request: IdempotentRequest | None) -> asyncio.Lock:
        """Lets repeats that come at once wait for the first one, instead of hashing all."""
        if request is None:
            return asyncio.Lock()
        return self._locks.setdefault(request, asyncio.Lock())

    async def _registered(self, call: Call, new: NewAccount) -> Registration:
        """The registration of this request, which may be a repeat."""
        runtime, request, now = self._runtime, call.idempotency, self._runtime.clock.now()
        repeat = _repeat(now)
        first = await runtime.store.read(lambda tx: _first(tx, request, now, repeat, new.email))
        if first is not None:  # no need to hash again
            return first
        await self._passwords.policy.refuse_breached("password", new.password)
        password_hash = await self._passwords.hash(new.password, call.device.network)
        registration = self._new(call, new, password_hash, now)
        user = registration.user
        login = self._first_login(call, registration).login
        proof = self._proof_emails.verification(user, call.device, now)
        created = SecurityEvent.done(user.user_id, Event.ACCOUNT_CREATED, now, call.device)
        happened: list[SecurityEvent] = []

        async def create(tx: Write) -> Registration:
            await _require_free(tx, user.email)
            await put_account(tx, user)
            # Guesses at the address before it had an account were wrong whatever its password.
            await self._throttle.forget(tx, normalized_email(user.email), user.user_id)
            security_log.append(tx, created)
            happened[:] = [created, *await self._start.put(tx, login)]
            with suppress(TooManyEmails):  # an email can be asked for later
                await self._proof_emails.put(tx, proof)
            return registration

        done = await IDEMPOTENCY.write(runtime.store, request, now, create, repeat)
        if done is registration:  # no repeat of one that was committed meanwhile
            self._events.report(*happened)
        return done

    async def _wait_for_proof(self, call: Call, new: NewAccount) -> None:
        """Lets the owner of an address complete a registration that an unproved account blocks."""
        await self._passwords.policy.refuse_breached("password", new.password)
        password_hash = await self._passwords.hash(new.password, call.device.network)
        pending = self._pending.new(call, new, password_hash, self._runtime.clock.now())
        with suppress(TooManyEmails):
            await self._runtime.store.write(lambda tx: self._pending.put(tx, pending))

    def _new(self, call: Call, new: NewAccount, password_hash: str, now: datetime) -> Registration:
        ids, request = self._runtime.ids, call.idempotency
        user = User(
            user_id=ids.uuid(),
            email=new.email,
            password_hash=password_hash,
            first_name=new.first_name,
            last_name=new.last_name,
            company=new.company,
            create_time=now,
            language=new.language,
        )
        digest = b"" if request is None else request.digest
        return Registration(user, ids.uuid(), ids.uuid(), ids.secret(), digest)

    def _first_login(self, call: Call, registration: Registration) -> "_FirstLogin":
        """The login that a registration begins, the same for every repeat."""
        user = registration.user
        tenant = LoginTenant.self_tenant(user.user_id, user.create_time)
        token = self._first_token(call.idempotency, registration)
        return _FirstLogin(
            tenant, token, self._start.new(token, tenant, call.device, user.create_time)
        )

    def _first_token(
        self, request: IdempotentRequest | None, registration: Registration
    ) -> RefreshToken:
        # Derived, so that a repeat can be answered although no secret is stored: from a seal key,
        # the salt, and the whole request with its password. The seal key is the one of the first
        # time; another one may be in force by now.
        digests = (b"",) if request is None else request.digests
        first = registration.request_digest or digests[0]
        secrets = self._runtime.seal.macs("first refresh token", registration.refresh_salt + first)
        secret = secrets[digests.index(first)]
        return RefreshToken(registration.user.user_id, registration.login_id, secret)


class _UnprovedEmailTaken(Exception):
    """There is an account with the address, and it has not proved it."""


class _FirstLogin(NamedTuple):
    """The login that a registration begins, with its tenant and its refresh token."""

    tenant: LoginTenant
    token: RefreshToken
    login: Login


def _repeat(now: datetime) -> Repeat[Registration]:
    async def answer(tx: Read, kept: bytes) -> Registration:
        # Nothing is kept of a registration from the time when addresses had to be proved first.
        found = await repository.registration(tx, kept) if kept else None
        if found is None:  # the account is deleted, or was never made
            raise CountsAsNew
        login = await LOGINS.get(tx, found.user.user_id, found.login_id)
        if login is None or login.expire_time <= now or found.user.password_revision:
            raise EmailTaken
        return found

    return Repeat(answer, repository.pack)


async def _first(
    tx: Read,
    request: IdempotentRequest | None,
    now: datetime,
    repeat: Repeat[Registration],
    email: str,
) -> Registration | None:
    """The first registration if this is a repeat. Raises `EmailTaken`, `IdempotencyKeyReused`."""
    answered = await IDEMPOTENCY.find(tx, request, now, repeat)
    if answered is not None:
        return answered.value
    await _require_free(tx, email)
    return None


async def _require_free(tx: Read, email: str) -> None:
    """Raises `EmailTaken` if there is an account with the address."""
    holder = await user_of_email(tx, normalized_email(email))
    if holder is not None:
        raise EmailTaken if holder.owned else _UnprovedEmailTaken
