"""The tokens of a session: created, listed, and revoked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from kernel.errors import AccessTokenRevoked, ScopeMissing, SessionNotFound
from kernel.identity import scopes as all_scopes
from kernel.identity.callers import Call, Caller, Role
from kernel.identity.programs import Program
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from kernel.storage.recipes.paging import Listing, PageTokens, list_name
from services.auth.bearer_tokens import format as form
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.bearer_tokens.format import BearerKind, NewBearerToken
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.model import Login, LoginTenant
from services.auth.logins.repository import LOGINS, require_login
from services.auth.revocations.log import RevocationLog
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.settings import AuthSettings
from services.auth.users.repository import require_user
from services.auth.workspace_tokens.errors import (
    AgentChainTooLong,
    WorkspaceTokenLimitReached,
    WorkspaceTokenNotFound,
)
from services.auth.workspace_tokens.model import (
    DEFAULT_AGENT,
    DEFAULT_SCOPES,
    MOST_AGENTS,
    SCOPES,
    NewWorkspaceToken,
    RequestedWorkspaceToken,
    WorkspaceToken,
)
from services.auth.workspace_tokens.repository import (
    ENDED_SESSIONS,
    MOST_OF_USER,
    WORKSPACE_TOKENS,
    count_of_user,
    tokens_of_session,
)
from services.auth.workspace_tokens.revocation import end_token
from services.auth.workspace_tokens.sessions import HeldSessions


class _Made(NamedTuple):
    """A token that is to be stored, as far as it is known before the transaction."""

    bearer: NewBearerToken
    caller: Caller
    requested: RequestedWorkspaceToken
    tenant: LoginTenant
    now: datetime
    expire_time: datetime


class WorkspaceTokens:
    """The use cases of the tokens of a user's sessions."""

    def __init__(
        self,
        runtime: Runtime,
        settings: AuthSettings,
        active_tenant: ActiveTenant,
        sessions: HeldSessions,
        log: RevocationLog,
        events: SecurityEvents,
    ) -> None:
        self._runtime = runtime
        self._life = timedelta(seconds=settings.workspace_token_seconds)
        self._most = settings.workspace_tokens_per_session
        self._active_tenant = active_tenant
        self._sessions = sessions
        self._log = log
        self._events = events
        self._page_tokens = PageTokens(runtime.seal)

    async def create(self, call: Call, requested: RequestedWorkspaceToken) -> NewWorkspaceToken:
        """Makes a token of one of the caller's sessions, with no more than the caller's token has.

        A repeat makes another one: no copy of its secret is kept. Raises `SessionNotFound`,
        `SessionsUnavailable`, `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`,
        `ProgramsNotAllowed`, `ScopeMissing`, `WorkspaceTokenLimitReached`, `AgentChainTooLong`,
        `AccessTokenRevoked`.
        """
        runtime, caller = self._runtime, call.caller
        requested = _narrowed(caller, requested)
        await self._sessions.hold(caller.user_id, caller.tenant_id, requested.session_id)
        tenant = await self._tenant(caller)
        now = runtime.clock.now()
        made = _Made(
            form.new(BearerKind.WORKSPACE, runtime.ids, runtime.seal),
            caller,
            requested,
            tenant,
            now,
            now + self._longest(tenant),
        )
        program = Program(caller.program.client_id, made.bearer.token.token_id, requested.agent)
        event = SecurityEvent.by(call, Event.WORKSPACE_TOKEN_CREATED, now, program=program)

        async def put(tx: Write) -> WorkspaceToken:
            token = await self._new(tx, made)
            await WORKSPACE_TOKENS.put(tx, token)
            security_log.append(tx, event)
            return token

        token = await runtime.store.write(put)
        self._events.report(event)
        return NewWorkspaceToken(token, made.bearer.text)

    async def list(self, call: Call, session_id: UUID) -> list[WorkspaceToken]:
        """The living tokens of one of the caller's sessions, in the order of their ids."""
        caller, now = call.caller, self._runtime.clock.now()
        if caller.session_id not in {None, session_id}:
            return []

        async def read(tx: Read) -> list[WorkspaceToken]:
            found = await tokens_of_session(tx, caller.user_id, session_id)
            living = [one for one in found if _is_living(one, caller, now)]
            # A login that has ended has left its tokens, which give no access any more.
            logins = await LOGINS.get_many(tx, {(one.user_id, one.login_id) for one in living})
            living_logins = {login.login_id for login in logins if login.expire_time > now}
            return [one for one in living if one.login_id in living_logins]

        return await self._runtime.store.read(read)

    async def list_all(self, call: Call, size: int, page_token: str) -> Listing[WorkspaceToken]:
        """A page of the tokens of all of the caller's sessions, and the next page's token."""
        user_id, now = call.caller.user_id, self._runtime.clock.now()
        return await self._page_tokens.list(
            self._runtime.store,
            list_name("workspace tokens", str(user_id)),
            page_token,
            lambda tx, after: WORKSPACE_TOKENS.page(
                tx, user_id, after=after, limit=size, only=lambda one: one.expire_time > now
            ),
        )

    async def revoke(self, call: Call, session_id: UUID, token_id: UUID) -> None:
        """Revokes a token, and those that it has made, in every service.

        Raises `WorkspaceTokenNotFound`.
        """
        caller, now = call.caller, self._runtime.clock.now()
        event = SecurityEvent.by(call, Event.WORKSPACE_TOKEN_REVOKED, now)

        async def revoke(tx: Write) -> SecurityEvent:
            found = await tokens_of_session(tx, caller.user_id, session_id)
            ending = [one for one in found if one.ends_with(token_id)]
            token = next((one for one in ending if one.token_id == token_id), None)
            if token is None or not _may_revoke(caller, token, now):
                raise WorkspaceTokenNotFound
            for one in ending:
                await end_token(tx, one, now)
            program = Program(caller.program.client_id, token_id, token.agent)
            done = event.about(program)
            security_log.append(tx, done)
            return done

        self._events.report(await self._runtime.store.write(revoke, essential=True))
        await self._log.wait_until_enforced()

    async def _tenant(self, caller: Caller) -> LoginTenant:
        """The tenant of the session, as the user is there by now."""
        user = await self._runtime.store.read(lambda tx: require_user(tx, caller.user_id))
        tenant = await self._active_tenant.for_switch(user, caller.tenant_id)
        if not tenant.programs_allowed:
            raise ProgramsNotAllowed
        return tenant

    def _longest(self, tenant: LoginTenant) -> timedelta:
        days = tenant.longest_token_days
        return min(self._life, timedelta(days=days)) if days else self._life

    async def _new(self, tx: Read, made: _Made) -> WorkspaceToken:
        """The token, if the session may have one more."""
        caller, requested, now = made.caller, made.requested, made.now
        await require_user(tx, caller.user_id)
        login = await require_login(tx, caller.user_id, caller.login_id)
        if await ENDED_SESSIONS.has(tx, requested.session_id):
            raise SessionNotFound  # it has ended since sessions was asked
        found = await tokens_of_session(tx, caller.user_id, requested.session_id)
        living = [one for one in found if one.expire_time > now]
        if len(living) >= self._most:
            raise WorkspaceTokenLimitReached({"limit": str(self._most)})
        if await count_of_user(tx, caller.user_id) >= MOST_OF_USER:
            raise WorkspaceTokenLimitReached({"limit": str(MOST_OF_USER)})
        parent = _parent(caller, living)
        return WorkspaceToken(
            token_id=made.bearer.token.token_id,
            user_id=caller.user_id,
            tenant_id=caller.tenant_id,
            session_id=requested.session_id,
            login_id=login.login_id,
            scopes=requested.scopes & login.scopes,
            role=min(caller.role, Role.parse(made.tenant.role)),
            agents=_agents(caller, parent, requested.agent),
            ancestor_ids=() if parent is None else (parent.token_id, *parent.ancestor_ids),
            secret_hash=made.bearer.token.secret_hash,
            create_time=now,
            expire_time=min(_ends(made, parent, login)),
        )


def _narrowed(caller: Caller, requested: RequestedWorkspaceToken) -> RequestedWorkspaceToken:
    """What is asked for, as far as the caller's own token goes.

    Raises `ScopeMissing` if nothing is left, or for a token that makes no others; `SessionNotFound`
    for a workspace token of another session.
    """
    if caller.is_service_account or (caller.token_id is not None and caller.session_id is None):
        # A personal token or key has no login with which the new token would end.
        raise ScopeMissing({"scopes": all_scopes.LOGIN})
    if caller.session_id not in {None, requested.session_id}:
        raise SessionNotFound
    wanted = requested.scopes or DEFAULT_SCOPES
    granted = wanted & caller.scopes & SCOPES
    if not granted:
        raise ScopeMissing({"scopes": all_scopes.write(wanted)})
    return RequestedWorkspaceToken(requested.session_id, granted, requested.agent or DEFAULT_AGENT)


def _parent(caller: Caller, living: list[WorkspaceToken]) -> WorkspaceToken | None:
    """The token that makes another one; None for a login or grant. Raises `AccessTokenRevoked`."""
    if caller.token_id is None:
        return None
    for one in living:
        if one.token_id == caller.token_id:
            return one
    raise AccessTokenRevoked  # it is trusted for a moment after its end


def _ends(made: _Made, parent: WorkspaceToken | None, login: Login) -> Iterator[datetime]:
    """When a new token ends at the latest, for each reason to end."""
    yield made.expire_time
    if parent is not None:
        yield parent.expire_time
    # An agent can have the name of a client, so its name alone does not tell.
    lent = made.caller.client_id != login.client_id
    if lent or _was_exchanged(made.caller, parent):
        # Who was lent a token for some minutes makes none that lives for longer (RFC 8693).
        yield datetime.fromtimestamp(made.caller.expire_second, UTC)


def _was_exchanged(caller: Caller, parent: WorkspaceToken | None) -> bool:
    """Whether the caller's access token is one that another client was given (RFC 8693)."""
    return bool(caller.agent) and caller.agent not in (parent.agents[:1] if parent else ())


def _agents(caller: Caller, parent: WorkspaceToken | None, agent: str) -> tuple[str, ...]:
    """The agent, and who has acted before. Raises `AgentChainTooLong`."""
    before = () if parent is None else parent.agents
    if _was_exchanged(caller, parent):
        before = (caller.agent, *before)
    if len(before) >= MOST_AGENTS:
        raise AgentChainTooLong({"limit": str(MOST_AGENTS)})
    return (agent, *before)


def _is_living(token: WorkspaceToken, caller: Caller, now: datetime) -> bool:
    """Whether a token may still give access, in the tenant that the caller acts in."""
    return token.expire_time > now and token.tenant_id == caller.tenant_id


def _may_revoke(caller: Caller, token: WorkspaceToken, now: datetime) -> bool:
    """Whether the caller may revoke a token: a workspace token, itself and those that it has made."""
    if not _is_living(token, caller, now):
        return False
    if caller.session_id is None:
        return True
    return caller.token_id is not None and token.ends_with(caller.token_id)
