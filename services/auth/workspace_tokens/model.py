"""A workspace token, as a value."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.identity import scopes as all_scopes
from kernel.identity.callers import Role
from services.auth.tokens.access import Actor

SCOPES = frozenset(
    {
        all_scopes.ACCOUNT_READ,
        all_scopes.TENANTS_READ,
        all_scopes.SESSIONS_READ,
        all_scopes.SESSIONS_WRITE,
    }
)
"""What a token can be good for at most."""
DEFAULT_SCOPES = frozenset({all_scopes.SESSIONS_READ, all_scopes.SESSIONS_WRITE})
"""What it is good for where nothing is asked for."""
DEFAULT_AGENT = "workspace"
"""Who acts with it where no name is given."""
MOST_AGENTS = 5
"""The most agents that a token names: the one who acts, and those before."""


@dataclass(frozen=True, slots=True)
class WorkspaceToken:
    """A token of a session, without its secret."""

    token_id: UUID
    user_id: UUID
    tenant_id: UUID
    """The tenant of the session."""
    session_id: UUID
    """The session that it works in, and the only one that it reaches."""
    login_id: UUID
    """The login or grant that has made it, and with which it ends."""
    scopes: frozenset[str]
    role: Role
    """The role of the token that has made it, which it never exceeds."""
    agents: tuple[str, ...]
    """Who acts with it, and then those for whom the tokens before were made."""
    ancestor_ids: tuple[UUID, ...]
    """The tokens with which it ends: the one that has made it, the one that has made that, …"""
    secret_hash: bytes
    """SHA-256 of the secret."""
    create_time: datetime
    expire_time: datetime
    last_used_time: datetime | None = None
    """Its last use, noted at most once an hour."""

    @property
    def agent(self) -> str:
        """Who acts with it."""
        return self.agents[0]

    @property
    def actor(self) -> Actor:
        """Who acts with it, and who before (RFC 8693, section 4.1)."""
        actor: Actor | None = None
        for name in reversed(self.agents):
            actor = Actor(name, actor)
        assert actor is not None, "a token names its agent"
        return actor

    def ends_with(self, token_id: UUID) -> bool:
        """Whether it ends when that token is revoked."""
        return token_id == self.token_id or token_id in self.ancestor_ids


@dataclass(frozen=True, slots=True)
class NewWorkspaceToken:
    """A new token with its text, which its holder sees once."""

    token: WorkspaceToken
    text: str


@dataclass(frozen=True, slots=True)
class RequestedWorkspaceToken:
    """What a caller asks of a new token."""

    session_id: UUID
    scopes: frozenset[str]
    agent: str
