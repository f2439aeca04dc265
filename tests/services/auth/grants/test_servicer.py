"""The RPCs of grants and of the answer to a program, over a real channel."""

import pytest

from coditect.auth.v5 import authorizations_pb2, grants_pb2
from kernel.identity import scopes
from tests.services.auth.authorizations.harness import CALLBACK, SCOPES
from tests.services.auth.grants.calls import answer, grant, request_of
from tests.services.auth.server import Auth


async def test_the_programs_of_a_user(auth: Auth) -> None:
    """Each with its client, in words that a person understands; the program sees which one it is."""
    token = (await auth.register()).tokens.access_token
    tokens = await grant(auth, token, scope="account:read account:write offline_access")
    for access_token, current in ((token, False), (tokens.access_token, True)):
        (found,) = (await auth.call("ListGrants", token=access_token)).grants
        assert (found.client_id, found.client_name) == ("coditect-cli", "Coditect CLI")
        assert [one.name for one in found.scopes] == [
            "account:read", "account:write", "offline_access",
        ]  # fmt: skip
        assert all(one.consent == scopes.consent(one.name) for one in found.scopes)
        assert found.current is current
    request = grants_pb2.EndGrantRequest(grant_id=found.grant_id)
    await auth.call("EndGrant", request, tokens.access_token)
    assert await auth.refused("ListGrants", token=tokens.access_token) == "ACCESS_TOKEN_REVOKED"
    assert list((await auth.call("ListGrants", token=token)).grants) == []
    assert await auth.refused("EndGrant", request, token) == "GRANT_NOT_FOUND"


async def test_a_program_sees_programs_only_if_it_may(auth: Auth) -> None:
    """Reading and ending them has scopes of its own, and answering another program has none."""
    token = (await auth.register()).tokens.access_token
    reader = await grant(auth, token, scope="account:read")
    (found,) = (await auth.call("ListGrants", token=reader.access_token)).grants
    request = grants_pb2.EndGrantRequest(grant_id=found.grant_id)
    assert await auth.refused("EndGrant", request, reader.access_token) == "SCOPE_MISSING"
    other = await grant(auth, token, scope="sessions:read")
    assert await auth.refused("ListGrants", token=other.access_token) == "SCOPE_MISSING"
    everything = await grant(auth, token, scope="")
    request = authorizations_pb2.AnswerAuthorizationRequest(parameters=request_of(), approve=True)
    refused = await auth.refused("AnswerAuthorization", request, everything.access_token)
    assert refused == "SCOPE_MISSING"


async def test_the_answer_to_a_program(auth: Auth) -> None:
    """A code or a refusal; what is wrong with a request goes to the program, too."""
    token = (await auth.register()).tokens.access_token
    assert (await answer(auth, token)).parameters.keys() == {"code", "state", "iss"}
    for given, error in (
        ({"approve": False}, "access_denied"),
        ({"scope": "root"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
    ):
        found = await answer(auth, token, **given)  # type: ignore[arg-type]
        assert (found.address, found.parameters["error"]) == (CALLBACK, error)


@pytest.mark.parametrize("method", ["AnswerAuthorization", "CheckAuthorization"])
async def test_an_unknown_client_or_redirect_uri_is_an_error(auth: Auth, method: str) -> None:
    """The console shows the error; the browser is sent to no other site."""
    token = (await auth.register()).tokens.access_token
    kind = getattr(authorizations_pb2, f"{method}Request")
    for given in ({"client_id": "unknown"}, {"redirect_uri": "https://evil.example.com"}):
        request = kind(parameters=request_of(**given))
        assert await auth.refused(method, request, token) == "AUTHORIZATION_REQUEST_INVALID"


async def test_what_a_user_is_asked(auth: Auth) -> None:
    """The client, the scopes in words, and where the answer goes."""
    token = (await auth.register()).tokens.access_token
    request = authorizations_pb2.CheckAuthorizationRequest(
        parameters=request_of(login_hint="ada@example.com")
    )
    found = await auth.call("CheckAuthorization", request, token)
    assert (found.step, found.client_id, found.client_name, found.client_known) == (
        "consent", "coditect-cli", "Coditect CLI", True,
    )  # fmt: skip
    assert {one.name for one in found.scopes} == SCOPES
    assert all(one.consent == scopes.consent(one.name) for one in found.scopes)
    assert (found.redirect_uri, found.login_hint) == (CALLBACK, "ada@example.com")
    assert found.denied_uri.startswith(f"{CALLBACK}?error=access_denied&")
    assert not found.confirm
    assert not found.HasField("tenant_id")
    request.parameters.scope = "root"
    found = await auth.call("CheckAuthorization", request, token)
    assert (found.step, "error=invalid_scope" in found.redirect_uri) == ("redirect", True)


async def test_a_stranger_sees_what_the_login_is_for(auth: Auth) -> None:
    """The page shows the client before its user logs in; a wrong client or address leads nowhere."""
    request = authorizations_pb2.CheckAuthorizationRequest(parameters=request_of())
    found = await auth.call("CheckAuthorization", request)
    assert (found.step, found.client_name) == ("log_in", "Coditect CLI")
    assert {one.name for one in found.scopes} == SCOPES
    request.parameters.redirect_uri = "https://evil.example.com"
    assert await auth.refused("CheckAuthorization", request) == "AUTHORIZATION_REQUEST_INVALID"


async def test_a_program_does_not_see_what_another_asks_for(auth: Auth) -> None:
    """A bad token is refused like anywhere else, although the method needs none."""
    token = (await auth.register()).tokens.access_token
    program = await grant(auth, token, scope="")
    request = authorizations_pb2.CheckAuthorizationRequest(parameters=request_of())
    for bad, reason in ((program.access_token, "SCOPE_MISSING"), ("x", "ACCESS_TOKEN_INVALID")):
        assert await auth.refused("CheckAuthorization", request, bad) == reason
