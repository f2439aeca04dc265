"""The form of a bearer token: a prefix that says what it is, 54 characters, and a checksum of six.

The 54 characters are base62 of an id (16 bytes), a secret (16 random bytes) and a MAC (8 bytes). The
store keeps only the SHA-256 of the secret. The MAC shows that this product made the token, so no flood
of noise reaches the store; it gives no access by itself. The checksum is CRC32 in base62, as in
GitHub's tokens: a secret scanner tells a token from another text without asking anybody. Scanners
find tokens by `PATTERN`.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID
from zlib import crc32

from kernel.ids import Ids
from kernel.seal import Seal

PATTERN = r"cdt_(pat|sak|wst)_[0-9A-Za-z]{60}"
"""The regular expression of all bearer tokens."""
PREFIX = "cdt_"
"""What every bearer token begins with, and no JWT does."""

_PURPOSE = "bearer token"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_ID_BYTES = 16
_SECRET_BYTES = 16
_MAC_BYTES = 8
_BODY_BYTES = _ID_BYTES + _SECRET_BYTES + _MAC_BYTES
_BODY_CHARACTERS = 54  # of 62 each: a little more than 320 bits
_CHECKSUM_CHARACTERS = 6
_PREFIX_CHARACTERS = 8


class BearerKind(StrEnum):
    """What a bearer token is, by its prefix."""

    PERSONAL = "cdt_pat_"
    """A personal access token of a user."""
    SERVICE_KEY = "cdt_sak_"
    """A key of a service account."""
    WORKSPACE = "cdt_wst_"
    """A token of a workspace session."""


_KINDS = {kind.value: kind for kind in BearerKind}


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A bearer token, without its secret."""

    kind: BearerKind
    token_id: UUID
    secret_hash: bytes
    """SHA-256 of the secret: what the store keeps."""


@dataclass(frozen=True, slots=True)
class NewBearerToken:
    """A new bearer token with its text, which its holder sees once."""

    token: BearerToken
    text: str


def new(kind: BearerKind, ids: Ids, seal: Seal) -> NewBearerToken:
    """Makes a token with an id and a secret of its own. Call it outside of transactions."""
    token_id, secret = ids.uuid(), ids.secret()[:_SECRET_BYTES]
    body = token_id.bytes + secret
    body += seal.mac(_PURPOSE, kind.encode() + body)[:_MAC_BYTES]
    text = kind + _base62(int.from_bytes(body), _BODY_CHARACTERS)
    token = BearerToken(kind, token_id, sha256(secret).digest())
    return NewBearerToken(token, text + _checksum(text))


class ReadToken(NamedTuple):
    """A text that has the form of a token.

    Attributes:
        token: The token.
        is_ours: Whether one of the seal keys made it. Otherwise it is noise, or the key is gone.
    """

    token: BearerToken
    is_ours: bool


def read(text: str, seal: Seal) -> ReadToken | None:
    """The token of a text; None if it has not the form of one."""
    kind = _KINDS.get(text[:_PREFIX_CHARACTERS])
    # A much longer text costs nothing; a wrong checksum, no MAC.
    if kind is None or len(text) != _PREFIX_CHARACTERS + _BODY_CHARACTERS + _CHECKSUM_CHARACTERS:
        return None
    front, checksum = text[:-_CHECKSUM_CHARACTERS], text[-_CHECKSUM_CHARACTERS:]
    body = _body_of(front[_PREFIX_CHARACTERS:])
    if body is None or _checksum(front) != checksum:
        return None
    signed, tag = body[:-_MAC_BYTES], body[-_MAC_BYTES:]
    secret_hash = sha256(signed[_ID_BYTES:]).digest()
    token = BearerToken(kind, UUID(bytes=signed[:_ID_BYTES]), secret_hash)
    return ReadToken(token, seal.verify_mac(tag, _PURPOSE, kind.encode() + signed))


def _body_of(characters: str) -> bytes | None:
    number = 0
    for character in characters:
        value = _VALUES.get(character)
        if value is None:
            return None
        number = number * 62 + value
    try:
        return number.to_bytes(_BODY_BYTES)
    except OverflowError:  # a few of the largest numbers: so each token has one spelling
        return None


def _checksum(front: str) -> str:
    return _base62(crc32(front.encode()), _CHECKSUM_CHARACTERS)


def _base62(number: int, characters: int) -> str:
    digits = []
    for _ in range(characters):
        number, value = divmod(number, 62)
        digits.append(_DIGITS[value])
    return "".join(reversed(digits))
