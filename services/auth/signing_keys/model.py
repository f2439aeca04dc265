"""What a signing key is."""

from dataclasses import dataclass
from datetime import datetime

from kernel.identity.signatures import Algorithm, PublicKey


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key for tokens: published, then signing, then only published."""

    kid: str
    algorithm: Algorithm
    public_key: bytes
    """As `PublicKey.raw`."""
    sealed_private_key: bytes
    create_time: datetime
    activate_time: datetime
    retire_time: datetime | None
    """When the key stops being published; None while it signs or will sign."""

    @property
    def public(self) -> PublicKey:
        """What verifies its tokens."""
        return PublicKey(self.algorithm, self.public_key)
