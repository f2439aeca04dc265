"""Seals data that leaves the process: signing keys at rest, page tokens at the client.

Fernet is AES-128-CBC with HMAC-SHA256; `MultiFernet` opens with any of the keys and seals with the
first, so keys are rotated by putting a new one in front.
"""

import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealKeysWrong(Exception):
    """Data in the store was sealed with keys other than the configured ones."""


class Seal(MultiFernet):
    """The seal keys of one context.

    Args:
        keys: Fernet keys (32 bytes, base64url), the current one first.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__([Fernet(key) for key in keys])
        self._current = Fernet(keys[0])
        self._mac_keys = [
            HKDF(SHA256(), length=32, salt=None, info=b"coditect mac").derive(key.encode())
            for key in keys
        ]

    def open(self, sealed: bytes) -> bytes:
        """Decrypts data from the store. Raises `SealKeysWrong`."""
        try:
            return self.decrypt(sealed)
        except InvalidToken:
            raise SealKeysWrong("SEAL_KEYS do not open what is in the store") from None

    def renewed(self, sealed: bytes) -> bytes | None:
        """The data sealed with the current key; None if it is already. Raises `SealKeysWrong`."""
        try:
            self._current.decrypt(sealed)
        except InvalidToken:
            return self.encrypt(self.open(sealed))
        return None

    def mac(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA256 of the data for one purpose: 32 bytes that only this context can make.

        Unlike a plain digest, it does not let a reader of the store test guesses of the data, such
        as a password.
        """
        return _mac(self._mac_keys[0], purpose, data)

    def macs(self, purpose: str, data: bytes) -> tuple[bytes, ...]:
        """The MAC under each of the keys, the current one first."""
        return tuple(_mac(key, purpose, data) for key in self._mac_keys)

    def verify_mac(self, tag: bytes, purpose: str, data: bytes) -> bool:
        """Whether the tag is a prefix of the data's MAC under one of the keys."""
        macs = [_mac(key, purpose, data)[: len(tag)] for key in self._mac_keys]
        # Compares with all of them, so that the time does not tell which one matched.
        return any([hmac.compare_digest(tag, mac) for mac in macs])  # noqa: C419


def _mac(key: bytes, purpose: str, data: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b"\0" + data, "sha256")
