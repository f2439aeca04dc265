"""Seals what leaves the process: signing keys at rest, page tokens at the client.

Fernet is AES-128-CBC with HMAC-SHA256; `MultiFernet` opens with any of the keys and seals with the
first, so keys are rotated by putting a new one in front.
"""

import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealKeysWrong(Exception):
    """Something in the store was sealed with other keys than those given."""


class Seal(MultiFernet):
    """The seal keys of one context.

    Args:
        keys: Fernet keys (32 bytes, base64url), the one in force first.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__([Fernet(key) for key in keys])
        self._mac_keys = [
            HKDF(SHA256(), length=32, salt=None, info=b"coditect mac").derive(key.encode())
            for key in keys
        ]

    def open(self, sealed: bytes) -> bytes:
        """What was sealed into the store. Raises `SealKeysWrong`."""
        try:
            return self.decrypt(sealed)
        except InvalidToken:
            raise SealKeysWrong("SEAL_KEYS do not open what is in the store") from None

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 of the data for one purpose: 32 bytes that only this context can make.

        Unlike a plain digest it gives nobody who reads the store a way to try out what the data,
        say a password, might have been.
        """
        return _mac(self._mac_keys[0], purpose, data)

    def macs(self, purpose: str, data: bytes) -> tuple[bytes, ...]:
        """The same with each of the keys, the one in force first."""
        return tuple(_mac(key, purpose, data) for key in self._mac_keys)

    def verify_mac(self, mark: bytes, purpose: str, data: bytes) -> bool:
        """Whether the mark is the beginning of the data's MAC with one of the keys."""
        macs = [_mac(key, purpose, data)[: len(mark)] for key in self._mac_keys]
        return any([hmac.compare_digest(mark, mac) for mac in macs])  # noqa: C419 - all, always


def _mac(key: bytes, purpose: str, data: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b"\0" + data, "sha256")
