"""The only use of joserfc: public keys of clients, and what is signed with them.

Imported where the first client with a key appears, which takes some ten milliseconds: few deployments
have one, and the library takes a megabyte in each process of auth.
"""

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

_CURVES = frozenset({"P-256", "P-384", "P-521", "Ed25519"})
_RSA_LEAST_BITS = 2_048
_RSA_MOST_BITS = 4_096
_RSA_MOST_EXPONENT = 1 << 32
"""The usual one is 65,537; a verification with one as long as the modulus takes twenty times as long."""


class JoseInvalid(Exception):
    """A key or a token is none, or does not fit the other."""


def is_strong(key: Mapping[str, Any]) -> bool:
    """Whether a public key is strong enough. Raises `JoseInvalid`."""
    with _translated():
        imported = jwk.import_key(dict(key))
        if isinstance(imported, RSAKey):
            key_size = imported.public_key.key_size
            exponent = imported.public_key.public_numbers().e
            return _RSA_LEAST_BITS <= key_size <= _RSA_MOST_BITS and exponent <= _RSA_MOST_EXPONENT
        return isinstance(imported, ECKey | OKPKey) and imported.curve_name in _CURVES


def unverified_claims(token: str) -> Any:
    """What a token claims; nothing of it is verified. Raises `JoseInvalid`."""
    with _translated():
        return json.loads(jws.extract_compact(token.encode()).payload)


def verified_claims(token: str, keys: str, algorithms: Sequence[str]) -> Mapping[str, Any]:
    """The claims of a token that one of the keys of a set has signed. Raises `JoseInvalid`.

    Args:
        token: The token.
        keys: The key set (RFC 7517, section 5), as JSON.
        algorithms: The algorithms that count.
    """
    with _translated(), warnings.catch_warnings():
        # RFC 9864 renames EdDSA, and clients still write the old name.
        warnings.simplefilter("ignore")
        return jwt.decode(token, KeySet.import_key_set(json.loads(keys)), [*algorithms]).claims


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (JoseError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise JoseInvalid(type(error).__name__) from None
