"""Registration: a new user and its first login, in one transaction.

The task to make the self-tenant is put into the outbox in the same transaction. A repeat with the
same idempotency key gets the first answer again, tokens included, although no secret is stored.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from kernel.clock import Clock
from kernel.emails import checked_email, normalized_email
from kernel.fields import Fields
from kernel.identity.devices import Device
from kernel.ids import Ids
from kernel.seal import Seal
from kernel.storage import Read, Store, Write
from kernel.storage.recipes.idempotency import Replay
from services.auth.accounts import repository
from services.auth.accounts.errors import EmailTaken
from services.auth.accounts.model import Registration
from services.auth.accounts.profile import ProfileUpdate, checked
from services.auth.keys import IDEMPOTENCY
from services.auth.logins.model import Login, LoginResult, Tenant
from services.auth.logins.start import StartLogin
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.passwords import policy
from services.auth.passwords.hashing import Passwords
from services.auth.tokens.access import TokenMetadata
from services.auth.tokens.refresh import RefreshToken
from services.auth.users import repository as users
from services.auth.users.model import User


class RegisterAccount:
    """The use case of a registration."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        seal: Seal,
        passwords: Passwords,
        start: StartLogin,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._seal = seal
        self._passwords = passwords
        self._start = start
        self._repeats: dict[Replay, _RepeatLock] = {}

    async def register(
        self,
        email: str,
        password: str,
        profile: ProfileUpdate,
        device: Device,
        replay: Replay | None,
    ) -> LoginResult:
        """Creates a user and begins its first login.

        Raises `EmailTaken`, `HashingBusy`, `IdempotencyKeyReused`, `InvalidRequest`.
        """
        fields = Fields()
        profile = checked(fields, profile)
        email = checked_email(fields, email)
        policy.check(fields, "password", password, email)
        fields.check()
        async with self._alone(replay):
            registration = await self._registered(email, password, profile, device, replay)
        return self._result(registration, device, replay)

    async def _registered(
        self,
        email: str,
        password: str,
        profile: ProfileUpdate,
        device: Device,
        replay: Replay | None,
    ) -> Registration:
        normalized, now = normalized_email(email), self._clock.now()
        answer = await self._store.read(lambda tx: _first_answer(tx, normalized, replay, now))
        if answer is None:
            user = User(
                user_id=self._ids.uuid(),
                email=email,
                password_hash=await self._passwords.hash(password),
                first_name=profile.first_name or "",
                last_name=profile.last_name or "",
                company=profile.company or "",
                create_time=now,
            )
            new = self._new(user, replay)
            login = self._first_login(new, device, replay)

            async def create(tx: Write) -> bytes:
                return await IDEMPOTENCY.once(
                    tx, replay, now, lambda: self._create(tx, new, normalized, login)
                )

            answer = await self._store.write(create)
        return repository.parse_registration(answer)

    def _new(self, user: User, replay: Replay | None) -> Registration:
        digest = b"" if replay is None else replay.digest
        return Registration(user, self._ids.uuid(), self._ids.uuid(), self._ids.secret(), digest)

    async def _create(
        self, tx: Write, new: Registration, normalized_email: str, login: Login
    ) -> bytes:
        if await users.user_of_email(tx, normalized_email) is not None:
            raise EmailTaken
        await users.USERS.put(tx, new.user)
        await self._start.put(tx, login)
        task = OutboxTask(TaskKind.ENSURE_SELF_TENANT, new.user.user_id, new.user.create_time)
        outbox.put_task(tx, task)
        return repository.pack_registration(new)

    def _result(
        self, registration: Registration, device: Device, replay: Replay | None
    ) -> LoginResult:
        """The answer to a registration, the same for every repeat."""
        user = registration.user
        tenant = Tenant.self_tenant(user.user_id, user.create_time)
        login = self._first_login(registration, device, replay)
        token = self._first_token(registration, replay)
        metadata = TokenMetadata(registration.token_id, user.create_time)
        return LoginResult(user, tenant, self._start.tokens(login, tenant, token, metadata))

    def _first_login(
        self, registration: Registration, device: Device, replay: Replay | None
    ) -> Login:
        user = registration.user
        tenant = Tenant.self_tenant(user.user_id, user.create_time)
        token = self._first_token(registration, replay)
        return self._start.new(token, tenant, device, user.create_time)

    def _first_token(self, registration: Registration, replay: Replay | None) -> RefreshToken:
        # Derived, so that a repeat can be answered although no secret is stored: from a seal key,
        # the salt, and the whole request with its password. The seal key is the one of the first
        # time; another one may be in force by now.
        digests = (b"",) if replay is None else replay.digests
        request = registration.request_digest or digests[0]
        secrets = self._seal.macs("first refresh token", registration.refresh_salt + request)
        secret = secrets[digests.index(request)]
        return RefreshToken(registration.user.user_id, registration.login_id, secret)

    @asynccontextmanager
    async def _alone(self, replay: Replay | None) -> AsyncIterator[None]:
        """Lets repeats that come at once wait for the first one, instead of hashing all."""
        if replay is None:
            yield
            return
        repeat = self._repeats.setdefault(replay, _RepeatLock())
        repeat.waiting += 1
        try:
            async with repeat.lock:
                yield
        finally:
            repeat.waiting -= 1
            if not repeat.waiting:
                self._repeats.pop(replay, None)


class _RepeatLock:
    """The lock of the requests with one idempotency key, and how many hold or wait for it."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0


async def _first_answer(
    tx: Read, normalized_email: str, replay: Replay | None, now: datetime
) -> bytes | None:
    """The first answer if this is a repeat: no need to hash again. Raises `EmailTaken`."""
    answer = await IDEMPOTENCY.find(tx, replay, now)
    if answer is None and await users.user_of_email(tx, normalized_email) is not None:
        raise EmailTaken
    return answer
