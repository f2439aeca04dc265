"""The public keys over the wire."""

from jwt.utils import base64url_decode

from tests.services.auth.server import Auth


async def test_the_public_keys(auth: Auth) -> None:
    """The JWK set has what RFC 8037 asks for and no private half."""
    (jwk,) = (await auth.call("GetJwks")).keys
    (key,) = auth.signing_keys.published
    assert (jwk.kty, jwk.crv, jwk.alg, jwk.use, jwk.kid) == (
        "OKP", "Ed25519", "EdDSA", "sig", key.kid,
    )  # fmt: skip
    assert base64url_decode(jwk.x) == key.public_key
