"""ID tokens: their claims, which scopes add some, and that they open nothing."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from kernel.errors import AccessTokenInvalid
from kernel.identity.signatures import Algorithm
from kernel.storage import Store
from services.auth.tokens.identity import (
    CLAIMS,
    Authentication,
    IdTokens,
    user_claims,
)
from services.auth.users.model import User
from tests.services.auth.harness import AuthHarness, make_settings, verifier
from tests.support.clock import START, FixedClock

ADA = User(
    uuid4(), "Ada@Example.com", "hash", "Ada", "Lovelace", "Engines", START,
    email_verify_time=START, language="de",
)  # fmt: skip
CLIENT = "018f3c5e-7d1a-4b2c-9e8f-0a1b2c3d4e5f"
EVERYTHING = ("openid", "profile", "email")


def authentication(*scopes: str, user: User = ADA, **changes: Any) -> Authentication:
    """How Ada has logged in, two minutes ago."""
    earlier = START - timedelta(minutes=2)
    made = Authentication(user, CLIENT, uuid4(), earlier, ("pwd", "otp", "mfa"), "aal2", scopes)
    return made._replace(**changes)


def claims_of(token: str) -> dict[str, Any]:
    """The claims, unverified."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def test_an_id_token_says_who_logged_in_and_how(harness: AuthHarness) -> None:
    """It has every claim that the discovery promises, and no other."""
    tokens, second = IdTokens(harness.signing_keys, harness.settings), int(START.timestamp())
    given = authentication(*EVERYTHING, nonce="n-0S6_WzA2Mj")
    token = tokens.sign(given, START, "an access token")
    claims = claims_of(token)
    assert set(claims) == set(CLAIMS)
    assert claims.pop("at_hash")
    assert claims == {
        "iss": "https://coditect.local", "sub": str(ADA.user_id), "aud": CLIENT,
        "iat": second, "exp": second + 900, "auth_time": second - 120, "nonce": "n-0S6_WzA2Mj",
        "acr": "aal2", "amr": ["pwd", "otp", "mfa"], "sid": str(given.login_id),
        "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace", "locale": "de",
        "email": "Ada@Example.com", "email_verified": True,
    }  # fmt: skip
    key = harness.signing_keys.published[0]
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "typ": "JWT", "kid": key.kid}
    timeless = {"verify_exp": False, "verify_iat": False}
    assert jwt.decode(token, key.public.load(), ["EdDSA"], timeless, audience=CLIENT)


def test_a_scope_adds_its_claims(harness: AuthHarness) -> None:
    """Without `profile` and `email` a program learns no name and no address; without a nonce it has none."""
    tokens = IdTokens(harness.signing_keys, harness.settings)
    always = {"iss", "sub", "aud", "iat", "exp", "auth_time", "acr", "amr", "sid"}
    profile, email = {"name", "given_name", "family_name", "locale"}, {"email", "email_verified"}
    for scopes, added in (
        (("openid",), set()), (("openid", "profile"), profile), (("openid", "email"), email),
    ):  # fmt: skip
        assert set(claims_of(tokens.sign(authentication(*scopes), START))) == always | added


def test_a_name_that_is_missing_is_left_out() -> None:
    """The full name has no blank for it, either; an address may be unproved."""
    alone = User(ADA.user_id, "a@b.c", "", "Ada", "", "", START)
    assert user_claims(alone, EVERYTHING) == {
        "sub": str(ADA.user_id), "name": "Ada", "given_name": "Ada",
        "locale": "en", "email": "a@b.c", "email_verified": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("algorithm", "digest"), [(Algorithm.EDDSA, "sha512"), (Algorithm.ES256, "sha256")]
)
async def test_it_is_bound_to_the_access_token(
    store: Store, clock: FixedClock, algorithm: Algorithm, digest: str
) -> None:
    """`at_hash` is the left half of the hash that belongs to the signature's algorithm."""
    harness = AuthHarness(store, clock, make_settings(TOKEN_ALGORITHM=algorithm))
    await harness.signing_keys.refresh()
    tokens = IdTokens(harness.signing_keys, harness.settings)
    token = tokens.sign(authentication("openid"), START, "access")
    whole = hashlib.new(digest, b"access").digest()
    half = jwt.utils.base64url_encode(whole[: len(whole) // 2]).decode()
    assert claims_of(token)["at_hash"] == half
    await harness.passwords.close()


def test_it_opens_nothing(harness: AuthHarness) -> None:
    """No service takes one for an access token, not even if the program's id were the API's."""
    tokens = IdTokens(harness.signing_keys, harness.settings)
    for client in (CLIENT, harness.settings.token_audience):
        token = tokens.sign(authentication(*EVERYTHING, client_id=client), START)
        with pytest.raises(AccessTokenInvalid):
            verifier(harness).verify(token)
