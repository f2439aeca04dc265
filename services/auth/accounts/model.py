"""What a registration is, before and after its address is proved."""

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class PendingRegistration:
    """A registration that waits for the proof of its address."""

    email: str
    """As it was typed."""
    password_hash: str
    first_name: str
    last_name: str
    company: str
    language: str

    def user(self, user_id: UUID, now: datetime) -> User:
        """The user whom it makes once the address is proved."""
        return User(
            user_id=user_id,
            email=self.email,
            password_hash=self.password_hash,
            first_name=self.first_name,
            last_name=self.last_name,
            company=self.company,
            create_time=now,
            email_verify_time=now,
            language=self.language,
        )
