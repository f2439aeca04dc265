"""A passkey, as a value."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.auth.factors.model import Factor, FactorKind


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of a user."""

    factor_id: UUID
    user_id: UUID
    name: str
    credential_id: bytes
    """The id that the authenticator gave, unique over all users."""
    public_key: bytes
    """As the authenticator gave it (COSE, RFC 9052)."""
    sign_count: int
    """The signature counter of the last use; 0 if the authenticator has none."""
    transports: tuple[str, ...]
    """How browsers reach the authenticator, as far as it is known."""
    create_time: datetime
    last_used_time: datetime | None = None
    """None if it was never used."""
    user_handle: bytes = b""
    """The id of the user as the authenticator knows it, if another system has made the passkey."""

    @property
    def factor(self) -> Factor:
        """The passkey as its user sees it."""
        return Factor(
            self.factor_id, FactorKind.PASSKEY, self.name, self.create_time, self.last_used_time
        )
