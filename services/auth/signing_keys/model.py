"""What a signing key is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One Ed25519 key for access tokens: published, then signing, then only published."""

    kid: str
    public_key: bytes
    sealed_private_key: bytes
    create_time: datetime
    activate_time: datetime
    retire_time: datetime | None
    """When the key stops being published; None while it signs or will sign."""
