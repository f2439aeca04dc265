"""A challenge, as a value."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class ChallengePurpose(StrEnum):
    """What a challenge is for. It is good for nothing else."""

    SECOND_FACTOR = "second_factor"
    """The second factor of a login whose password was right."""
    PASSKEY_LOGIN = "passkey_login"
    """A login, or a further proof in one, by a passkey alone."""
    PASSKEY_CREATION = "passkey_creation"
    """A new passkey."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a challenge says."""

    purpose: ChallengePurpose
    challenge_id: UUID
    expire_time: datetime
    device_mac: bytes
    """The keyed digest of the program that it is for."""
    user_id: UUID | None = None
    """The user whom it is for; None for anyone."""
    origin_id: UUID | None = None
    """The login that it was made in, or the device that the account knew; None for neither."""
    password_revision: int = 0
    """The password that was proved, by its revision."""
    tenant_id: UUID | None = None
    """The tenant that the login is for, if one was named."""


class NewChallenge(NamedTuple):
    """A challenge and its text."""

    challenge: Challenge
    text: str


class SpentChallenge(NamedTuple):
    """A challenge that was used."""

    challenge_id: UUID
    expire_time: datetime
