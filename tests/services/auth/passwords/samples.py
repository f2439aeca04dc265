"""Hashes of `PASSWORD` as other systems write them, and what they are stored as."""

import hashlib
from base64 import b64encode
from typing import NamedTuple

import bcrypt
from argon2 import PasswordHasher, Type
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from tests.services.auth.harness import PASSWORD

_SALT = b"0123456789abcdef"
_SECRET = PASSWORD.encode()


class Sample(NamedTuple):
    """A hash of `PASSWORD`."""

    name: str
    text: str


def _b64(data: bytes) -> str:
    return b64encode(data).decode()


def _bare(data: bytes) -> str:
    return _b64(data).rstrip("=")


def _bcrypt(prefix: bytes) -> str:
    return bcrypt.hashpw(_SECRET, bcrypt.gensalt(4, prefix=prefix)).decode()


def _pbkdf2(digest: str, salt: bytes = _SALT, size: int = 32) -> bytes:
    return hashlib.pbkdf2_hmac(digest, _SECRET, salt, 1_000, size)


def _scrypt(salt: bytes, size: int = 32, r: int = 8, n: int = 1_024) -> bytes:
    return hashlib.scrypt(_SECRET, salt=salt, n=n, r=r, p=1, dklen=size, maxmem=1 << 26)


def _argon2(kind: Type) -> str:
    return PasswordHasher(1, 64, 2, hash_len=24, salt_len=12, type=kind).hash(PASSWORD)


def _better_auth() -> str:
    salt = "00112233445566778899aabbccddeeff"
    return f"{salt}:{_scrypt(salt.encode(), 64, 16, 16_384).hex()}"


def _firebase() -> str:
    separator, signer = b"\x07", bytes(range(64))
    encryptor = Cipher(AES(_scrypt(_SALT + separator)), CTR(bytes(16))).encryptor()
    key = encryptor.update(signer) + encryptor.finalize()
    settings = f"v=1,n=10,r=8,p=1,ss={_b64(separator)},sk={_b64(signer)}"
    return f"$fbscrypt${settings}${_b64(_SALT)}${_b64(key)}"


def _crypt_digits(number: int, size: int) -> str:
    digits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "".join(digits[number >> (6 * at) & 63] for at in range(size))


def _crypt() -> str:
    key = int.from_bytes(_scrypt(b"SodiumChloride"), "little")
    settings = _crypt_digits(10, 1) + _crypt_digits(8, 5) + _crypt_digits(1, 5)
    return f"$7${settings}SodiumChloride${_crypt_digits(key, 43)}"


FOREIGN = [
    Sample("bcrypt 2a", _bcrypt(b"2a")),
    Sample("bcrypt 2b", _bcrypt(b"2b")),
    Sample("bcrypt 2y", "$2y$" + _bcrypt(b"2b").removeprefix("$2b$")),
    Sample("bcrypt of Django", "bcrypt$" + _bcrypt(b"2b")),
    Sample("argon2i", _argon2(Type.I)),
    Sample("argon2d", _argon2(Type.D)),
    Sample("argon2id of other settings", _argon2(Type.ID)),
    Sample("argon2id of Django", "argon2" + _argon2(Type.ID)),
    Sample("pbkdf2 of Django", f"pbkdf2_sha256$1000$abc${_b64(_pbkdf2('sha256', b'abc'))}"),
    Sample("pbkdf2-sha1 of Django", f"pbkdf2_sha1$1000$abc${_b64(_pbkdf2('sha1', b'abc', 20))}"),
    Sample(
        "pbkdf2 of passlib",
        f"$pbkdf2-sha512$1000${_bare(_SALT)}${_bare(_pbkdf2('sha512', size=64))}".replace("+", "."),
    ),
    Sample("pbkdf2 PHC", f"$pbkdf2-sha256$i=1000,l=32${_bare(_SALT)}${_bare(_pbkdf2('sha256'))}"),
    Sample("scrypt PHC", f"$scrypt$ln=10,r=8,p=1${_bare(_SALT)}${_bare(_scrypt(_SALT))}"),
    Sample("scrypt of Django", f"scrypt$1024$abc$8$1${_b64(_scrypt(b'abc', 64))}"),
    Sample("scrypt of crypt", _crypt()),
    Sample("scrypt of Firebase", _firebase()),
    Sample("scrypt of better-auth", _better_auth()),
]
"""One of each notation, as cheap as the notation allows."""
