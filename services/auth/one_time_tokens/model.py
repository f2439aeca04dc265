"""What a one-time token is, and what proves that a person has it."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID


class Purpose(Enum):
    """What a token is for. A token is good for nothing else."""

    VERIFY_EMAIL = "verify_email"
    REGISTER = "register"
    CHANGE_EMAIL = "change_email"
    UNDO_EMAIL = "undo_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - no secret
    RECOVER_FACTORS = "recover_factors"
    UNDO_FACTOR = "undo_factor"

    @property
    def has_code(self) -> bool:
        """Whether its emails show a code to type beside the link. An undo is a link alone."""
        return self not in UNDOS


UNDOS = frozenset({Purpose.UNDO_EMAIL, Purpose.UNDO_FACTOR})
"""What takes an account back from an intruder: nothing that the intruder does ends it."""


@dataclass(frozen=True, slots=True)
class OneTimeToken:
    """A token as it is stored: it shows neither the secret of the link nor the code."""

    token_id: UUID
    purpose: Purpose
    address_digest: bytes
    """SHA-256 of the normalized address that it is mailed to."""
    user_id: UUID | None
    """The user whom it is for; None if it is for an address alone."""
    token_hash: bytes
    code_mac: bytes
    """Empty if there is no code, or it has been tried too often; the link stays good."""
    create_time: datetime
    expire_time: datetime
    wrong_codes: int = 0
    payload: bytes = b""
    """What it proves besides the address, sealed, in the form of its purpose."""


class Secrets(NamedTuple):
    """What is only in the email.

    Attributes:
        token: The token in the link.
        code: The code to type; empty if the purpose has none.
    """

    token: str
    code: str


class NewOneTimeToken(NamedTuple):
    """A new token with its secrets."""

    stored: OneTimeToken
    secrets: Secrets


class Proof(NamedTuple):
    """What a person presents: a token, or an address with the code that was mailed there.

    Attributes:
        token: The token in the link; empty if a code is presented.
        normalized_email: The address of the code.
        code: The code as it was typed.
    """

    token: str = ""
    normalized_email: str = ""
    code: str = ""


def address_digest(normalized_email: str) -> bytes:
    """The digest of an address: 32 bytes, also for a text longer than any address."""
    return sha256(normalized_email.encode()).digest()
