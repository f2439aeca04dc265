"""Access tokens: their claims and their life."""

from datetime import timedelta
from uuid import uuid4

import jwt

from kernel.identity import scopes
from services.auth.tokens.access import TokenMetadata
from tests.services.auth.harness import CLAIMS, AuthHarness, sign, verifier
from tests.support.clock import START

TOKEN = 900


def test_the_same_arguments_give_the_same_token(harness: AuthHarness) -> None:
    """Signing the same claims and metadata twice gives the same token."""
    metadata = TokenMetadata(uuid4(), START)
    assert harness.access_tokens.sign(CLAIMS, metadata) == harness.access_tokens.sign(
        CLAIMS, metadata
    )


def test_a_token_expires_by_not_after(harness: AuthHarness) -> None:
    """A token lives until `not_after`, and at most as long as the setting allows."""
    metadata = TokenMetadata(uuid4(), START)
    short = CLAIMS._replace(not_after=START + timedelta(seconds=60))
    for claims, life in ((short, 60), (CLAIMS, TOKEN)):
        token = harness.access_tokens.sign(claims, metadata)
        payload = jwt.decode(token, options={"verify_signature": False})
        assert payload["exp"] - payload["iat"] == life
        assert harness.access_tokens.life(claims, metadata) == life


def test_a_token_carries_its_claims(harness: AuthHarness) -> None:
    """A token has the RFC 9068 claims plus tenant, role, epoch and login, signed with EdDSA."""
    metadata = TokenMetadata(uuid4(), START)
    token = harness.access_tokens.sign(CLAIMS, metadata)
    second = int(START.timestamp())
    assert jwt.get_unverified_header(token) == {
        "alg": "EdDSA", "typ": "at+jwt", "kid": harness.signing_keys.published[0].kid,
    }  # fmt: skip
    assert jwt.decode(token, options={"verify_signature": False}) == {
        "iss": "https://coditect.local",
        "aud": "https://coditect.local/api/v5",
        "sub": str(CLAIMS.user_id),
        "email_verified": True,
        "tenant_id": str(CLAIMS.tenant_id),
        "role": "admin",
        "tenant_epoch": 3,
        "client_id": "coditect",
        "scope": scopes.write(scopes.ALL),
        "sid": str(CLAIMS.login_id),
        "auth_time": second - 60,
        "amr": ["pwd"],
        "acr": "aal1",
        "jti": str(metadata.token_id),
        "iat": second,
        "exp": second + TOKEN,
    }


def test_a_token_says_that_the_tenant_is_suspended(harness: AuthHarness) -> None:
    """The verified caller of a suspended tenant is marked as suspended, others are not."""
    suspended = CLAIMS._replace(tenant_suspended=True)
    token = harness.access_tokens.sign(suspended, TokenMetadata(uuid4(), START))
    caller = verifier(harness).verify(token)
    assert (caller.tenant_suspended, caller.tenant_epoch) == (True, 3)
    assert not verifier(harness).verify(sign(harness)).tenant_suspended
