"""The public keys of clients (JSON Web Keys, RFC 7517): which ones are taken, and their use."""

import json
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from joserfc import jwk, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

ALGORITHMS = ("ES256", "ES384", "ES512", "EdDSA", "Ed25519", "PS256", "PS384", "PS512", "RS256")
"""The algorithms by which a client may sign: asymmetric ones alone, so no key can be taken for a secret."""
MOST_KEYS = 5
MOST_BYTES = 8_192
_CURVES = frozenset({"P-256", "P-384", "P-521", "Ed25519"})
_RSA_LEAST_BITS = 2_048
_RSA_MOST_BITS = 4_096
_SECRET_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class KeysInvalid(Exception):
    """The keys of a client cannot be used."""


def read(keys: Mapping[str, Any]) -> str:
    """The text of a key set, as it is stored. Raises `KeysInvalid`.

    Each key must be public and strong enough, and have an id of its own if there are several.
    """
    found = keys.get("keys")
    if not isinstance(found, list) or not 0 < len(found) <= MOST_KEYS:
        raise KeysInvalid
    text = json.dumps({"keys": found}, separators=(",", ":"))
    if len(text) > MOST_BYTES:
        raise KeysInvalid
    for key in found:
        _check(key)
    ids = [key.get("kid") for key in found]
    if len(ids) > 1 and (None in ids or len(set(ids)) != len(ids)):
        raise KeysInvalid
    return text


def as_mapping(text: str) -> Mapping[str, Any]:
    """The key set behind a stored text."""
    keys: Mapping[str, Any] = json.loads(text)
    return keys


def verified(token: str, text: str) -> Mapping[str, Any]:
    """The claims of a token that one of the keys of a stored text has signed.

    Raises `JoseError`, `ValueError`, `TypeError`, `LookupError`.
    """
    with warnings.catch_warnings():
        # RFC 9864 renames EdDSA, and clients still write the old name.
        warnings.simplefilter("ignore")
        keys = KeySet.import_key_set(json.loads(text))
        return jwt.decode(token, keys, ALGORITHMS).claims


def _check(key: object) -> None:
    if not isinstance(key, dict) or _SECRET_MEMBERS & key.keys():
        raise KeysInvalid
    if key.get("use", "sig") != "sig" or not _texts(key.get(name) for name in ("kid", "alg")):
        raise KeysInvalid
    try:
        imported = jwk.import_key(key)
        good = _is_strong(imported)
    except (JoseError, ValueError, TypeError, LookupError):
        raise KeysInvalid from None
    if not good:
        raise KeysInvalid


def _texts(values: Iterable[object]) -> bool:
    return all(value is None or isinstance(value, str) for value in values)


def _is_strong(key: jwk.Key) -> bool:
    if isinstance(key, RSAKey):
        return _RSA_LEAST_BITS <= key.public_key.key_size <= _RSA_MOST_BITS
    return isinstance(key, ECKey | OKPKey) and key.curve_name in _CURVES
