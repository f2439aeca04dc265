"""The exchange of a code for the tokens of a grant (RFC 6749, section 4.1.3; OAuth 2.1).

The transaction that uses the code also begins the grant, so there are never two grants for one code. A
used code is known for an hour: its second use ends the grant, because there is a copy of it. A wrong
verifier spends nothing: it cannot be guessed, and a stranger who has seen the code must not spoil it.
"""

from hmac import compare_digest
from typing import NamedTuple, TypeAlias

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.authorizations import codes
from services.auth.authorizations.codes import Code
from services.auth.authorizations.errors import InvalidGrant
from services.auth.authorizations.model import AuthorizationCode
from services.auth.authorizations.program_tenants import ProgramTenants
from services.auth.authorizations.repository import AUTHORIZATION_CODES
from services.auth.grants.model import NewGrant
from services.auth.grants.start import ApprovedGrant, StartGrant
from services.auth.logins.devices import end_login
from services.auth.logins.model import Login, LoginTenant
from services.auth.logins.repository import LOGINS
from services.auth.notifications.model import EmailKind
from services.auth.oauth.issue import IssueTokens
from services.auth.oauth.model import TokenAnswer, TokenRequest
from services.auth.oauth_clients.model import OAuthClient
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, Outcome, SecurityEvent
from services.auth.tokens.refresh import RefreshToken
from services.auth.users.model import User
from services.auth.users.repository import USERS


class _Begun(NamedTuple):
    user: User
    login: Login
    nonce: str
    events: tuple[SecurityEvent, ...]


class _Reused(NamedTuple):
    """The code was used before, which has ended its grant with these events."""

    events: tuple[SecurityEvent, ...]


_Outcome: TypeAlias = _Begun | _Reused | None
"""None if the code gives nothing, and changes nothing."""


class _Use(NamedTuple):
    """One use of a code."""

    code: Code
    call: Call
    client: OAuthClient
    request: TokenRequest


class ExchangeCode:
    """The grant type `authorization_code`."""

    def __init__(
        self,
        runtime: Runtime,
        tenants: ProgramTenants,
        start: StartGrant,
        issue: IssueTokens,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._tenants = tenants
        self._start = start
        self._issue = issue
        self._log = log
        self._events = events

    async def exchange(self, call: Call, client: OAuthClient, request: TokenRequest) -> TokenAnswer:
        """Begins the grant of a code, once. Raises `InvalidGrant`, `TenantsUnavailable`."""
        runtime = self._runtime
        code = codes.read_code(request.code, runtime.seal)
        if code is None:
            raise InvalidGrant
        use = _Use(code, call, client, request)
        found, user = await runtime.store.read(lambda tx: _look(tx, use))
        if found is None or user is None:
            raise InvalidGrant
        if found.grant_id is not None:
            # Essential: what is to be ended must end in a full store, too.
            outcome = await runtime.store.write(lambda tx: self._reuse(tx, use), essential=True)
            return await self._refuse(outcome)
        if not _is_right(found, request) or not found.scopes & client.scopes:
            raise InvalidGrant
        # Asked before the code is used: without an answer the client can use it again.
        tenant = await self._tenants.of_grant(user, client, found.tenant_id)
        token = RefreshToken(user.user_id, runtime.ids.uuid(), runtime.ids.secret())
        begun = await runtime.store.write(lambda tx: self._begin(tx, use, tenant, token))
        if not isinstance(begun, _Begun):
            return await self._refuse(begun)
        self._events.report(*begun.events)
        grant = NewGrant(begun.user, tenant, begun.login, token)
        return self._issue.answer(client, grant, nonce=begun.nonce)

    async def _begin(
        self, tx: Write, use: _Use, tenant: LoginTenant, token: RefreshToken
    ) -> _Outcome:
        """Uses the code for a grant, if the login that has approved it goes on."""
        found, user = await _look(tx, use)
        if found is None or user is None:
            return None
        if found.grant_id is not None:
            return await self._reuse(tx, use)
        now = self._runtime.clock.now()
        approver = await LOGINS.get(tx, found.user_id, found.login_id)
        alive = approver is not None and approver.expire_time > now
        if approver is None or not alive or not found.is_good(now):
            return None
        approved = ApprovedGrant(use.client, found.scopes, tenant, token, use.call.device, now)
        login, happened = await self._start.begin(tx, user, approver, approved)
        await AUTHORIZATION_CODES.put(tx, found.used_for(login.login_id, now))
        return _Begun(user, login, found.nonce, tuple(happened))

    async def _reuse(self, tx: Write, use: _Use) -> _Outcome:
        """Ends the grant of a code that was used before."""
        found, user = await _look(tx, use)
        if found is None or user is None or found.grant_id is None:
            return None
        grant = await LOGINS.get(tx, found.user_id, found.grant_id)
        if grant is None:
            return None
        now, device = self._runtime.clock.now(), use.call.device
        await end_login(tx, grant, now)
        kind = EmailKind.AUTHORIZATION_CODE_REUSED
        await self._events.notify(tx, user, kind, device, now)
        where = now, device, grant.login_id
        reused = Event.AUTHORIZATION_CODE_REUSED
        events = (
            SecurityEvent(grant.user_id, reused, Outcome.FAILURE, *where).about(grant.program),
            SecurityEvent.done(grant.user_id, Event.PROGRAM_REMOVED, *where).about(grant.program),
        )
        for event in events:
            security_log.append(tx, event)
        return _Reused(events)

    async def _refuse(self, outcome: _Outcome) -> TokenAnswer:
        if outcome is not None:
            self._events.report(*outcome.events)
            await self._log.wait_until_enforced()
        raise InvalidGrant


def _is_right(found: AuthorizationCode, request: TokenRequest) -> bool:
    """Whether a request comes from the client that made the authorization request (RFC 7636).

    A redirect URI is not needed beside the verifier, and must be right if it is given (OAuth 2.1).
    """
    same_place = request.redirect_uri in {"", found.redirect_uri}
    return same_place and found.takes(request.code_verifier)


async def _look(tx: Read, use: _Use) -> tuple[AuthorizationCode | None, User | None]:
    """The code, if it is the client's, and its user."""
    code = use.code
    found = await AUTHORIZATION_CODES.get(tx, code.user_id, code.code_id)
    if found is None or found.client_id != use.client.client_id:
        return None, None
    if not compare_digest(found.code_hash, code.hash):
        return None, None
    return found, await USERS.get(tx, code.user_id)
