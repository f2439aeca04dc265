"""Keys and signatures of both algorithms: one spelling each."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kernel.identity import signatures
from kernel.identity.signatures import (
    SIGNATURES,
    Algorithm,
    PublicKey,
    new_private_key,
    private_bytes,
    private_key_of,
    public_key_of,
)
from kernel.identity.tokens import Verifier
from tests.support.clock import FixedClock
from tests.support.tokens import AUDIENCE, ISSUER, Mint, somebody

ORDER = signatures._P256_ORDER


def verify(token: str, mint: Mint) -> None:
    """Verifies a token. Raises `AccessTokenInvalid`."""
    verifier = Verifier(ISSUER, AUDIENCE, FixedClock())
    verifier.trust(mint.keys)
    verifier.verify(token)


def mirrored(token: str) -> str:
    """The same ES256 token with the other signature that ECDSA takes: n - s in place of s."""
    signed, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    s = ORDER - int.from_bytes(raw[32:], "big")
    other = base64.urlsafe_b64encode(raw[:32] + s.to_bytes(32, "big"))
    return f"{signed}.{other.rstrip(b'=').decode()}"


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_private_key_is_kept_in_32_bytes(algorithm: Algorithm) -> None:
    """What is written is read again as the same key."""
    key = new_private_key(algorithm)
    raw = private_bytes(key)
    assert len(raw) == 32
    assert public_key_of(private_key_of(algorithm, raw)) == public_key_of(key)


def test_the_other_signature_of_ecdsa_is_refused() -> None:
    """A stranger can make it from a good token; a library takes both, and the services one."""
    mint = Mint(FixedClock(), Algorithm.ES256)
    public = mint.keys["test"].load()
    plain = signatures.jwt.PyJWS([Algorithm.ES256])
    for _ in range(20):
        token = mint.token(somebody())
        other = mirrored(token)
        verify(token, mint)
        assert mirrored(other) == token
        assert plain.decode(other, public, [Algorithm.ES256])
        with pytest.raises(signatures.jwt.InvalidSignatureError):
            SIGNATURES.decode(other, public, [Algorithm.ES256])


@pytest.mark.parametrize("size", [0, 31, 63, 65, 70, 128])
def test_a_signature_of_another_size_is_refused(size: int) -> None:
    """ES256 has 64 bytes (RFC 7518, section 3.4), and no ASN.1."""
    mint = Mint(FixedClock(), Algorithm.ES256)
    signed, _, signature = mint.token(somebody()).rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    other = base64.urlsafe_b64encode((raw * 2)[:size]).rstrip(b"=").decode()
    with pytest.raises(signatures.jwt.InvalidSignatureError):
        SIGNATURES.decode(f"{signed}.{other}", mint.keys["test"].load(), [Algorithm.ES256])


@pytest.mark.parametrize("algorithm", Algorithm)
def test_the_same_text_gets_the_same_signature(algorithm: Algorithm) -> None:
    """Both algorithms are deterministic (RFC 8032, RFC 6979)."""
    mint = Mint(FixedClock(), algorithm)
    assert mint.signature("text") == mint.signature("text") != mint.signature("another")


def test_a_public_key_has_one_spelling() -> None:
    """A compressed point, one that is not on the curve and a key of another size are refused."""
    key = new_private_key(Algorithm.ES256)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    good = public_key_of(key).raw
    compressed = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    for raw in (compressed, good[:-1], good[:-1] + bytes([good[-1] ^ 1]), good + b"\0", b""):
        with pytest.raises(ValueError, match=r"."):
            PublicKey(Algorithm.ES256, raw).load()
        with pytest.raises(ValueError, match=r"."):
            PublicKey(Algorithm.EDDSA, raw).load()
