"""Which keys clients may have."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from kernel import base64url
from services.auth.oauth_clients.public_keys import MOST_KEYS, KeysInvalid, as_mapping, read
from tests.services.auth.oauth_clients.harness import JWKS, KEY

PUBLIC = JWKS["keys"][0]


def test_public_keys_are_kept_as_they_are() -> None:
    """What is read back is what was given."""
    rsa = RSAKey.generate_key(2048, {"kid": "two", "use": "sig", "alg": "PS256"})
    keys = {"keys": [PUBLIC, rsa.as_dict(private=False)]}
    assert as_mapping(read(keys)) == keys


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"keys": []},
        {"keys": {}},
        {"keys": [None]},
        {"keys": [{}]},
        {"keys": [{"kty": "PQ", "x": "x"}]},
        {"keys": [{**PUBLIC, "x": "x"}]},
        {"keys": [{**PUBLIC, "x": 1}]},
        {"keys": [{**PUBLIC, "crv": "P-999"}]},
        {"keys": [{**PUBLIC, "use": "enc"}]},
        {"keys": [{**PUBLIC, "kid": 1}]},
        {"keys": [{**PUBLIC, "alg": ["ES256"]}]},
        {"keys": [{**PUBLIC, "more": "x" * 8_192}]},
        {"keys": [PUBLIC, PUBLIC]},
        {"keys": [PUBLIC, {name: one for name, one in PUBLIC.items() if name != "kid"}]},
        {"keys": [{**PUBLIC, "kid": str(number)} for number in range(MOST_KEYS + 1)]},
        {"keys": [KEY.as_dict(private=True)]},
        {"keys": [OctKey.generate_key(256).as_dict()]},
        {"keys": [ECKey.generate_key("secp256k1").as_dict(private=False)]},
        {"keys": [OKPKey.generate_key("X25519").as_dict(private=False)]},
    ],
)
def test_other_keys_are_refused(keys: dict[str, Any]) -> None:
    """Private, shared, weak, unknown and ambiguous keys, and what is none."""
    with pytest.raises(KeysInvalid):
        read(keys)


def test_a_key_that_is_slow_to_use() -> None:
    """An exponent as long as the modulus keeps this server busy with each assertion."""
    key = RSAKey.generate_key(2048, {"kid": "one"}).as_dict(private=False)
    for exponent, taken in ((65_537, True), ((1 << 32) - 1, True), ((1 << 32) + 1, False)):
        keys = {"keys": [{**key, "e": _encoded(exponent)}]}
        if taken:
            assert as_mapping(read(keys)) == keys
        else:
            with pytest.raises(KeysInvalid):
                read(keys)


@pytest.mark.filterwarnings("ignore:Key size")
def test_rsa_keys_have_a_size() -> None:
    """A short key can be broken, and a long one keeps this server busy."""
    for bits in (1024, 8192):
        number = (1 << (bits - 1)) | 1
        key = {"kty": "RSA", "n": _encoded(number), "e": "AQAB"}
        with pytest.raises(KeysInvalid):
            read({"keys": [key]})


def _encoded(number: int) -> str:
    return base64url.encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))
