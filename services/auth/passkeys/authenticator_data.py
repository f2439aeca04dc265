"""Refuses CBOR that no authenticator writes, before the library `webauthn` reads it.

The library decodes what is signed before the signature is checked, and encodes it again to learn its
length. A tag of CBOR can stand for a value elsewhere (28, 29), so a hundred bytes can stand for more than
fits into memory; for a regular expression (35), which takes seconds to compile; or for large numbers,
which make a slow map. The CBOR of authenticators has no tags (CTAP 2.1, section 8).
"""

from typing import Any, NoReturn

import cbor2

_FLAGS_AT = 32
_HEAD_BYTES = 37  # the digest of the relying party, flags, and the counter
_AAGUID_BYTES = 16
_LENGTH_BYTES = 2
_HAS_CREDENTIAL = 1 << 6
_HAS_EXTENSIONS = 1 << 7


def check_attestation(data: bytes) -> None:
    """Checks an attestation object. Raises `ValueError`, `LookupError`, `TypeError`, `CBORError`."""
    authenticator_data = _decoded(data)["authData"]
    if not isinstance(authenticator_data, bytes):
        raise TypeError("The authenticator data is not bytes.")
    check(authenticator_data)


def check(data: bytes) -> None:
    """Checks authenticator data (WebAuthn Level 3, section 6.1). Raises like `check_attestation`."""
    flags, rest = data[_FLAGS_AT], data[_HEAD_BYTES:]
    if flags & _HAS_CREDENTIAL:
        length, rest = rest[_AAGUID_BYTES:][:_LENGTH_BYTES], rest[_AAGUID_BYTES + _LENGTH_BYTES :]
        rest = _after_first(rest[int.from_bytes(length, "big") :])
    if flags & _HAS_EXTENSIONS:
        rest = _after_first(rest)
    if rest:
        raise ValueError("There is more than the flags say.")


def check_value(data: bytes) -> None:
    """Checks one value of CBOR that stands alone. Raises like `check_attestation`."""
    if _after_first(data):
        raise ValueError("There is more than one value.")


def _after_first(data: bytes) -> bytes:
    """What stands after the first value, which must be written as the library would write it."""
    first = cbor2.dumps(_decoded(data))
    if not data.startswith(first):  # then the library would go on at another place
        raise ValueError("The CBOR is not canonical.")
    return data[len(first) :]


def _decoded(data: bytes) -> Any:
    return cbor2.loads(data, semantic_decoders=_REFUSED, tag_hook=_refuse)


def _refuse(*_: object) -> NoReturn:
    raise ValueError("The CBOR has a tag.")


_REFUSED = dict.fromkeys(
    (
        0,
        1,
        2,
        3,
        4,
        5,
        25,
        28,
        29,
        30,
        35,
        36,
        37,
        52,
        54,
        100,
        256,
        258,
        260,
        261,
        1004,
        43000,
        55799,
    ),
    _refuse,
)
"""The tags that `cbor2` decodes by itself; it asks about every other one."""
