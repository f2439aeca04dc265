"""Accounts: register, look, change, delete.

What has to happen in other services (a self-tenant made, a deleted user erased) is put into the
outbox in the same transaction, and told to them until they have done it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kernel.clock import Clock
from kernel.emails import checked_email, normalized_email
from kernel.fields import Fields
from kernel.identity.callers import Caller
from kernel.identity.devices import Device
from kernel.identity.revocations import Revocation
from kernel.ids import Ids
from kernel.seal import Seal
from kernel.storage import Read, Store, Write
from kernel.storage.recipes.idempotency import Replay
from services.auth import keys, repository
from services.auth.errors import EmailTaken, PasswordWrong
from services.auth.logins.devices import end_logins
from services.auth.logins.model import Login, LoginResult, Tenant
from services.auth.logins.start import StartLogin
from services.auth.model import Registration
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.passwords import policy
from services.auth.passwords.hashing import Passwords
from services.auth.revocations import repository as revocations
from services.auth.revocations.log import RevocationLog
from services.auth.tokens.access import TokenMetadata
from services.auth.tokens.refresh import RefreshToken
from services.auth.users import repository as users
from services.auth.users.errors import UserNotFound
from services.auth.users.model import User
from services.auth.users.repository import require_user

NAME_CHARACTERS = 100
COMPANY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person says of itself; None where nothing is said."""

    first_name: str | None
    last_name: str | None
    company: str | None


class Accounts:
    """The use cases around an account."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        seal: Seal,
        passwords: Passwords,
        start: StartLogin,
        log: RevocationLog,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._seal = seal
        self._passwords = passwords
        self._start = start
        self._log = log
        self._idempotency = keys.IDEMPOTENCY
        self._registering: dict[Replay, _Turn] = {}

    async def register(
        self, email: str, password: str, profile: Profile, device: Device, replay: Replay | None
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
            return await self._register(email, password, profile, device, replay)

    async def _register(
        self, email: str, password: str, profile: Profile, device: Device, replay: Replay | None
    ) -> LoginResult:
        folded, now = normalized_email(email), self._clock.now()
        answer = await self._store.read(lambda tx: self._seen(tx, folded, replay, now))
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
            digest = b"" if replay is None else replay.digest
            fresh = Registration(
                user, self._ids.uuid(), self._ids.uuid(), self._ids.secret(), digest
            )
            login = self._first_login(fresh, device, replay)

            async def create(tx: Write) -> bytes:
                return await self._idempotency.once(
                    tx, replay, now, lambda: self._create(tx, fresh, folded, login)
                )

            answer = await self._store.write(create)
        return self._first_result(repository.parse_registration(answer), device, replay)

    async def _seen(
        self, tx: Read, folded: str, replay: Replay | None, now: datetime
    ) -> bytes | None:
        """The first answer if this is a repeat: no need to hash again. Raises `EmailTaken`."""
        answer = await self._idempotency.find(tx, replay, now)
        if answer is None and await users.user_of_email(tx, folded) is not None:
            raise EmailTaken
        return answer

    async def _create(self, tx: Write, fresh: Registration, folded: str, login: Login) -> bytes:
        if await users.user_of_email(tx, folded) is not None:
            raise EmailTaken
        await users.put_user(tx, fresh.user, folded)
        await self._start.put(tx, login)
        task = OutboxTask(TaskKind.ENSURE_SELF_TENANT, fresh.user.user_id, fresh.user.create_time)
        outbox.put_task(tx, task)
        return repository.pack_registration(fresh)

    def _first_result(
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
        # Derived, so that a repeat can be answered although no secret is kept: it takes our key,
        # the salt, and the whole request with its password. The key is the one of the first time:
        # another may be in force since.
        digests = (b"",) if replay is None else replay.digests
        request = registration.request_digest or digests[0]
        secrets = self._seal.macs("first refresh token", registration.refresh_salt + request)
        secret = secrets[digests.index(request)]
        return RefreshToken(registration.user.user_id, registration.login_id, secret)

    @asynccontextmanager
    async def _alone(self, replay: Replay | None) -> AsyncIterator[None]:
        """Lets repeats that come at once wait for the first, instead of all hashing."""
        if replay is None:
            yield
            return
        turn = self._registering.setdefault(replay, _Turn())
        turn.waiting += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                self._registering.pop(replay, None)

    async def get(self, caller: Caller) -> User:
        """The caller's account."""
        return require_user(await self._user(caller.user_id))

    async def profile(self, user_id: UUID) -> User:
        """The account of any user, for other services. Raises `UserNotFound`."""
        user = await self._user(user_id)
        if user is None:
            raise UserNotFound
        return user

    async def update(self, caller: Caller, profile: Profile, replay: Replay | None) -> User:
        """Changes what is given of the caller's profile. Raises `IdempotencyKeyReused`."""
        fields = Fields()
        profile = checked(fields, profile)
        fields.check()
        now = self._clock.now()
        given = {
            name: value
            for name in ("first_name", "last_name", "company")
            if (value := getattr(profile, name)) is not None
        }

        async def change(tx: Write) -> bytes:
            user = require_user(await users.user(tx, caller.user_id))
            changed = replace(user, **given)
            if (changed.first_name, changed.last_name) != (user.first_name, user.last_name):
                changed = replace(changed, profile_revision=user.profile_revision + 1)
                task = OutboxTask(TaskKind.UPDATE_PROFILE, user.user_id)
                outbox.put_task(tx, task)
            await users.put_user(tx, changed, normalized_email(changed.email))
            return users.pack_user(changed)

        async def once(tx: Write) -> bytes:
            return await self._idempotency.once(tx, replay, now, lambda: change(tx))

        return users.parse_user(await self._store.write(once))

    async def change_password(self, caller: Caller, current: str, new: str) -> None:
        """Sets another password and ends the caller's other logins; the next one is at home.

        Raises `PasswordWrong`, `HashingBusy`, `InvalidRequest`.
        """
        user = await self._confirmed(caller, current)
        fields = Fields()
        policy.check(fields, "newPassword", new, user.email)
        fields.check()
        password_hash = await self._passwords.hash(new)
        now = self._clock.now()

        async def change(tx: Write) -> None:
            latest = await self._unchanged(tx, user)
            changed = replace(
                latest,
                password_hash=password_hash,
                password_revision=latest.password_revision + 1,
                active_tenant_id=None,
            )
            await users.put_user(tx, changed, normalized_email(user.email))
            await end_logins(tx, user.user_id, now, keep=caller.login_id)

        await self._store.write(change)
        await self._log.wait_until_enforced()

    async def delete(self, caller: Caller, password: str) -> None:
        """Deletes the account and everything of it. Raises `PasswordWrong`, `HashingBusy`."""
        user = await self._confirmed(caller, password)
        now = self._clock.now()

        async def delete(tx: Write) -> None:
            latest = await self._unchanged(tx, user)
            await end_logins(tx, user.user_id, now)
            users.clear_user(tx, latest, normalized_email(latest.email))
            revocations.append_revocation(tx, Revocation(user.user_id, revoke_time=now))
            outbox.put_task(tx, OutboxTask(TaskKind.ERASE, user.user_id))

        await self._store.write(delete)
        await self._log.wait_until_enforced()

    async def _confirmed(self, caller: Caller, password: str) -> User:
        user = await self.get(caller)
        check = await self._passwords.verify(user.password_hash, password)
        if not check.matches:
            raise PasswordWrong
        return user

    async def _user(self, user_id: UUID) -> User | None:
        return await self._store.read(lambda tx: users.user(tx, user_id))

    async def _unchanged(self, tx: Write, user: User) -> User:
        """The user as it is now. Raises `PasswordWrong` if the password has changed since."""
        latest = require_user(await users.user(tx, user.user_id))
        if latest.password_revision != user.password_revision:
            raise PasswordWrong
        return latest


class _Turn:
    """The lock of one repeat, and how many wait for it."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0


def checked(fields: Fields, profile: Profile) -> Profile:
    """The profile with its texts in order."""
    first, last, company = profile.first_name, profile.last_name, profile.company
    most = NAME_CHARACTERS
    return Profile(
        None if first is None else fields.text("firstName", first, least=1, most=most),
        None if last is None else fields.text("lastName", last, least=1, most=most),
        None if company is None else fields.text("company", company, most=COMPANY_CHARACTERS),
    )
