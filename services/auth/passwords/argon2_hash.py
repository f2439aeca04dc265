"""Argon2 hashes (RFC 9106), computed by libsodium where it can, otherwise by argon2-cffi.

libsodium uses the widest vector instructions of the processor, where the wheels of argon2-cffi use
SSE2, so that a hash takes two thirds of the time; and it returns the memory of a hash to the system.
It computes Argon2id with one lane and a salt of 16 bytes, which is what this product hashes with by
default. The others are those of imported accounts, and of settings with several lanes.
"""

import hmac
import os
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from argon2.exceptions import HashingError
from argon2.low_level import ARGON2_VERSION, Type, hash_secret_raw
from nacl import exceptions
from nacl.bindings import crypto_pwhash_alg, crypto_pwhash_ALG_ARGON2ID13

MOST_MEMORY_KIB = 65_536
"""The most memory that a hash from elsewhere may take. It is that of libraries' defaults (RFC 9106)."""
B64 = r"[A-Za-z0-9+/]+"
NUMBER = r"[1-9][0-9]{0,8}"
SALT_BYTES, DIGEST_BYTES = 16, 32
_MOST_WORK_KIB = 16 * MOST_MEMORY_KIB  # memory times passes; about a second
_MOST_LANES = 16
_LEAST_SALT_BYTES, _LEAST_KEY_BYTES, _LEAST_LANE_KIB = 8, 4, 8
_LEAST_SODIUM_KEY_BYTES = 16
_FIRST_VERSION = 16  # of texts that name none

_FORM = re.compile(
    rf"\$argon2(id|i|d)(?:\$v=(1[69]))?\$m=({NUMBER}),t=({NUMBER}),p=({NUMBER})\$({B64})\$({B64})"
)
_TYPES = {"id": Type.ID, "i": Type.I, "d": Type.D}


@dataclass(frozen=True, slots=True)
class Argon2Hash:
    """A hash that was made with Argon2; see `StoredHash`."""

    text: str
    kind: Type
    version: int
    memory_kib: int
    passes: int
    lanes: int
    salt: bytes
    key: bytes

    @classmethod
    def read(cls, text: str) -> "Argon2Hash | None":
        """Reads `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`; None for another form.

        Raises `ValueError` if the Base64 is damaged.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            return None
        kind, version, *numbers, salt_text, key_text = found.groups()
        memory, passes, lanes = map(int, numbers)
        salt, key = decoded(salt_text), decoded(key_text)
        if (
            len(salt) < _LEAST_SALT_BYTES
            or len(key) < _LEAST_KEY_BYTES
            or memory < _LEAST_LANE_KIB * lanes
        ):
            return None
        number = int(version or _FIRST_VERSION)
        return cls(text, _TYPES[kind], number, memory, passes, lanes, salt, key)

    @classmethod
    def of(cls, password: bytes, settings: str) -> str:
        """A new hash, with a random salt. `settings` begin the text of the hash."""
        decoy = cls.read(f"{settings}${random_text(SALT_BYTES)}${random_text(DIGEST_BYTES)}")
        assert decoy is not None, "the settings are those of a hash"
        return f"{settings}${encoded(decoy.salt)}${encoded(decoy.key_of(password))}"

    @property
    def settings(self) -> str:
        """What determines the cost, as a text."""
        settings = self._settings
        if len(self.salt) == SALT_BYTES and len(self.key) >= _LEAST_SODIUM_KEY_BYTES:
            return settings
        # Not computed by libsodium, so it costs more than others with the same numbers.
        return f"{settings},salt={len(self.salt)},key={len(self.key)}"

    @property
    def is_affordable(self) -> bool:
        """Whether it takes at most about a second, and no more memory than is allowed."""
        return (
            self.memory_kib <= MOST_MEMORY_KIB
            and self.memory_kib * self.passes <= _MOST_WORK_KIB
            and self.lanes <= _MOST_LANES
        )

    def matches(self, password: bytes) -> bool:
        """Whether it is the hash of a password. No password matches if there is no memory for it."""
        try:
            return hmac.compare_digest(self.key_of(password), self.key)
        except (HashingError, exceptions.RuntimeError):
            return False

    def key_of(self, password: bytes) -> bytes:
        """The key of a password with this salt and these settings.

        Raises `HashingError` or `nacl.exceptions.RuntimeError` if there is no memory for it.
        """
        if self._suits_libsodium:
            return crypto_pwhash_alg(
                len(self.key),
                password,
                self.salt,
                self.passes,
                self.memory_kib << 10,
                crypto_pwhash_ALG_ARGON2ID13,
            )
        return hash_secret_raw(
            password,
            self.salt,
            self.passes,
            self.memory_kib,
            self.lanes,
            len(self.key),
            self.kind,
            self.version,
        )

    def decoy(self) -> str:
        """A hash of the same cost that is that of no password."""
        return f"{self._settings}${random_text(len(self.salt))}${random_text(len(self.key))}"

    @property
    def _settings(self) -> str:
        return self.text.rsplit("$", 2)[0]

    @property
    def _suits_libsodium(self) -> bool:
        return (
            self.kind is Type.ID
            and self.version == ARGON2_VERSION
            and self.lanes == 1
            and len(self.salt) == SALT_BYTES
            and len(self.key) >= _LEAST_SODIUM_KEY_BYTES
        )


def encoded(data: bytes) -> str:
    """Base64 without padding, as in PHC strings."""
    return b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The bytes of Base64 without padding. Raises `ValueError` if it is damaged."""
    data = b64decode(text + "=" * (-len(text) % 4), validate=True)
    if encoded(data) != text:  # libraries refuse bits that say nothing
        raise ValueError("not canonical")
    return data


def random_text(size: int) -> str:
    """Random bytes, as in PHC strings."""
    return encoded(os.urandom(size))
