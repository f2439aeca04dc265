"""The things that sessions knows, as values.

Times are milliseconds since 1970, as in the keys: a session is read far more often than its times
are looked at, and turning four of them into datetimes and back costs more than the read itself.
"""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Session:
    """One IDE workspace session."""

    session_id: UUID
    tenant_id: UUID
    user_id: UUID
    name: str
    workspace_path: str
    state: bytes
    """The editor's own JSON object, a serialised `google.protobuf.Struct`; see editor_state.py."""
    revision: int
    """Counts the changes of name, path and state, from 1."""
    create_time: int
    update_time: int
    """Of the last change of name, path or state."""
    last_active_time: int
    """Of the last change or heartbeat."""
    expire_time: int
    """From then on the session is gone."""
    tenant_epoch: int = 0
    """The epoch in the token that made it, see `Caller`: what ends sessions goes up to one."""
    has_tokens: bool = False
    """Whether auth has made tokens of it, and is told when it ends."""
    of_service_account: bool = False
    """Whether its user is a service account."""


class StoredSession(NamedTuple):
    """A session as it was found: what decides who sees it, and all of it in the form of the contract.

    Most reads pass a session on as it is stored; to take it apart and put it together again would take
    four times as long.

    Attributes:
        session_id: As in `Session`.
        user_id: As in `Session`.
        expire_time: As in `Session`.
        message: A serialised message `Session` of the contract, with further fields.
    """

    session_id: UUID
    user_id: UUID
    expire_time: int
    message: bytes


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that is to be created."""

    name: str
    workspace_path: str
    state: bytes


@dataclass(frozen=True, slots=True)
class SessionUpdate:
    """Changes of a session; None keeps a field."""

    name: str | None = None
    workspace_path: str | None = None
    state: bytes | None = None
    revision: int | None = None
    """The revision that the change is based on; None for any."""

    @property
    def is_heartbeat(self) -> bool:
        """Whether nothing is to change, except that the session counts as active."""
        return self.name is None and self.workspace_path is None and self.state is None


class EndedSession(NamedTuple):
    """A session with tokens that has ended: auth has yet to end these."""

    user_id: UUID
    session_id: UUID


class Cleared(NamedTuple):
    """What one transaction has removed of a user's sessions.

    Attributes:
        all: Whether none is left.
        had_tokens: Whether one of them had tokens, which auth has yet to end.
    """

    all: bool
    had_tokens: bool


@dataclass(frozen=True, slots=True)
class SessionQuota:
    """What decides whether a user may have one more session in a tenant."""

    used: int
    """The user's sessions in the tenant, including those that the sweeper has yet to remove."""
    revoked: bool
    """Whether the user, its membership or the tenant has ended since the token was issued."""
