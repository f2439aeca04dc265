"""The tokens of invitations: 256 random bits. The store has only the hash."""

from hashlib import sha256

from kernel import base64url


def token_of(secret: bytes) -> str:
    """A secret as it is mailed: base64url without padding."""
    return base64url.encode(secret)


def hash_of(token: str) -> bytes:
    """The hash of a token, as it is stored. With 256 random bits it needs no salt."""
    return sha256(token.encode()).digest()
