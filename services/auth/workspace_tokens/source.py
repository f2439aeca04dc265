"""What stands behind workspace tokens, for the exchange."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kernel.clock import Clock
from kernel.identity.callers import Role
from kernel.identity.scopes import ALL
from kernel.storage import Read, Write
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.bearer_tokens.format import BearerKind
from services.auth.bearer_tokens.life import end_by_policy, is_noted
from services.auth.bearer_tokens.sources import user_claims
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.model import Login
from services.auth.logins.repository import LOGINS
from services.auth.oauth_clients.model import is_registered_id
from services.auth.oauth_clients.repository import registered
from services.auth.tokens.access import Claims
from services.auth.users.model import User
from services.auth.users.repository import USERS
from services.auth.workspace_tokens.model import WorkspaceToken
from services.auth.workspace_tokens.repository import WORKSPACE_TOKENS, find_token
from services.auth.workspace_tokens.sessions import HeldSessions


class WorkspaceCredential(NamedTuple):
    """A workspace token with its user and login, as stored.

    Attributes:
        scopes: What the token, its login and the client of that are all good for.
    """

    token: WorkspaceToken
    user: User
    login: Login
    scopes: frozenset[str]

    @property
    def secret_hash(self) -> bytes:
        """SHA-256 of the secret."""
        return self.token.secret_hash

    @property
    def expire_time(self) -> datetime:
        """When the token ends."""
        return self.token.expire_time

    @property
    def last_used_time(self) -> datetime | None:
        """Its last use, as far as it was noted."""
        return self.token.last_used_time


class WorkspaceTokenSource:
    """The source of `cdt_wst_`."""

    kind = BearerKind.WORKSPACE

    def __init__(self, clock: Clock, active_tenant: ActiveTenant, sessions: HeldSessions) -> None:
        self._clock = clock
        self._active_tenant = active_tenant
        self._sessions = sessions

    async def find(self, tx: Read, token_id: UUID) -> WorkspaceCredential | None:
        """The token with user and login; None once it is revoked, or login or client give it nothing."""
        token = await find_token(tx, token_id)
        if token is None:
            return None
        user = await USERS.get(tx, token.user_id)
        login = await LOGINS.get(tx, token.user_id, token.login_id)
        if user is None or login is None:
            return None
        scopes = token.scopes & login.scopes & await _scopes_of_client(tx, login)
        return WorkspaceCredential(token, user, login, scopes) if scopes else None

    async def claims(self, credential: WorkspaceCredential) -> Claims:
        """What the token may do by now: no more than the login, the role then and the role now allow.

        Asks tenants and sessions. The access token ends when the session would, by what sessions
        knows now. Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`,
        `ProgramsNotAllowed`, `SessionNotFound`, `SessionsUnavailable`.
        """
        token, user, login, scopes = credential
        tenant, session_end = await asyncio.gather(
            self._active_tenant.for_switch(user, token.tenant_id),
            self._sessions.hold(token.user_id, token.tenant_id, token.session_id),
        )
        if not tenant.programs_allowed:
            raise ProgramsNotAllowed
        role = min(token.role, Role.parse(tenant.role))
        ends = (
            end_by_policy(token.create_time, token.expire_time, tenant.longest_token_days),
            login.expire_time,
            tenant.limits.end(login.create_time, login.last_used_time),
            session_end,
        )
        return user_claims(
            user,
            replace(tenant, role=str(role)),
            source_id=login.login_id,
            token_id=token.token_id,
            scopes=scopes,
            auth_time=login.auth_time_at(self._clock.now()),
            methods=login.methods,
            not_after=min(ends),
            session_id=token.session_id,
            actor=token.actor,
            client_id=login.client_id,
        )

    async def note_use(self, tx: Write, token_id: UUID, now: datetime) -> None:
        """Notes a use, at most once an hour. Does nothing for a token that is gone."""
        token = await find_token(tx, token_id)
        if token is not None and not is_noted(token.last_used_time, now):
            await WORKSPACE_TOKENS.put(tx, replace(token, last_used_time=now))


async def _scopes_of_client(tx: Read, login: Login) -> frozenset[str]:
    """What the client of a grant may have by now; nothing of one that is deleted.

    That one leaves its grants. Its revocation ends their access tokens, and is forgotten when the last
    of those has ended: from then on nothing but this keeps a token of an agent from giving access again.
    """
    if not is_registered_id(login.client_id):
        return ALL
    client = await registered(tx, UUID(login.client_id))
    return frozenset() if client is None else client.scopes
