"""What a registration is."""

from dataclasses import dataclass
from uuid import UUID

from services.auth.users.model import User


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a person enters to register."""

    email: str
    password: str
    first_name: str
    last_name: str
    company: str
    language: str = "en"
    """The language of emails to the user, see `notifications.language`."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What it takes to answer a registration, and its repeats with the same tokens."""

    user: User
    login_id: UUID
    token_id: UUID
    refresh_salt: bytes
    request_digest: bytes = b""
    """The keyed digest of the first request; empty without an idempotency key."""
