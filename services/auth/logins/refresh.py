"""The exchange of a refresh token for new tokens; a spent one ends the login.

A token is good once. For a grace period its repeat gets the same successor, unless the successor
has been used: browser tabs refresh at once, and an answer may be lost. Each of them gets an access
token for the tenant that it names. A program's token is exchanged in the same way: its grant is a login.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hmac import compare_digest
from typing import NamedTuple, Protocol
from uuid import UUID

from kernel.errors import TenantNotFound
from kernel.identity.callers import FIRST_PARTY, Assurance, Role
from kernel.identity.devices import UNKNOWN_DEVICE, Device
from kernel.identity.programs import NO_PROGRAM, Program
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.logins.devices import end_login
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.logins.model import (
    CLOCK_SKEW,
    Login,
    LoginResult,
    LoginTenant,
    assurance_of,
)
from services.auth.logins.repository import LOGINS
from services.auth.logins.start import StartLogin
from services.auth.notifications.model import EmailKind
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, Outcome, SecurityEvent
from services.auth.settings import AuthSettings
from services.auth.tokens import refresh as refresh_tokens
from services.auth.tokens.refresh import RefreshToken
from services.auth.users.model import User
from services.auth.users.repository import USERS


class RefreshTenants(Protocol):
    """Chooses the tenant of the next tokens."""

    async def for_refresh(self, user: User, tenant_id: UUID) -> LoginTenant:
        """The tenant in place of that of the login, which may be lost.

        Raises `TenantNotFound` if there is none, which ends the login; `TenantSuspended`,
        `TenantsUnavailable`.
        """
        ...

    async def for_switch(self, user: User, tenant_id: UUID) -> LoginTenant:
        """The tenant that the client names.

        Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`.
        """
        ...


class Refreshed(NamedTuple):
    """A login after a refresh.

    Attributes:
        user: Its user.
        tenant: The tenant that the next access token is for.
        login: The login.
        token: Its next refresh token.
    """

    user: User
    tenant: LoginTenant
    login: Login
    token: RefreshToken


class ScopesNotGranted(Exception):
    """The client asks for more than its grant has."""


class RefreshLogin:
    """The use case of a refresh."""

    def __init__(
        self,
        runtime: Runtime,
        settings: AuthSettings,
        start: StartLogin,
        log: RevocationLog,
        tenants: RefreshTenants,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._settings = settings
        self._start = start
        self._log = log
        self._tenants = tenants
        self._events = events

    async def refresh(
        self,
        text: str,
        tenant_id: UUID | None = None,
        device: Device = UNKNOWN_DEVICE,
        client_id: str = FIRST_PARTY,
    ) -> LoginResult:
        """Exchanges a refresh token for tokens for a tenant: the login's, if none is given.

        Raises as `rotate` does.
        """
        return self._start.result(*await self.rotate(text, tenant_id, device, client_id))

    async def rotate(
        self,
        text: str,
        tenant_id: UUID | None = None,
        device: Device = UNKNOWN_DEVICE,
        client_id: str = FIRST_PARTY,
        scopes: frozenset[str] = frozenset(),
    ) -> Refreshed:
        """Spends a refresh token for the next one.

        A token of another client is refused, and stays as it is. Raises `RefreshTokenInvalid`,
        `TenantsUnavailable`, `ScopesNotGranted`; of the tenant that is given, also `TenantNotFound`,
        `TenantSuspended`, `ReauthenticationRequired`.

        Args:
            text: The token.
            tenant_id: The tenant that the access token is to be for; None for that of the login.
            device: Where the call comes from.
            client_id: Who calls.
            scopes: What the access token is to be for at least.
        """
        runtime = self._runtime
        token = refresh_tokens.read(text, runtime.seal)
        if token is None:
            raise RefreshTokenInvalid
        now, salt = runtime.clock.now(), runtime.ids.secret()
        use = _Use(token, client_id, now, device)
        while True:
            user, login = await runtime.store.read(lambda tx: _holder(tx, use))
            if not self._is_good(token, login, now):  # its bearer learns nothing of any tenant
                end = await runtime.store.write(
                    lambda tx: self._good_login(tx, use), essential=True
                )
                break
            if not scopes <= login.scopes:
                raise ScopesNotGranted
            # Asked before the token is spent: without an answer the client can use it again.
            tenant = await self._tenant(user, login, tenant_id, now)
            if tenant is None:
                end = await runtime.store.write(lambda tx: self._end(tx, use), essential=True)
                break
            exchange = _Exchange(use, salt, login.tenant_id, tenant, tenant_id is not None)
            try:
                # Without tokens no user could log out, or delete anything, in a full store.
                found = await runtime.store.write(
                    partial(self._rotate, exchange=exchange), essential=True
                )
            except _SwitchedMeanwhile:
                continue
            if isinstance(found, _Ended):
                end = found
                break
            return Refreshed(user, tenant, *found)
        if isinstance(end, _Ended):
            self._events.report(*end.events)
        await self._log.wait_until_enforced()
        raise RefreshTokenInvalid

    async def _tenant(
        self, user: User, login: Login, tenant_id: UUID | None, now: datetime
    ) -> LoginTenant | None:
        """The tenant of the next tokens; None if the login must end instead.

        Raises as `rotate`, and `ReauthenticationRequired` for a tenant that is given.
        """
        if user.second_factor and assurance_of(login.methods) < Assurance.AAL2:
            return None  # begun by a version that knows no second factors, beside this one
        if tenant_id is not None:
            tenant = await self._tenants.for_switch(user, tenant_id)
        else:
            try:
                tenant = await self._tenants.for_refresh(user, login.tenant_id)
            except TenantNotFound:
                return None
        if tenant.limits.end(login.create_time, login.last_used_time) > now:
            return tenant
        if tenant_id is not None:
            raise tenant.limits.reached(user)
        return None

    async def _rotate(
        self, tx: Write, exchange: "_Exchange"
    ) -> "tuple[Login, RefreshToken] | _Ended":
        """The login after the exchange and its next token, unless the login has ended."""
        token = exchange.use.token
        login = await self._good_login(tx, exchange.use)
        if isinstance(login, _Ended):
            return login
        if not exchange.tenant_is_given and login.tenant_id != exchange.asked_tenant_id:
            raise _SwitchedMeanwhile
        if not compare_digest(token.hash, login.token_hash):
            return login, token.successor(login.rotation_salt)
        successor = token.successor(exchange.salt)
        login = self._rotated(login, exchange, successor)
        await LOGINS.put(tx, login)
        return login, successor

    async def _good_login(self, tx: Write, use: "_Use") -> "Login | _Ended":
        """The login in which a token is good, unless it has expired, or ends here."""
        user, login = await _holder(tx, use)
        if self._is_good(use.token, login, use.now):
            return login
        if login.expire_time <= use.now:
            return _Ended()
        # Ours, but spent: there is a copy. Owner and thief look the same: both are logged out.
        await end_login(tx, login, use.now)
        await self._events.notify(tx, user, EmailKind.REFRESH_TOKEN_REUSED, use.device, use.now)
        events = use.reuse(), use.end()
        for event in events:
            security_log.append(tx, event)
        return _Ended(events)

    async def _end(self, tx: Write, use: "_Use") -> "_Ended":
        """Ends the login of a token, for whose tenant it is too old or was unused for too long."""
        _, login = await _holder(tx, use)
        await end_login(tx, login, use.now)
        event = use.end()
        security_log.append(tx, event)
        return _Ended((event,))

    def _is_good(self, token: RefreshToken, login: Login, now: datetime) -> bool:
        """Whether a token is in force, or was spent just now and its successor is unused."""
        if login.expire_time <= now:
            return False
        if compare_digest(token.hash, login.token_hash):
            return True
        grace = timedelta(seconds=self._settings.refresh_grace_seconds)
        # A little negative where another replica's clock is ahead; more where one was set back.
        spent_just_now = -CLOCK_SKEW <= now - login.rotate_time <= grace
        return spent_just_now and compare_digest(token.hash, login.previous_token_hash)

    def _rotated(self, login: Login, exchange: "_Exchange", successor: RefreshToken) -> Login:
        now = exchange.use.now
        idle = timedelta(seconds=self._settings.login_idle_seconds)
        life = timedelta(seconds=self._settings.login_life_seconds)
        if not exchange.tenant_is_given:
            tenant = exchange.tenant
            role = Role.parse(tenant.role)
            login = replace(login, tenant_id=tenant.tenant_id, role=role, limits=tenant.limits)
        return replace(
            login,
            token_hash=successor.hash,
            previous_token_hash=exchange.use.token.hash,
            rotation_salt=exchange.salt,
            rotate_time=now,
            # Never back, so that it bounds the `iat` of every access token of the login.
            last_used_time=max(now, login.last_used_time),
            auth_time=login.auth_time_at(now),
            expire_time=min(
                now + idle, login.create_time + life, login.limits.end(login.create_time, now)
            ),
        )


@dataclass(frozen=True, slots=True)
class _Use:
    """The use of a refresh token."""

    token: RefreshToken
    client_id: str
    """Who uses it."""
    now: datetime
    device: Device

    @property
    def program(self) -> Program:
        """Who uses it, as records name it."""
        return NO_PROGRAM if self.client_id == FIRST_PARTY else Program(self.client_id)

    def reuse(self) -> SecurityEvent:
        """The event that the token was used although it was spent."""
        token, event = self.token, Event.REFRESH_TOKEN_REUSED
        where = self.now, self.device, token.login_id
        return SecurityEvent(token.user_id, event, Outcome.FAILURE, *where).about(self.program)

    def end(self) -> SecurityEvent:
        """The event that the login of the token ends."""
        token = self.token
        event = Event.LOGIN_ENDED if self.client_id == FIRST_PARTY else Event.PROGRAM_REMOVED
        where = self.now, self.device, token.login_id
        return SecurityEvent.done(token.user_id, event, *where).about(self.program)


@dataclass(frozen=True, slots=True)
class _Ended:
    """A login has ended: with these events if it ends here, before if there are none."""

    events: tuple[SecurityEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class _Exchange:
    """The exchange of one refresh token."""

    use: _Use
    salt: bytes
    asked_tenant_id: UUID
    """The tenant of the login when tenants was asked about it."""
    tenant: LoginTenant
    """The tenant that the next tokens are for."""
    tenant_is_given: bool
    """Whether the client named it; the login then keeps its own."""


class _SwitchedMeanwhile(Exception):
    """The login has switched to another tenant since tenants was asked."""


async def _holder(tx: Read, use: _Use) -> tuple[User, Login]:
    """The user and the login of a token.

    Raises `RefreshTokenInvalid` if one does not exist, or another client uses the token.
    """
    login = await LOGINS.get(tx, use.token.user_id, use.token.login_id)
    user = await USERS.get(tx, use.token.user_id)
    if login is None or user is None or login.client_id != use.client_id:
        raise RefreshTokenInvalid
    return user, login
