"""The texts of codes and of pushed requests: they name a record, and have 256 random bits and a seal.

The seal shows that this product made a text, so noise costs no look at the store, and a text that is
ours and unknown was used or has ended. The store keeps SHA-256 of the bits.
"""

from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from kernel import base64url
from kernel.seal import Seal

REQUEST_URI = "urn:ietf:params:oauth:request_uri:"
"""What the name of a pushed request begins with (RFC 9126, section 2.2)."""
_CODE, _REQUEST = "authorization code", "pushed request"
_ID_BYTES, _SECRET_BYTES, _SEAL_BYTES = 16, 32, 16


@dataclass(frozen=True, slots=True)
class Code:
    """The content of a code."""

    user_id: UUID
    code_id: UUID
    secret: bytes

    @property
    def hash(self) -> bytes:
        """What the store keeps of it."""
        return sha256(self.secret).digest()


@dataclass(frozen=True, slots=True)
class RequestName:
    """The content of the name of a pushed request."""

    request_id: UUID
    secret: bytes

    @property
    def hash(self) -> bytes:
        """What the store keeps of it."""
        return sha256(self.secret).digest()


def write_code(code: Code, seal: Seal) -> str:
    """The form that the client gets."""
    return _write(_CODE, code.user_id.bytes + code.code_id.bytes + code.secret, seal)


def read_code(text: str, seal: Seal) -> Code | None:
    """The content of a code that this product issued, or None."""
    body = _read(_CODE, text, 2 * _ID_BYTES + _SECRET_BYTES, seal)
    if body is None:
        return None
    user_id, code_id = UUID(bytes=body[:_ID_BYTES]), UUID(bytes=body[_ID_BYTES : 2 * _ID_BYTES])
    return Code(user_id, code_id, body[2 * _ID_BYTES :])


def write_request(name: RequestName, seal: Seal) -> str:
    """The `request_uri` that the client gets."""
    return REQUEST_URI + _write(_REQUEST, name.request_id.bytes + name.secret, seal)


def read_request(text: str, seal: Seal) -> RequestName | None:
    """The content of a `request_uri` that this product issued, or None."""
    if not text.startswith(REQUEST_URI):
        return None
    body = _read(_REQUEST, text.removeprefix(REQUEST_URI), _ID_BYTES + _SECRET_BYTES, seal)
    return None if body is None else RequestName(UUID(bytes=body[:_ID_BYTES]), body[_ID_BYTES:])


def _write(purpose: str, body: bytes, seal: Seal) -> str:
    return base64url.encode(body + seal.mac(purpose, body)[:_SEAL_BYTES])


def _read(purpose: str, text: str, size: int, seal: Seal) -> bytes | None:
    if len(text) > 2 * (size + _SEAL_BYTES):  # a much longer one costs nothing
        return None
    try:
        data = base64url.decode(text)
    except ValueError:
        return None
    body, tag = data[:-_SEAL_BYTES], data[-_SEAL_BYTES:]
    good = len(body) == size and seal.verify_mac(tag, purpose, body)
    return body if good else None
