"""The GetJwks RPC over a real channel."""

from jwt.utils import base64url_decode

from tests.services.auth.server import Auth


async def test_get_jwks_returns_the_public_key(auth: Auth) -> None:
    """The JWK set has the fields of RFC 8037 and the published public key."""
    (jwk,) = (await auth.call("GetJwks")).keys
    (key,) = auth.signing_keys.published
    assert (jwk.kty, jwk.crv, jwk.alg, jwk.use, jwk.kid) == (
        "OKP", "Ed25519", "EdDSA", "sig", key.kid,
    )  # fmt: skip
    assert base64url_decode(jwk.x) == key.public_key
