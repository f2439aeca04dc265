"""The algorithms of tokens: Ed25519 (RFC 8037) and ECDSA with P-256 and SHA-256 (RFC 7518, section 3.4).

A signature has one spelling. ECDSA alone does not give that: a holder of the signature (r, s) can also
write (r, n - s), which is as good. So auth writes the smaller s, and the larger one is refused here.
ECDSA is deterministic (RFC 6979): the same token gets the same signature, and none of them depends on
the quality of a random number.
"""

from enum import StrEnum
from typing import NamedTuple, TypeAlias

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm

PrivateKey: TypeAlias = Ed25519PrivateKey | ec.EllipticCurvePrivateKey
"""The private half of a signing key, as the library has it."""

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_NUMBER_BYTES = 32  # of a coordinate, a private key and each half of a signature


class Algorithm(StrEnum):
    """An algorithm by its name in a token's header."""

    EDDSA = "EdDSA"
    ES256 = "ES256"


class PublicKey(NamedTuple):
    """The public half of a signing key."""

    algorithm: Algorithm
    raw: bytes
    """Ed25519: 32 bytes (RFC 8032). P-256: the point, uncompressed, 65 bytes (SEC 1, section 2.3.3)."""

    def load(self) -> Ed25519PublicKey | ec.EllipticCurvePublicKey:
        """The key, as the library has it. Raises `ValueError` for other bytes."""
        if self.algorithm is Algorithm.EDDSA:
            return Ed25519PublicKey.from_public_bytes(self.raw)
        if len(self.raw) != 1 + 2 * _NUMBER_BYTES:  # the library also takes a compressed point
            raise ValueError("Not an uncompressed point of P-256.")
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.raw)

    @property
    def coordinates(self) -> tuple[bytes, ...]:
        """What a JWK says of it: `x`, and for P-256 also `y`."""
        if self.algorithm is Algorithm.EDDSA:
            return (self.raw,)
        return self.raw[1 : 1 + _NUMBER_BYTES], self.raw[1 + _NUMBER_BYTES :]


def new_private_key(algorithm: Algorithm) -> PrivateKey:
    """A new key."""
    if algorithm is Algorithm.EDDSA:
        return Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def private_bytes(key: PrivateKey) -> bytes:
    """A private key as 32 bytes."""
    if isinstance(key, Ed25519PrivateKey):
        return key.private_bytes_raw()
    return key.private_numbers().private_value.to_bytes(_NUMBER_BYTES, "big")


def private_key_of(algorithm: Algorithm, raw: bytes) -> PrivateKey:
    """The private key that `private_bytes` has written."""
    if algorithm is Algorithm.EDDSA:
        return Ed25519PrivateKey.from_private_bytes(raw)
    return ec.derive_private_key(int.from_bytes(raw, "big"), ec.SECP256R1())


def public_key_of(key: PrivateKey) -> PublicKey:
    """The public half of a private key."""
    if isinstance(key, Ed25519PrivateKey):
        return PublicKey(Algorithm.EDDSA, key.public_key().public_bytes_raw())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return PublicKey(Algorithm.ES256, point)


class _Es256(ECAlgorithm):
    """ES256 of which each signature has one spelling."""

    def __init__(self) -> None:
        super().__init__(hashes.SHA256, ec.SECP256R1)

    def sign(self, msg: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
        """The signature with the smaller s."""
        r, s = decode_dss_signature(
            key.sign(msg, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        )
        halves = (r, min(s, _P256_ORDER - s))
        return b"".join(half.to_bytes(_NUMBER_BYTES, "big") for half in halves)

    def verify(
        self,
        msg: bytes,
        key: ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey,
        sig: bytes,
    ) -> bool:
        """Whether it is the signature, in the spelling of `sign`."""
        if int.from_bytes(sig[_NUMBER_BYTES:], "big") > _P256_ORDER // 2:
            return False
        return super().verify(msg, key, sig)


SIGNATURES = jwt.PyJWS([Algorithm.EDDSA])
"""Signs and verifies (RFC 7515), with these algorithms and no others."""
SIGNATURES.register_algorithm(Algorithm.ES256, _Es256())
