"""The recovery codes of a user, as values."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from services.auth.factors.model import Factor, FactorKind

NUMBER = 10
"""How many codes a user gets at once."""
CHARACTERS = 24
"""Of a code: 120 random bits."""


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """The codes of a user that are still good, as they are stored."""

    factor_id: UUID
    user_id: UUID
    hashes: frozenset[bytes]
    create_time: datetime
    last_used_time: datetime | None = None
    """None if none was used yet."""

    @property
    def factor(self) -> Factor:
        """The codes as their user sees them."""
        return Factor(
            self.factor_id,
            FactorKind.RECOVERY_CODES,
            "",
            self.create_time,
            self.last_used_time,
            len(self.hashes),
        )


def hash_of(user_id: UUID, code: str) -> bytes:
    """The hash of a code in the form in which it is shown."""
    return sha256(user_id.bytes + code.encode()).digest()
