"""Personal access tokens over a real channel."""

from datetime import timedelta

from coditect.auth.v5 import logins_pb2
from coditect.auth.v5.accounts_pb2 import ExportMeRequest
from coditect.auth.v5.personal_access_tokens_pb2 import (
    CreatePersonalAccessTokenRequest,
    DeletePersonalAccessTokenRequest,
    ListPersonalAccessTokensRequest,
)
from kernel.clock import datetime_of
from tests.services.auth.fakes import FakeServices
from tests.services.auth.harness import PASSWORD
from tests.services.auth.server import Auth
from tests.support.clock import START, FixedClock

REQUEST = CreatePersonalAccessTokenRequest(name=" CI ", scopes=["sessions:read", "account:read"])


async def test_create_list_and_revoke(auth: Auth) -> None:
    """The answer to the creation has the token; a list and a repeated revocation do not find it."""
    token = (await auth.register()).tokens.access_token
    created = await auth.call("CreatePersonalAccessToken", REQUEST, token)
    made = created.personal_access_token
    assert created.token.startswith("cdt_pat_")
    assert (made.name, list(made.scopes)) == ("CI", ["account:read", "sessions:read"])
    assert datetime_of(made.expire_time) == START + timedelta(days=90)
    assert not made.HasField("last_used_time")
    listed = await auth.call("ListPersonalAccessTokens", token=token)
    assert list(listed.personal_access_tokens) == [made]
    revoke = DeletePersonalAccessTokenRequest(token_id=made.token_id)
    await auth.call("DeletePersonalAccessToken", revoke, token)
    assert await auth.refused("DeletePersonalAccessToken", revoke, token) == "TOKEN_NOT_FOUND"
    assert not (await auth.call("ListPersonalAccessTokens", token=token)).personal_access_tokens


async def test_a_token_for_an_organization(auth: Auth, fakes: FakeServices) -> None:
    """Auth asks tenants whether the user is a member."""
    user = await auth.register()
    token, tenant_id = user.tokens.access_token, fakes.join(user.user.user_id)
    request = CreatePersonalAccessTokenRequest(
        name="CI", scopes=["sessions:read"], tenant_id=tenant_id, days=1
    )
    created = await auth.call("CreatePersonalAccessToken", request, token)
    assert created.personal_access_token.tenant_id == tenant_id
    fakes.memberships.clear()
    assert await auth.refused("CreatePersonalAccessToken", request, token) == "TENANT_NOT_FOUND"
    fakes.failures = 100
    assert await auth.refused("CreatePersonalAccessToken", request, token) == "TENANTS_UNAVAILABLE"


async def test_requests_that_are_refused(auth: Auth) -> None:
    """No name, no scope, a scope that no program gets, an id that is none, and no days."""
    token = (await auth.register()).tokens.access_token
    for wrong in (
        CreatePersonalAccessTokenRequest(scopes=["account:read"]),
        CreatePersonalAccessTokenRequest(name="CI"),
        CreatePersonalAccessTokenRequest(name="CI", scopes=["account:read", "login"]),
        CreatePersonalAccessTokenRequest(name="CI", scopes=["account:read"], tenant_id="Acme"),
        CreatePersonalAccessTokenRequest(name="CI", scopes=["account:read"], days=0),
    ):
        assert await auth.refused("CreatePersonalAccessToken", wrong, token) == "INVALID_REQUEST"
    page = ListPersonalAccessTokensRequest(page_token="x")
    assert await auth.refused("ListPersonalAccessTokens", page, token) == "PAGE_TOKEN_INVALID"


async def test_a_new_token_needs_a_recent_proof(auth: Auth, clock: FixedClock) -> None:
    """Five minutes after it the user must show the password again."""
    login = await auth.register()
    clock.advance(seconds=301)
    auth.service.app.authorizer.revocations.mark_fresh()
    refreshed = await auth.call(
        "Refresh", logins_pb2.RefreshRequest(refresh_token=login.tokens.refresh_token)
    )
    token = refreshed.tokens.access_token
    reason = await auth.refused("CreatePersonalAccessToken", REQUEST, token)
    assert reason == "REAUTHENTICATION_REQUIRED"
    proof = logins_pb2.ReauthenticateRequest(password=PASSWORD)
    again = await auth.call("Reauthenticate", proof, token)
    await auth.call("CreatePersonalAccessToken", REQUEST, again.tokens.access_token)


async def test_tokens_are_exported(auth: Auth) -> None:
    """Without their secrets."""
    token = (await auth.register()).tokens.access_token
    created = await auth.call("CreatePersonalAccessToken", REQUEST, token)
    text = b""
    async for part in auth.stub.ExportMe(
        ExportMeRequest(), metadata=(("authorization", f"Bearer {token}"),)
    ):
        text += part.data
    assert b'"personalAccessToken"' in text
    assert created.personal_access_token.token_id.encode() in text
    assert created.token.encode() not in text
