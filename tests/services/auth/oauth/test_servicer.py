"""The endpoints of OAuth over a real channel."""

from uuid import UUID

from coditect.auth.v5 import oauth_pb2
from kernel.storage import Store
from services.auth.oauth_clients.model import AuthMethod, OAuthClient
from tests.services.auth.authorizations.harness import (
    ALL_TYPES,
    CHALLENGE,
    SCOPES,
    VERIFIER,
    WEB_CALLBACK,
)
from tests.services.auth.fakes import FakeServices
from tests.services.auth.grants.calls import answer, grant
from tests.services.auth.oauth_clients.harness import SECRET, put, with_secret
from tests.services.auth.server import Auth

CLIENT = {"client_id": "coditect-cli"}


async def robot(store: Store, tenant_id: str) -> tuple[OAuthClient, dict[str, str]]:
    """A confidential client of a tenant, and what it shows of who it is."""
    client = with_secret(
        AuthMethod.POST, tenant_id=UUID(tenant_id), scopes=SCOPES, grant_types=ALL_TYPES
    )
    await put(store, client)
    return client, {"client_id": client.client_id, "client_secret": SECRET}


async def test_tokens_for_a_code_and_for_a_refresh_token(auth: Auth) -> None:
    """Only what there is is in the answer: a client takes an empty text for a token."""
    token = (await auth.register()).tokens.access_token
    first = await grant(auth, token)
    assert (first.token_type, first.expires_in) == ("Bearer", 900)
    assert set(first.scope.split(" ")) == SCOPES
    assert first.HasField("id_token")
    request = oauth_pb2.TokenRequest(
        grant_type="refresh_token",
        refresh_token=first.refresh_token,
        scope="sessions:read",
        **CLIENT,
    )
    second = await auth.call("Token", request)
    assert second.scope == "sessions:read"
    assert not second.HasField("id_token")
    assert not second.HasField("issued_token_type")
    assert second.refresh_token != first.refresh_token


async def test_the_errors_of_the_token_endpoint(auth: Auth) -> None:
    """Each by the name that OAuth has for it, and the client comes first."""
    for given, reason in (
        ({"grant_type": "authorization_code", "client_id": "unknown"}, "INVALID_CLIENT"),
        ({"grant_type": "password"}, "INVALID_CLIENT"),
        ({"grant_type": "password", **CLIENT}, "UNSUPPORTED_GRANT_TYPE"),
        ({**CLIENT}, "INVALID_REQUEST"),
        ({"grant_type": "authorization_code", **CLIENT}, "INVALID_REQUEST"),
        ({"grant_type": "authorization_code", "code": "x", **CLIENT}, "INVALID_GRANT"),
        ({"grant_type": "refresh_token", "refresh_token": "x", **CLIENT}, "INVALID_GRANT"),
        ({"grant_type": "client_credentials", **CLIENT}, "UNAUTHORIZED_CLIENT"),
    ):
        assert await auth.refused("Token", oauth_pb2.TokenRequest(**given)) == reason


async def test_a_pushed_request_is_approved(auth: Auth, store: Store, fakes: FakeServices) -> None:
    """A client pushes it, a user answers its name, and the client takes the code."""
    user = await auth.register()
    tenant_id = fakes.join(user.user.user_id)
    _, shown = await robot(store, tenant_id)
    request = oauth_pb2.PushAuthorizationRequest(
        response_type="code",
        redirect_uri=WEB_CALLBACK,
        scope="sessions:read",
        code_challenge=CHALLENGE,
        code_challenge_method="S256",
        **shown,
    )
    pushed = await auth.call("PushAuthorization", request)
    assert pushed.expires_in == 600
    found = await answer(
        auth,
        user.tokens.access_token,
        client_id=shown["client_id"],
        request_uri=pushed.request_uri,
    )
    assert found.address == WEB_CALLBACK
    code = oauth_pb2.TokenRequest(
        grant_type="authorization_code",
        code=found.parameters["code"],
        code_verifier=VERIFIER,
        **shown,
    )
    assert (await auth.call("Token", code)).scope == "sessions:read"


async def test_a_client_looks_into_its_token_and_revokes_it(
    auth: Auth, store: Store, fakes: FakeServices
) -> None:
    """Of a token that is not good, nothing but that is said."""
    user = await auth.register()
    tenant_id = fakes.join(user.user.user_id)
    client, shown = await robot(store, tenant_id)
    found = await answer(auth, user.tokens.access_token, client=client)
    code = oauth_pb2.TokenRequest(
        grant_type="authorization_code",
        code=found.parameters["code"],
        code_verifier=VERIFIER,
        **shown,
    )
    token = (await auth.call("Token", code)).access_token
    look = oauth_pb2.IntrospectTokenRequest(token=token, **shown)
    said = await auth.call("IntrospectToken", look)
    assert (said.active, said.client_id, said.tenant_id) == (True, client.client_id, tenant_id)
    assert not said.HasField("act")
    exchange = oauth_pb2.TokenRequest(
        grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token=token,
        subject_token_type="urn:ietf:params:oauth:token-type:access_token",
        **shown,
    )
    exchanged = (await auth.call("Token", exchange)).access_token
    said = await auth.call(
        "IntrospectToken", oauth_pb2.IntrospectTokenRequest(token=exchanged, **shown)
    )
    assert said.act["sub"] == client.client_id
    await auth.call("RevokeToken", oauth_pb2.RevokeTokenRequest(token=token, **shown))
    assert await auth.refused("GetUserInfo", token=token) == "ACCESS_TOKEN_REVOKED"
    said = await auth.call("IntrospectToken", look)
    assert said == oauth_pb2.IntrospectTokenResponse(active=False)
    public = oauth_pb2.IntrospectTokenRequest(token=token, **CLIENT)
    assert await auth.refused("IntrospectToken", public) == "INVALID_CLIENT"


async def test_who_the_user_is(auth: Auth) -> None:
    """By GET as by POST, and only with the scope `openid`."""
    user = await auth.register()
    token = (await grant(auth, user.tokens.access_token, scope="openid email")).access_token
    for method in ("GetUserInfo", "PostUserInfo"):
        said = await auth.call(method, token=token)
        assert (said.sub, said.email) == (user.user.user_id, user.user.email)
        assert (said.email_verified, said.HasField("name")) == (False, False)
    token = (await grant(auth, user.tokens.access_token, scope="sessions:read")).access_token
    assert await auth.refused("GetUserInfo", token=token) == "SCOPE_MISSING"
