"""The tokens of invitations: 256 random bits, of which the store knows the hash."""

from base64 import urlsafe_b64encode
from hashlib import sha256


def token_of(secret: bytes) -> str:
    """A secret in the form that people are sent: base64url without padding."""
    return urlsafe_b64encode(secret).rstrip(b"=").decode()


def hash_of(token: str) -> bytes:
    """What the store knows of a token. With that many random bits it needs no salt."""
    return sha256(token.encode()).digest()
