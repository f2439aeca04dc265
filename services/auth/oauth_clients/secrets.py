"""The secrets of clients: 256 random bits, shown once, of which the store has SHA-256."""

from hashlib import sha256

from kernel import base64url

PREFIX = "cdt_cs_"
"""By which a secret is found where it should not be, such as in a repository."""
DIGEST_BYTES = 32


def write(secret: bytes) -> str:
    """The text of a secret."""
    return PREFIX + base64url.encode(secret)


def digest(text: str) -> bytes:
    """What is kept of a secret."""
    return sha256(text.encode()).digest()
