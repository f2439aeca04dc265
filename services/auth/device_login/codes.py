"""The two codes of a device login: one that the device keeps, and one that a person types.

A device code names the device login, says when it ends, and has 256 random bits and a seal, so noise
and codes that have ended cost no look at the store. The store keeps SHA-256 of the bits.

A user code has 8 of 20 consonants (RFC 8628, section 6.1): no word, and no character that looks like
another one. That is 34 bits, so wrong ones are counted, and the store keeps a keyed digest.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from kernel import base64url
from kernel.seal import Seal

USER_CODE_MAC_BYTES = 16
_PURPOSE = "device code"
_USER_PURPOSE = "user code"
_SECOND_BYTES = 8
_SEAL_BYTES = 16
_CHARACTERS = 96  # base64url of 16 + 32 + 8 bytes and the seal
_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH = 8
_GROUP = 4
_TYPED = 64  # more characters than a person types
_IGNORED = str.maketrans("", "", "-_.\u2010\u2011\u2012\u2013\u2014 \t")
_CODE_BYTES = 8  # of a secret for each code: the rest by 20**8 favors no code noticeably


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """The content of a device code."""

    device_login_id: UUID
    secret: bytes
    expire_second: int
    """Seconds since 1970."""

    @property
    def hash(self) -> bytes:
        """What the store keeps of it: SHA-256 of the secret."""
        return sha256(self.secret).digest()

    def has_expired(self, now: datetime) -> bool:
        """Whether it has ended."""
        return datetime.fromtimestamp(self.expire_second, UTC) <= now


def write(code: DeviceCode, seal: Seal) -> str:
    """The form that the device keeps."""
    second = code.expire_second.to_bytes(_SECOND_BYTES, "big")
    body = code.device_login_id.bytes + code.secret + second
    return base64url.encode(body + seal.mac(_PURPOSE, body)[:_SEAL_BYTES])


def read(text: str, seal: Seal) -> DeviceCode | None:
    """The content of a device code that this product issued, or None."""
    if len(text) != _CHARACTERS:
        return None
    try:
        data = base64url.decode(text)
    except ValueError:
        return None
    body, tag = data[:-_SEAL_BYTES], data[-_SEAL_BYTES:]
    if not seal.verify_mac(tag, _PURPOSE, body):
        return None
    second = int.from_bytes(body[-_SECOND_BYTES:], "big")
    return DeviceCode(UUID(bytes=body[:16]), body[16:-_SECOND_BYTES], second)


def user_codes(secret: bytes) -> list[str]:
    """Several user codes that are made of 32 random bytes, should the first be taken."""
    parts = (secret[at : at + _CODE_BYTES] for at in range(0, len(secret), _CODE_BYTES))
    return [_user_code(int.from_bytes(part, "big")) for part in parts]


def shown(code: str) -> str:
    """A user code in the form in which a person reads it: `BCDF-GHJK`."""
    return f"{code[:_GROUP]}-{code[_GROUP:]}"


def read_user_code(text: str) -> str | None:
    """The user code that a person typed, in any case and with any blanks and hyphens; None if it is none."""
    code = text[:_TYPED].translate(_IGNORED).upper()
    return code if len(code) == _LENGTH and set(code) <= set(_ALPHABET) else None


def user_code_mac(code: str, seal: Seal) -> bytes:
    """What the store keeps of a user code."""
    return seal.mac(_USER_PURPOSE, code.encode())[:USER_CODE_MAC_BYTES]


def user_code_macs(code: str, seal: Seal) -> list[bytes]:
    """What the store may keep of a user code, by each of the seal keys."""
    return [mac[:USER_CODE_MAC_BYTES] for mac in seal.macs(_USER_PURPOSE, code.encode())]


def _user_code(number: int) -> str:
    code = ""
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        code += _ALPHABET[digit]
    return code
