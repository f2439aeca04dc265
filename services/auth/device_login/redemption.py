"""The exchange of a device code for tokens, as often as the device asks (RFC 8628, section 3.4).

The transaction that takes an approval also begins the grant: so there are never two grants for one code,
and an approved one is kept until the device has got its tokens. A code that was taken before ends its
grant, because a stranger may have taken it first.
"""

from datetime import datetime
from enum import Enum, auto
from hmac import compare_digest
from typing import NamedTuple, TypeAlias

from kernel.errors import ServiceError
from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.authorizations.errors import (
    AccessDenied,
    AuthorizationPending,
    ExpiredToken,
    InvalidGrant,
    SlowDown,
)
from services.auth.authorizations.program_tenants import ProgramTenants
from services.auth.device_login import codes
from services.auth.device_login.codes import DeviceCode
from services.auth.device_login.model import DeviceLogin, DeviceLoginState
from services.auth.device_login.repository import DEVICE_LOGINS
from services.auth.grants.model import NewGrant
from services.auth.grants.start import ApprovedGrant, StartGrant
from services.auth.logins.devices import end_login
from services.auth.logins.model import Login, LoginTenant
from services.auth.logins.repository import LOGINS
from services.auth.notifications.model import EmailKind
from services.auth.oauth_clients.model import OAuthClient
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, Outcome, SecurityEvent
from services.auth.tokens.refresh import RefreshToken
from services.auth.users.model import User
from services.auth.users.repository import USERS


class _Answer(Enum):
    """What a device gets that gets no tokens."""

    PENDING = auto()
    TOO_EARLY = auto()
    DENIED = auto()
    INVALID = auto()
    APPROVED_MEANWHILE = auto()
    """It was pending when it was read."""


_ERRORS: dict[_Answer, type[ServiceError]] = {
    _Answer.PENDING: AuthorizationPending,
    _Answer.TOO_EARLY: SlowDown,
    _Answer.DENIED: AccessDenied,
    _Answer.INVALID: InvalidGrant,
}


class _Reused(NamedTuple):
    """A code that was taken before has ended its grant."""

    events: tuple[SecurityEvent, ...]


class _Begun(NamedTuple):
    user: User
    login: Login
    events: list[SecurityEvent]


_Outcome: TypeAlias = _Answer | _Reused | _Begun


class _Question(NamedTuple):
    """One question of a device for its tokens.

    Attributes:
        code: The device code.
        call: The call of the device.
        client: Who asks.
        now: When.
        token: The refresh token of the grant, should it begin.
        tenant: The tenant of the grant; None if the device was not let in when that was looked up.
        redeemed: Whether the device has had its tokens.
    """

    code: DeviceCode
    call: Call
    client: OAuthClient
    now: datetime
    token: RefreshToken | None = None
    tenant: LoginTenant | None = None
    redeemed: bool = False


class DeviceCodeGrant:
    """The grant type `urn:ietf:params:oauth:grant-type:device_code` of the token endpoint."""

    def __init__(
        self,
        runtime: Runtime,
        start: StartGrant,
        tenants: ProgramTenants,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._start = start
        self._tenants = tenants
        self._log = log
        self._events = events

    async def exchange(self, call: Call, client: OAuthClient, device_code: str) -> NewGrant:
        """Begins the grant of a device that was let in, once.

        Raises `AuthorizationPending`, `SlowDown`, `AccessDenied`, `ExpiredToken`, `InvalidGrant`,
        `TenantsUnavailable`.
        """
        runtime, now = self._runtime, self._runtime.clock.now()
        code = codes.read(device_code, runtime.seal)
        if code is None:
            raise InvalidGrant
        if code.has_expired(now):
            raise ExpiredToken
        question = _Question(code, call, client, now)
        outcome: _Outcome = _Answer.APPROVED_MEANWHILE
        while outcome is _Answer.APPROVED_MEANWHILE:
            question = await self._with_tenant(question)
            asked = question
            # Essential: what is to be ended must end in a full store, too.
            outcome = await runtime.store.write(
                lambda tx: self._redeem(tx, asked),  # noqa: B023
                essential=question.redeemed,
            )
        return await self._answered(question, outcome)

    async def _with_tenant(self, question: _Question) -> _Question:
        """The question with the tenant of the grant, if the device was let in."""

        async def look(tx: Read) -> tuple[DeviceLogin | None, User | None]:
            found = await _asked(tx, question)
            if found is None or found.state is not DeviceLoginState.APPROVED:
                return found, None
            return found, await USERS.get(tx, found.user_id)

        found, user = await self._runtime.store.read(look)
        if found is not None and found.state is DeviceLoginState.REDEEMED:
            return question._replace(redeemed=True)
        if found is None or found.tenant_id is None or user is None:
            return question
        tenant = await self._tenants.of_grant(user, question.client, found.tenant_id)
        ids = self._runtime.ids
        token = RefreshToken(user.user_id, ids.uuid(), ids.secret())
        return question._replace(token=token, tenant=tenant)

    async def _redeem(self, tx: Write, question: _Question) -> _Outcome:
        found = await _asked(tx, question)
        if found is None:
            return _Answer.INVALID
        if found.state is DeviceLoginState.PENDING:
            await DEVICE_LOGINS.put(tx, found.polled(question.now))
            return _Answer.TOO_EARLY if found.is_too_early(question.now) else _Answer.PENDING
        if found.state is DeviceLoginState.APPROVED:
            return await self._begin(tx, found, question)
        if found.state is DeviceLoginState.REDEEMED:
            return await self._reuse(tx, found, question)
        await DEVICE_LOGINS.clear(tx, found)
        return _Answer.DENIED

    async def _begin(self, tx: Write, found: DeviceLogin, question: _Question) -> _Outcome:
        """Begins the grant. It is denied if the login that has approved it has ended since."""
        token, tenant, now = question.token, question.tenant, question.now
        if token is None or tenant is None:
            return _Answer.APPROVED_MEANWHILE
        user = await USERS.get(tx, found.user_id)
        approver = await LOGINS.get(tx, found.user_id, found.login_id)
        if user is None or approver is None or approver.expire_time <= now:
            await DEVICE_LOGINS.clear(tx, found)
            return _Answer.DENIED
        device, client = question.call.device, question.client
        approved = ApprovedGrant(client, found.scopes, tenant, token, device, now, by_code=True)
        login, happened = await self._start.begin(tx, user, approver, approved)
        await DEVICE_LOGINS.put(tx, found.redeemed(login.login_id))
        return _Begun(user, login, happened)

    async def _reuse(self, tx: Write, found: DeviceLogin, question: _Question) -> _Outcome:
        """Ends the grant of a code that was taken before, and tells the user."""
        grant = await LOGINS.get(tx, found.user_id, found.grant_id)
        user = await USERS.get(tx, found.user_id)
        if grant is None or user is None:
            return _Answer.INVALID
        now, device = question.now, question.call.device
        await end_login(tx, grant, now)
        await self._events.notify(tx, user, EmailKind.AUTHORIZATION_CODE_REUSED, device, now)
        where = now, device, grant.login_id
        reused = SecurityEvent(grant.user_id, Event.DEVICE_CODE_REUSED, Outcome.FAILURE, *where)
        removed = SecurityEvent.done(grant.user_id, Event.PROGRAM_REMOVED, *where)
        events = reused.about(grant.program), removed.about(grant.program)
        for event in events:
            security_log.append(tx, event)
        return _Reused(events)

    async def _answered(self, question: _Question, outcome: _Outcome) -> NewGrant:
        if isinstance(outcome, _Answer):
            raise _ERRORS[outcome]
        self._events.report(*outcome.events)
        if isinstance(outcome, _Reused):
            await self._log.wait_until_enforced()
            raise InvalidGrant
        assert question.tenant is not None, "a grant has begun"
        assert question.token is not None, "a grant has begun"
        return NewGrant(outcome.user, question.tenant, outcome.login, question.token)


async def _asked(tx: Read, question: _Question) -> DeviceLogin | None:
    """The device login of a code, if it is that of the client, and that may have some of its scopes."""
    found, client = await DEVICE_LOGINS.get(tx, question.code.device_login_id), question.client
    if found is None or found.client_id != client.client_id:
        return None
    if found.scopes.isdisjoint(client.scopes):
        return None
    good = compare_digest(found.code_hash, question.code.hash) and found.expire_time > question.now
    return found if good else None
