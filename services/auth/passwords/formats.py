"""The forms of password hashes that are stored: what each costs, and whether a password matches.

New hashes are Argon2id. The others come with imported accounts, and each is replaced at the next login
with its password. Every form is a text in PHC string format, but bcrypt's, which has its own:

- `$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH`, also argon2i and argon2d (RFC 9106)
- `$2b$12$` and 53 characters, also `$2a$` and `$2y$` (bcrypt)
- `$pbkdf2-sha256$i=600000,l=32$SALT$HASH`, also sha1 and sha512 (RFC 8018)
- `$scrypt$ln=14,r=8,p=1$SALT$HASH` (RFC 7914)
- `$fbscrypt$v=1,n=14,r=8,p=1,ss=SEPARATOR,sk=KEY$SALT$HASH` (scrypt as Firebase uses it)
"""

import binascii
import hashlib
import hmac
import os
import re
import unicodedata
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias

import bcrypt
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from services.auth.passwords.argon2_hash import (
    B64,
    DIGEST_BYTES,
    MOST_MEMORY_KIB,
    NUMBER,
    SALT_BYTES,
    Argon2Hash,
    decoded,
    random_text,
)

MOST_CHARACTERS = 600
"""The longest hash that is read."""
_MOST_SCRYPT_KIB = 4 * MOST_MEMORY_KIB  # memory times p; like the others about a second
_MOST_ITERATIONS = 2_000_000  # of PBKDF2, for each block of the key
_MOST_BCRYPT_COST = 14
_BCRYPT_BYTES = 72  # what follows in a password is left out
_LEAST_KEY_BYTES = 16
_MOST_LN = 30  # of scrypt's N, so that no number overflows

_BCRYPT = re.compile(
    r"\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}"
)
_PBKDF2 = re.compile(
    rf"\$pbkdf2-(sha1|sha256|sha512)\$i=({NUMBER}),l=({NUMBER})\$({B64})?\$({B64})"
)
_SCRYPT = re.compile(rf"\$scrypt\$ln=([1-9][0-9]?),r=({NUMBER}),p=({NUMBER})\$({B64})?\$({B64})")
_FIREBASE = re.compile(
    rf"\$fbscrypt\$v=1,n=([1-9][0-9]?),r=({NUMBER}),p=({NUMBER}),ss=({B64}=*),sk=({B64}=*)"
    rf"\$({B64}=*)\$({B64}=*)"
)


class StoredHash(Protocol):
    """A hash that can be verified."""

    @property
    def text(self) -> str:
        """The hash as it is stored."""

    @property
    def settings(self) -> str:
        """What determines the cost, as a text."""

    @property
    def memory_kib(self) -> int:
        """The memory that it takes."""

    @property
    def is_affordable(self) -> bool:
        """Whether it takes at most about a second, and no more memory than is allowed."""

    def matches(self, password: bytes) -> bool:
        """Whether it is the hash of a password."""

    def decoy(self) -> str:
        """A hash of the same cost that is that of no password: its digest is random."""


def parse(password_hash: str) -> StoredHash | None:
    """Reads a hash in one of the forms; None if it is in none, or damaged."""
    if len(password_hash) > MOST_CHARACTERS:
        return None
    for kind in _KINDS:
        try:
            found = kind.read(password_hash)
        except (ValueError, binascii.Error):
            return None
        if found is not None:
            return found
    return None


def settings_of(password_hash: str) -> str | None:
    """What determines the cost of a hash, as a text. None if the hash is damaged."""
    stored = parse(password_hash)
    return None if stored is None else stored.settings


def new_decoy(settings: str) -> StoredHash | None:
    """A hash with the settings of Argon2 that no password matches."""
    return parse(f"{settings}${random_text(SALT_BYTES)}${random_text(DIGEST_BYTES)}")


def spellings(stored: StoredHash, password: str, normal: str) -> list[bytes]:
    """The forms of a password of which a hash may be, the most likely one first.

    Hashes of this product are of the normal form. Other systems hash what was typed, or its NFKC; for
    nearly all passwords these are the same.

    Args:
        stored: The hash.
        password: The password as it was typed.
        normal: Its normal form, which differs only from one that is short enough for it.
    """
    forms = [normal]
    if not stored.text.startswith("$argon2id$"):
        short = len(password) <= MOST_CHARACTERS
        forms += [password, unicodedata.normalize("NFKC", password) if short else password]
    return list(dict.fromkeys(form.encode() for form in forms))


def is_replaceable(stored: StoredHash, password: str) -> bool:
    """Whether a new hash of a right password may replace this one.

    bcrypt looks at the first 72 bytes. Of a longer password it cannot tell whether the rest is right,
    so a new hash could lock the owner out.
    """
    return not stored.text.startswith("$2") or len(password.encode()) <= _BCRYPT_BYTES


@dataclass(frozen=True, slots=True)
class _Bcrypt:
    text: str
    cost: int
    memory_kib: ClassVar[int] = 4

    @classmethod
    def read(cls, text: str) -> "_Bcrypt | None":
        found = _BCRYPT.fullmatch(text)
        return None if found is None else cls(text, int(found[1]))

    @property
    def settings(self) -> str:
        return f"$2b${self.cost:02}"

    @property
    def is_affordable(self) -> bool:
        return self.cost <= _MOST_BCRYPT_COST

    def matches(self, password: bytes) -> bool:
        # To some implementations a NUL ends the password: then what follows would not count.
        same = bcrypt.checkpw(password.replace(b"\0", b"?")[:_BCRYPT_BYTES], self.text.encode())
        return same and b"\0" not in password

    def decoy(self) -> str:
        salt, key = (random_text(size).replace("+", ".") for size in (SALT_BYTES, DIGEST_BYTES))
        return f"{self.settings}${salt[:21]}.{key[:31]}"


@dataclass(frozen=True, slots=True)
class _Pbkdf2:
    text: str
    digest: str
    iterations: int
    salt: bytes
    key: bytes
    memory_kib: ClassVar[int] = 1

    @classmethod
    def read(cls, text: str) -> "_Pbkdf2 | None":
        found = _PBKDF2.fullmatch(text)
        if found is None:
            return None
        salt, key = decoded(found[4] or ""), decoded(found[5])
        if len(key) != int(found[3]) or len(key) < _LEAST_KEY_BYTES:
            return None
        return cls(text, found[1], int(found[2]), salt, key)

    @property
    def settings(self) -> str:
        return f"$pbkdf2-{self.digest}$i={self.iterations},l={len(self.key)}"

    @property
    def is_affordable(self) -> bool:
        blocks = -(-len(self.key) // hashlib.new(self.digest, usedforsecurity=False).digest_size)
        return self.iterations * blocks <= _MOST_ITERATIONS

    def matches(self, password: bytes) -> bool:
        key = hashlib.pbkdf2_hmac(self.digest, password, self.salt, self.iterations, len(self.key))
        return hmac.compare_digest(key, self.key)

    def decoy(self) -> str:
        return f"{self.settings}${random_text(SALT_BYTES)}${random_text(len(self.key))}"


@dataclass(frozen=True, slots=True)
class _Scrypt:
    text: str
    ln: int
    r: int
    p: int
    salt: bytes
    key: bytes

    @classmethod
    def read(cls, text: str) -> "_Scrypt | None":
        found = _SCRYPT.fullmatch(text)
        if found is None:
            return None
        ln, r, p = int(found[1]), int(found[2]), int(found[3])
        salt, key = decoded(found[4] or ""), decoded(found[5])
        if len(key) < _LEAST_KEY_BYTES or ln > _MOST_LN:
            return None
        return cls(text, ln, r, p, salt, key)

    @property
    def settings(self) -> str:
        return f"$scrypt$ln={self.ln},r={self.r},p={self.p}"

    @property
    def memory_kib(self) -> int:
        return (self.r << self.ln) // 8 or 1

    @property
    def is_affordable(self) -> bool:
        return self.memory_kib <= MOST_MEMORY_KIB and self.memory_kib * self.p <= _MOST_SCRYPT_KIB

    def matches(self, password: bytes) -> bool:
        return hmac.compare_digest(self._derived(password, self.salt, len(self.key)), self.key)

    def decoy(self) -> str:
        return f"{self.settings}${random_text(SALT_BYTES)}${random_text(len(self.key))}"

    def _derived(self, password: bytes, salt: bytes, size: int) -> bytes:
        room = (self.memory_kib + self.r * self.p + 1) * 2048
        return hashlib.scrypt(
            password, salt=salt, n=1 << self.ln, r=self.r, p=self.p, maxmem=room, dklen=size
        )


@dataclass(frozen=True, slots=True)
class _Firebase(_Scrypt):
    """The key that scrypt derives encrypts a key of the project; the result is the hash."""

    separator: bytes
    signer: bytes

    @classmethod
    def read(cls, text: str) -> "_Firebase | None":
        found = _FIREBASE.fullmatch(text)
        if found is None:
            return None
        ln, r, p = int(found[1]), int(found[2]), int(found[3])
        separator, signer, salt, key = (b64decode(found[at], validate=True) for at in range(4, 8))
        if len(key) < _LEAST_KEY_BYTES or len(key) != len(signer) or ln > _MOST_LN:
            return None
        return cls(text, ln, r, p, salt, key, separator, signer)

    @property
    def settings(self) -> str:
        return self.text.rsplit("$", 2)[0]

    def matches(self, password: bytes) -> bool:
        derived = self._derived(password, self.salt + self.separator, DIGEST_BYTES)
        cipher = Cipher(AES(derived), CTR(bytes(16))).encryptor()
        return hmac.compare_digest(cipher.update(self.signer) + cipher.finalize(), self.key)

    def decoy(self) -> str:
        salt, key = os.urandom(SALT_BYTES), os.urandom(len(self.key))
        return f"{self.settings}${b64encode(salt).decode()}${b64encode(key).decode()}"


_Kind: TypeAlias = (
    type[Argon2Hash] | type[_Bcrypt] | type[_Pbkdf2] | type[_Scrypt] | type[_Firebase]
)
_KINDS: tuple[_Kind, ...] = (Argon2Hash, _Bcrypt, _Pbkdf2, _Scrypt, _Firebase)
