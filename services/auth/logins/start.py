"""The start of every login, however the user was authenticated, and the tokens of logins."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from kernel.identity.callers import FIRST_PARTY, Assurance, Role
from kernel.identity.devices import Device
from kernel.identity.scopes import ALL
from kernel.runtime import Runtime
from kernel.self_tenant import ACTIVE
from kernel.storage import Write
from services.auth.logins.devices import end_login
from services.auth.logins.model import (
    PASSWORD_ALONE,
    Login,
    LoginLimits,
    LoginResult,
    LoginTenant,
    Method,
    Tokens,
    assurance_of,
)
from services.auth.logins.repository import LOGINS, logins_of
from services.auth.security_log import repository as security_log
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.settings import AuthSettings
from services.auth.tokens import refresh as refresh_tokens
from services.auth.tokens.access import AccessTokens, Claims, TokenMetadata
from services.auth.tokens.refresh import RefreshToken
from services.auth.users.model import User


class StartLogin:
    """Begins logins, and issues tokens for new and existing ones."""

    def __init__(
        self, runtime: Runtime, settings: AuthSettings, access_tokens: AccessTokens
    ) -> None:
        self._runtime = runtime
        self._settings = settings
        self._access_tokens = access_tokens

    def new(
        self,
        token: RefreshToken,
        tenant: LoginTenant,
        device: Device,
        now: datetime,
        device_id: UUID | None = None,
        methods: frozenset[Method] = PASSWORD_ALONE,
        *,
        client_id: str = FIRST_PARTY,
        scopes: frozenset[str] = ALL,
    ) -> Login:
        """A new login of a user in a tenant, with its first refresh token; not yet stored.

        Args:
            token: The refresh token; it names user and login.
            tenant: The tenant.
            device: What the login comes from.
            now: The time.
            device_id: The device, if the account knows it; without, it is a new one.
            methods: How the user proved who they are.
            client_id: The program that it is the grant of; `FIRST_PARTY` for the user's own login.
            scopes: What its access tokens are good for.
        """
        place = _Place(tenant.tenant_id, Role.parse(tenant.role), device_id or token.login_id)
        login = self._new(token, place, device, now, methods)
        login = replace(login, client_id=client_id, scopes=scopes)
        return _within(login, tenant.limits, now)

    def successor(
        self,
        old: Login,
        token: RefreshToken,
        device: Device,
        now: datetime,
        methods: frozenset[Method],
    ) -> Login:
        """The login that takes the place of another one, with its first refresh token; not yet stored."""
        place = _Place(old.tenant_id, old.role, old.device_id)
        return _within(self._new(token, place, device, now, methods), old.limits, now)

    def _new(
        self,
        token: RefreshToken,
        place: "_Place",
        device: Device,
        now: datetime,
        methods: frozenset[Method],
    ) -> Login:
        return Login(
            login_id=token.login_id,
            user_id=token.user_id,
            tenant_id=place.tenant_id,
            role=place.role,
            create_time=now,
            last_used_time=now,
            expire_time=now + timedelta(seconds=self._settings.login_idle_seconds),
            device=device,
            token_hash=token.hash,
            previous_token_hash=b"",
            rotation_salt=b"",
            rotate_time=now,
            device_id=place.device_id,
            auth_time=now,
            methods=methods,
        )

    async def put(self, tx: Write, login: Login) -> list[SecurityEvent]:
        """Stores a new login, and ends the earlier one of its device (ASVS 5.0, 7.2.4).

        If there are too many logins, it ends the least recently used ones, too. Those that have expired
        do not count, and are ended without an entry in the security log. Grants of programs are counted by themselves: a user's own logins
        and their programs do not end each other.

        Returns:
            What it has put into the security log, to be reported after the commit.
        """
        others, ended = [], []
        for other in await logins_of(tx, login.user_id):
            if other.expire_time <= login.create_time:
                # A switch or a refresh into a tenant with limits moves the end of a login to before
                # that of access tokens from before.
                await end_login(tx, other, login.create_time)
            elif other.device_id == login.device_id:
                ended.append(other)
            elif other.is_grant == login.is_grant:
                others.append(other)
        others.sort(key=lambda other: other.last_used_time, reverse=True)
        ended += others[self._settings.logins_per_user - 1 :]
        for other in ended:
            await end_login(tx, other, login.create_time)
        await LOGINS.put(tx, login)
        began = Event.PROGRAM_AUTHORIZED if login.is_grant else Event.LOGIN_STARTED
        happened = [_event(began, login, login)]
        happened += [_event(end_of(other), other, login) for other in ended]
        for event in happened:
            security_log.append(tx, event)
        return happened

    def result(
        self,
        user: User,
        tenant: LoginTenant,
        login: Login,
        refresh_token: RefreshToken | None,
        not_after: datetime | None = None,
    ) -> LoginResult:
        """The answer to a login, with new tokens; the arguments are those of `tokens`."""
        metadata = TokenMetadata(self._runtime.ids.uuid(), self._runtime.clock.now())
        tokens = self.tokens(user, login, tenant, refresh_token, metadata, not_after)
        return LoginResult(user, tenant, tokens)

    def tokens(
        self,
        user: User,
        login: Login,
        tenant: LoginTenant,
        refresh_token: RefreshToken | None,
        metadata: TokenMetadata,
        not_after: datetime | None = None,
    ) -> Tokens:
        """The tokens of a login for a tenant; the access token ends with the login, as it ends now, at the latest.

        Args:
            user: The user of the login.
            login: The login.
            tenant: The tenant that the access token is for.
            refresh_token: The next refresh token; None where the client keeps the one it has.
            metadata: The metadata of the access token.
            not_after: When the access token ends at the latest; None for the end of the login.
        """
        ends = [login.expire_time, tenant.limits.end(login.create_time, login.last_used_time)]
        end = min(ends if not_after is None else [*ends, not_after])
        assurance = assurance_of(login.methods)
        claims = Claims(
            user_id=login.user_id,
            email_verified=user.email_verified,
            login_id=login.login_id,
            tenant_id=tenant.tenant_id,
            role=tenant.role,
            tenant_epoch=tenant.epoch,
            tenant_suspended=tenant.state != ACTIVE,
            auth_time=login.auth_time_at(metadata.time),
            methods=tuple(sorted(login.methods)),
            assurance=str(assurance),
            second_factor=user.second_factor,
            second_factor_required=(tenant.second_factor_required and assurance < Assurance.AAL2),
            not_after=end,
            client_id=login.client_id,
            scopes=login.scopes,
            operator=user.operator and assurance >= Assurance.AAL2 and not login.is_grant,
        )
        return self.issue(claims, login, refresh_token, metadata)

    def issue(
        self,
        claims: Claims,
        login: Login,
        refresh_token: RefreshToken | None,
        metadata: TokenMetadata,
    ) -> Tokens:
        """The tokens of a login with these claims, and with a refresh token if there is a next one."""
        written = None
        if refresh_token is not None:
            written = refresh_tokens.write(refresh_token, self._runtime.seal)
        return Tokens(
            access_token=self._access_tokens.sign(claims, metadata),
            refresh_token=written,
            expires_in=self._access_tokens.life(claims, metadata),
            login_expires_in=max(0, int((login.expire_time - metadata.time).total_seconds())),
        )


class _Place(NamedTuple):
    """Where a login is: in which tenant and role, and on which device."""

    tenant_id: UUID
    role: Role
    device_id: UUID


def _within(login: Login, limits: LoginLimits, now: datetime) -> Login:
    """A new login within the limits of its tenant."""
    end = min(login.expire_time, limits.end(now, now))
    return replace(login, limits=limits, expire_time=end)


def end_of(login: Login) -> Event:
    """The event of the end of a login or grant."""
    return Event.PROGRAM_REMOVED if login.is_grant else Event.LOGIN_ENDED


def _event(event: Event, login: Login, new: Login) -> SecurityEvent:
    """An event of a login that a new login causes."""
    done = SecurityEvent.done(new.user_id, event, new.create_time, new.device, login.login_id)
    return done.about(login.program)
