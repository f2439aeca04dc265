"""The things that auth knows, as values."""

from dataclasses import dataclass
from uuid import UUID

from services.auth.users.model import User


@dataclass(frozen=True, slots=True)
class Registration:
    """What a repeated registration needs to give the first answer again."""

    user: User
    login_id: UUID
    token_id: UUID
    refresh_salt: bytes
    request_digest: bytes = b""
    """The keyed digest of the request as it came first; empty without an idempotency key."""
