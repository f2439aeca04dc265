"""How other systems write password hashes, and the same hashes as they are stored here.

Nothing is computed: a hash is only written in another way. What is taken, beside the forms of `formats`:

- passlib's `$pbkdf2-sha256$29000$SALT$HASH` (also `$pbkdf2$` and sha512)
- Django's `pbkdf2_sha256$600000$salt$HASH`, `pbkdf2_sha1$…`, `scrypt$N$salt$r$p$HASH`, `argon2$argon2id$…`,
  `bcrypt$$2b$12$…`
- crypt's and libsodium's `$7$…` (scrypt)
- better-auth's `salt:key` in hexadecimal (scrypt with its fixed settings)
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable

from services.auth.passwords.argon2_hash import encoded
from services.auth.passwords.formats import StoredHash, parse

_PASSLIB = re.compile(
    r"\$pbkdf2(-sha256|-sha512)?\$([0-9]{1,9})\$([./A-Za-z0-9]*)\$([./A-Za-z0-9]+)"
)
_DJANGO_PBKDF2 = re.compile(r"pbkdf2_(sha1|sha256)\$([0-9]{1,9})\$([^$]+)\$([A-Za-z0-9+/]+=*)")
_DJANGO_SCRYPT = re.compile(
    r"scrypt\$([0-9]{1,10})\$([^$]+)\$([0-9]{1,9})\$([0-9]{1,9})\$([A-Za-z0-9+/]+=*)"
)
_CRYPT_SCRYPT = re.compile(r"\$7\$([./0-9A-Za-z]{11})([./0-9A-Za-z]*)\$([./0-9A-Za-z]{43})")
_HEX_SCRYPT = re.compile(r"([0-9a-f]{32}):([0-9a-f]{128})")
_CRYPT_DIGITS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CRYPT_KEY_BYTES = 32


def stored_form(text: str) -> str | None:
    """A hash as it is stored; None if it is in no notation that is known, or damaged."""
    try:
        rewritten = _rewritten(text)
    except (ValueError, binascii.Error):
        return None
    return None if parse(rewritten) is None else rewritten


def pbkdf2(digest: str, iterations: int, salt: bytes, key: bytes) -> str:
    """The stored form of a PBKDF2 hash, from its parts."""
    return f"$pbkdf2-{digest}$i={iterations},l={len(key)}${encoded(salt)}${encoded(key)}"


def scrypt(n: int, r: int, p: int, salt: bytes, key: bytes) -> str:
    """The stored form of a scrypt hash, from its parts. Raises `ValueError` if N is no power of two."""
    if n < 2 or n & (n - 1):  # noqa: PLR2004 - RFC 7914
        raise ValueError("N is no power of two")
    return f"$scrypt$ln={n.bit_length() - 1},r={r},p={p}${encoded(salt)}${encoded(key)}"


def argon2(
    kind: str, version: int, memory_kib: int, passes: int, lanes: int, salt: bytes, key: bytes
) -> str:
    """The stored form of an Argon2 hash, from its parts."""
    settings = f"$argon2{kind}$v={version}$m={memory_kib},t={passes},p={lanes}"
    return f"{settings}${encoded(salt)}${encoded(key)}"


def affordable(text: str) -> bool:
    """Whether a stored hash is within the bounds of an import."""
    stored: StoredHash | None = parse(text)
    return stored is not None and stored.is_affordable


def _rewritten(text: str) -> str:
    for notation, rewrite in _NOTATIONS:
        found = notation.fullmatch(text)
        if found is not None:
            return rewrite(found)
    if text.startswith("argon2$argon2"):
        return text.removeprefix("argon2")
    return text.removeprefix("bcrypt$") if text.startswith("bcrypt$$2") else text


def _of_passlib(found: re.Match[str]) -> str:
    digest = (found[1] or "-sha1")[1:]
    return pbkdf2(digest, int(found[2]), _adapted(found[3]), _adapted(found[4]))


def _of_django_pbkdf2(found: re.Match[str]) -> str:
    key = b64decode(found[4], validate=True)
    return pbkdf2(found[1], int(found[2]), found[3].encode(), key)


def _of_django_scrypt(found: re.Match[str]) -> str:
    n, r, p = int(found[1]), int(found[3]), int(found[4])
    return scrypt(n, r, p, found[2].encode(), b64decode(found[5], validate=True))


def _of_crypt(found: re.Match[str]) -> str:
    digits = found[1]
    ln, r, p = map(_crypt_number, (digits[:1], digits[1:6], digits[6:]))
    key = _crypt_number(found[3]).to_bytes(_CRYPT_KEY_BYTES + 1, "little")[:_CRYPT_KEY_BYTES]
    return scrypt(1 << ln, r, p, found[2].encode(), key)


def _of_better_auth(found: re.Match[str]) -> str:
    # The salt is its text.
    return scrypt(16_384, 16, 1, found[1].encode(), bytes.fromhex(found[2]))


_NOTATIONS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_PASSLIB, _of_passlib),
    (_DJANGO_PBKDF2, _of_django_pbkdf2),
    (_DJANGO_SCRYPT, _of_django_scrypt),
    (_CRYPT_SCRYPT, _of_crypt),
    (_HEX_SCRYPT, _of_better_auth),
)


def _adapted(text: str) -> bytes:
    """Base64 with `.` for `+` and without padding, as passlib writes it."""
    return b64decode(text.replace(".", "+") + "=" * (-len(text) % 4), validate=True)


def _crypt_number(digits: str) -> int:
    """A number of crypt, the least digit first."""
    return sum(_CRYPT_DIGITS.index(digit) << (6 * at) for at, digit in enumerate(digits))
