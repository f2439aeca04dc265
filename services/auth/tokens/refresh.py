"""Refresh tokens: opaque to their holder, useless to a reader of the store.

A token names its login and has 256 random bits and a seal. The store keeps only the SHA-256 of the
bits. The bits of a successor are derived from those of the token it replaces and a random salt in
the store. So a repeat within the grace period gets the same successor, although no copy of it is
kept; the salt alone reveals nothing. The seal shows that this product issued a token: an unknown
token with a good seal is a spent one, possibly stolen, and one without is noise.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from kernel import base64url
from kernel.seal import Seal

_PURPOSE = "refresh token"
_SEAL_BYTES = 16
_CHARACTERS = 107  # base64url of 16 + 16 + 32 bytes and the seal


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """The content of a refresh token."""

    user_id: UUID
    login_id: UUID
    secret: bytes

    @property
    def hash(self) -> bytes:
        """What the store keeps of it: SHA-256 of the secret."""
        return sha256(self.secret).digest()

    def successor(self, salt: bytes) -> "RefreshToken":
        """The token that replaces this one."""
        secret = hmac.digest(self.secret, salt, "sha256")
        return RefreshToken(self.user_id, self.login_id, secret)


def write(token: RefreshToken, seal: Seal) -> str:
    """The form that the client keeps."""
    body = token.user_id.bytes + token.login_id.bytes + token.secret
    return base64url.encode(body + seal.mac(_PURPOSE, body)[:_SEAL_BYTES])


def read(text: str, seal: Seal) -> RefreshToken | None:
    """The content of a token that this product issued, or None."""
    if len(text) != _CHARACTERS:  # a much longer one costs nothing
        return None
    try:
        data = base64url.decode(text)
    except ValueError:
        return None
    body, tag = data[:-_SEAL_BYTES], data[-_SEAL_BYTES:]
    if not seal.verify_mac(tag, _PURPOSE, body):
        return None
    return RefreshToken(UUID(bytes=body[:16]), UUID(bytes=body[16:32]), body[32:])
