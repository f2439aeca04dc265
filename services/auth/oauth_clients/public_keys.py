"""The public keys of clients (JSON Web Keys, RFC 7517): which ones are taken, and their use."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

ALGORITHMS = ("ES256", "ES384", "ES512", "EdDSA", "Ed25519", "PS256", "PS384", "PS512", "RS256")
"""The algorithms by which a client may sign: asymmetric ones alone, so no key can be taken for a secret."""
MOST_KEYS = 5
MOST_BYTES = 8_192
_SECRET_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class KeysInvalid(Exception):
    """The keys of a client cannot be used, or none of them has signed a token."""


def read(keys: Mapping[str, Any]) -> str:
    """The text of a key set, as it is stored. Raises `KeysInvalid`.

    Each key must be public and strong enough, and have an id of its own if there are several.
    """
    found = keys.get("keys")
    if not isinstance(found, list) or not 0 < len(found) <= MOST_KEYS:
        raise KeysInvalid
    try:
        text = json.dumps({"keys": found}, separators=(",", ":"))
    except (ValueError, RecursionError):  # writing takes more of the stack than reading
        raise KeysInvalid from None
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
    """The claims of a token that one of the keys of a stored text has signed. Raises `KeysInvalid`."""
    from services.auth.oauth_clients import jose  # noqa: PLC0415 - see there

    try:
        return jose.verified_claims(token, text, ALGORITHMS)
    except jose.JoseInvalid:
        raise KeysInvalid from None


def _check(key: object) -> None:
    if not isinstance(key, dict) or _SECRET_MEMBERS & key.keys():
        raise KeysInvalid
    if key.get("use", "sig") != "sig" or not _texts(key.get(name) for name in ("kid", "alg")):
        raise KeysInvalid
    from services.auth.oauth_clients import jose  # noqa: PLC0415 - see there

    try:
        good = jose.is_strong(key)
    except jose.JoseInvalid:
        raise KeysInvalid from None
    if not good:
        raise KeysInvalid


def _texts(values: Iterable[object]) -> bool:
    return all(value is None or isinstance(value, str) for value in values)
