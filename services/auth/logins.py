"""Logins: begun with a password, carried on with refresh tokens, ended by a logout.

Ending a login removes its record and appends to the revocation log in one transaction, so no
service can know of less than the store does.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hmac import compare_digest
from uuid import UUID

from kernel.clock import Clock
from kernel.emails import normalized_email
from kernel.identity.callers import Caller, Role
from kernel.identity.devices import Device
from kernel.identity.revocations import Revocation
from kernel.ids import Ids
from kernel.seal import Seal
from kernel.self_tenant import ACTIVE
from kernel.storage import Read, Store, Write
from kernel.storage.recipes.paging import PageTokens, list_name, page
from services.auth import keys, repository
from services.auth.active_tenant import ActiveTenant
from services.auth.errors import BadCredentials, LoginNotFound, RefreshTokenInvalid
from services.auth.model import Login, LoginResult, Tenant, Tokens
from services.auth.passwords.hashing import Passwords
from services.auth.revocations import repository as revocations
from services.auth.revocations.log import RevocationLog
from services.auth.settings import AuthSettings
from services.auth.tokens import refresh as refresh_tokens
from services.auth.tokens.access import AccessTokens, Claims, TokenMetadata
from services.auth.tokens.refresh import RefreshToken
from services.auth.users import repository as users
from services.auth.users.model import User

# More logins than any setting allows, so that a setting made smaller leaves none out.
_ALL = 1000


class Logins:
    """The use cases around a login."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        seal: Seal,
        settings: AuthSettings,
        passwords: Passwords,
        access_tokens: AccessTokens,
        log: RevocationLog,
        active_tenant: ActiveTenant,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._seal = seal
        self._settings = settings
        self._passwords = passwords
        self._access_tokens = access_tokens
        self._log = log
        self._active_tenant = active_tenant
        self._page_tokens = PageTokens(seal)

    async def log_in(self, normalized_email: str, password: str, device: Device) -> LoginResult:
        """Begins a login. Raises `BadCredentials`, `HashingBusy`."""
        user = await self._store.read(lambda tx: users.user_of_email(tx, normalized_email))
        check = await self._passwords.verify(user.password_hash if user else None, password)
        if user is None or not check.matches:
            raise BadCredentials
        better = await self._passwords.hash(password) if check.needs_rehash else None
        tenant = await self._active_tenant.for_login(user)
        token = RefreshToken(user.user_id, self._ids.uuid(), self._ids.secret())
        login = self.first(token, tenant, device, self._clock.now())

        async def begin(tx: Write) -> None:
            current = await users.user(tx, user.user_id)
            if current is None or current.password_revision != user.password_revision:
                raise BadCredentials  # deleted or changed while the password was being checked
            if better is not None:
                await users.put_user(tx, replace(current, password_hash=better), normalized_email)
            await self.begin(tx, login)

        await self._store.write(begin)
        return self._login_result(user, tenant, login, token)

    def first(self, token: RefreshToken, tenant: Tenant, device: Device, now: datetime) -> Login:
        """A new login of a user in a tenant, with its first refresh token."""
        return Login(
            login_id=token.login_id,
            user_id=token.user_id,
            tenant_id=tenant.tenant_id,
            role=Role.parse(tenant.role),
            create_time=now,
            last_used_time=now,
            expire_time=now + self._idle,
            device=device,
            token_hash=token.hash,
            previous_token_hash=b"",
            rotation_salt=b"",
            rotate_time=now,
        )

    async def begin(self, tx: Write, login: Login) -> None:
        """Writes a new login; those used least recently make room if there are too many."""
        others = await repository.logins(tx, login.user_id, _ALL)
        others.sort(key=lambda other: other.last_used_time, reverse=True)
        for surplus in others[self._settings.logins_per_user - 1 :]:
            self.end_in(tx, surplus, login.create_time)
        await repository.put_login(tx, login)

    async def refresh(self, text: str) -> LoginResult:
        """Exchanges a refresh token. Raises `RefreshTokenInvalid`, `TenantsUnavailable`."""
        token = refresh_tokens.read(text, self._seal)
        if token is None:
            raise RefreshTokenInvalid
        now, salt = self._clock.now(), self._ids.secret()
        while True:
            user, login = await self._store.read(lambda tx: _holder(tx, token))
            # Asked before the token is spent: who gets no answer can come again with it.
            tenant = await self._active_tenant.for_refresh(user, login.tenant_id)
            turn = _Turn(token, salt, now, login.tenant_id, tenant)
            try:
                found = await self._store.write(partial(self._rotate, turn=turn))
            except _SwitchedMeanwhile:
                continue
            if found is None:
                await self._log.wait_until_enforced()
                raise RefreshTokenInvalid
            return self._login_result(user, tenant, *found)

    async def _rotate(self, tx: Write, turn: "_Turn") -> tuple[Login, RefreshToken] | None:
        """The login after the exchange and its next token; None where the login is no more."""
        token, salt, now = turn.token, turn.salt, turn.now
        _, login = await _holder(tx, token)
        if login.expire_time <= now:
            return None
        if login.tenant_id != turn.asked_tenant_id:
            raise _SwitchedMeanwhile
        if compare_digest(token.hash, login.token_hash):
            successor = token.successor(salt)
            absolute = login.create_time + timedelta(seconds=self._settings.login_life_seconds)
            login = replace(
                login,
                tenant_id=turn.tenant.tenant_id,
                role=Role.parse(turn.tenant.role),
                token_hash=successor.hash,
                previous_token_hash=token.hash,
                rotation_salt=salt,
                rotate_time=now,
                last_used_time=now,
                expire_time=min(now + self._idle, absolute),
            )
            await repository.put_login(tx, login)
            return login, successor
        grace = timedelta(seconds=self._settings.refresh_grace_seconds)
        spent_just_now = now - login.rotate_time <= grace
        if spent_just_now and compare_digest(token.hash, login.previous_token_hash):
            return login, token.successor(login.rotation_salt)
        # Ours, but spent: somebody has kept a copy. Nobody can tell who is who, so both are out.
        self.end_in(tx, login, now)
        return None

    async def end(self, caller: Caller, login_id: UUID) -> None:
        """Ends one of the caller's logins, everywhere. Raises `LoginNotFound`."""
        now = self._clock.now()

        async def end(tx: Write) -> None:
            login = await repository.login(tx, caller.user_id, login_id)
            if login is None:
                raise LoginNotFound
            self.end_in(tx, login, now)

        await self._store.write(end)
        await self._log.wait_until_enforced()

    async def log_out(self, caller: Caller) -> None:
        """Ends the caller's login, everywhere; one that ended meanwhile is as good."""
        with suppress(LoginNotFound):
            await self.end(caller, caller.login_id)

    async def end_all(self, caller: Caller) -> None:
        """Ends every login of the caller, everywhere; the next one is at home.

        Whoever fears that somebody else was logged in does not go on where that one has been.
        """
        now = self._clock.now()

        async def end(tx: Write) -> None:
            await self.end_all_in(tx, caller.user_id, now)
            user = await users.user(tx, caller.user_id)
            if user is not None and user.active_tenant_id is not None:
                home = replace(user, active_tenant_id=None)
                await users.put_user(tx, home, normalized_email(home.email))

        await self._store.write(end)
        await self._log.wait_until_enforced()

    async def end_all_in(
        self, tx: Write, user_id: UUID, now: datetime, keep: UUID | None = None
    ) -> None:
        """Ends every login of a user but one, in a transaction of the caller's."""
        for login in await repository.logins(tx, user_id, _ALL):
            if login.login_id != keep:
                self.end_in(tx, login, now)

    def end_in(self, tx: Write, login: Login, now: datetime) -> None:
        """Ends a login in a transaction of the caller's."""
        repository.clear_login(tx, login)
        revocations.append_revocation(
            tx, Revocation(login.user_id, revoke_time=now, login_id=login.login_id)
        )

    async def list(self, caller: Caller, size: int, page_token: str) -> tuple[list[Login], str]:
        """A page of the caller's logins in the order of their ids, and the next page's token."""
        name = list_name("logins", str(caller.user_id))
        after = self._page_tokens.read(page_token, name=name)
        begin, end = keys.LOGIN.range(caller.user_id)

        async def read(tx: Read) -> tuple[list[Login], str]:
            rows = await page(tx, begin, end, after=after, limit=size)
            logins = [repository.parse_login(value) for _, value in rows.rows]
            return logins, self._page_tokens.make(rows.last_key, name=name)

        logins, next_page_token = await self._store.read(read)
        now = self._clock.now()
        return [login for login in logins if login.expire_time > now], next_page_token

    def tokens(
        self,
        login: Login,
        tenant: Tenant,
        refresh_token: RefreshToken | None,
        metadata: TokenMetadata,
        not_after: datetime | None = None,
    ) -> Tokens:
        """The tokens of a login for a tenant; the access token ends with the login at the latest.

        Args:
            login: The login.
            tenant: The tenant that the access token is for.
            refresh_token: The next refresh token; None where the one at hand stays good.
            metadata: The metadata of the access token.
            not_after: When the access token ends at the latest; None for the end of the login.
        """
        end = login.expire_time if not_after is None else min(login.expire_time, not_after)
        claims = Claims(
            user_id=login.user_id,
            login_id=login.login_id,
            tenant_id=tenant.tenant_id,
            role=tenant.role,
            tenant_epoch=tenant.epoch,
            tenant_suspended=tenant.state != ACTIVE,
            not_after=end,
        )
        written = None if refresh_token is None else refresh_tokens.write(refresh_token, self._seal)
        return Tokens(
            access_token=self._access_tokens.sign(claims, metadata),
            refresh_token=written,
            expires_in=self._access_tokens.life(claims, metadata),
        )

    def _login_result(
        self, user: User, tenant: Tenant, login: Login, token: RefreshToken
    ) -> LoginResult:
        metadata = TokenMetadata(self._ids.uuid(), self._clock.now())
        return LoginResult(user, tenant, self.tokens(login, tenant, token, metadata))

    @property
    def _idle(self) -> timedelta:
        return timedelta(seconds=self._settings.login_idle_seconds)


@dataclass(frozen=True, slots=True)
class _Turn:
    """The exchange of one refresh token."""

    token: RefreshToken
    salt: bytes
    now: datetime
    asked_tenant_id: UUID
    """The tenant of the login that tenants was asked about."""
    tenant: Tenant
    """The one that the next tokens are for."""


class _SwitchedMeanwhile(Exception):
    """The login is for another tenant than the one that was asked about."""


async def _holder(tx: Read, token: RefreshToken) -> tuple[User, Login]:
    """The user and the login of a token. Raises `RefreshTokenInvalid` where they are no more."""
    login = await repository.login(tx, token.user_id, token.login_id)
    user = await users.user(tx, token.user_id)
    if login is None or user is None:
        raise RefreshTokenInvalid
    return user, login
