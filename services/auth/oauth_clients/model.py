"""A client, as a value."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """A program that acts for users."""

    client_id: str
    name: str
    grant_types: frozenset[str]
    scopes: frozenset[str]
    tenant_id: UUID | None = None
