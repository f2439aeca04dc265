"""A personal access token, as a value."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.identity import scopes as all_scopes
from services.auth.logins.model import Method

SCOPES = frozenset(
    {
        all_scopes.ACCOUNT_READ,
        all_scopes.ACCOUNT_WRITE,
        all_scopes.TENANTS_READ,
        all_scopes.TENANTS_WRITE,
        all_scopes.SESSIONS_READ,
        all_scopes.SESSIONS_WRITE,
    }
)
"""What a token can be good for: those of the methods, and not those of OpenID Connect."""


@dataclass(frozen=True, slots=True)
class PersonalAccessToken:
    """A token of a user, without its secret."""

    token_id: UUID
    user_id: UUID
    tenant_id: UUID
    """The tenant that it acts in."""
    name: str
    scopes: frozenset[str]
    secret_hash: bytes
    """SHA-256 of the secret."""
    create_time: datetime
    expire_time: datetime
    auth_time: datetime
    """When the user had last proved who they are, in the login that made it."""
    methods: frozenset[Method]
    """How."""
    notice_time: datetime | None
    """When the user is told that it ends; None once that is done, or if it is not due."""
    last_used_time: datetime | None = None
    """Its last use, noted at most once an hour."""


@dataclass(frozen=True, slots=True)
class NewPersonalAccessToken:
    """A new token with its text, which the user sees once."""

    token: PersonalAccessToken
    text: str


@dataclass(frozen=True, slots=True)
class RequestedToken:
    """What a user asks of a new token."""

    name: str
    scopes: frozenset[str]
    tenant_id: UUID | None
    """The tenant that it is to act in; None for the active one."""
    days: int | None
    """For how many days it is to be good; None for the default."""
