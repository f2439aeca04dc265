"""Which authorization requests are good, and where the answer to a bad one goes."""

import pytest

from services.auth.authorizations.errors import AuthorizationPageError, AuthorizationRedirectError
from services.auth.authorizations.model import AuthorizationParameters, Prompt
from services.auth.authorizations.pushed import PER_NETWORK
from services.auth.oauth_clients.built_in import CLI
from services.auth.oauth_clients.model import GrantType
from tests.services.auth.authorizations.harness import (
    API,
    CALLBACK,
    CHALLENGE,
    ISSUER,
    SCOPES,
    WEB_CALLBACK,
    Answer,
    Programs,
    parameters,
)


async def problem(programs: Programs, request: AuthorizationParameters) -> str:
    """What is wrong with a request whose browser is sent nowhere."""
    with pytest.raises(AuthorizationPageError) as caught:
        await programs.requests.check(request)
    return caught.value.metadata["problem"]


async def error(programs: Programs, request: AuthorizationParameters) -> Answer:
    """The answer to a request at the redirect URI."""
    with pytest.raises(AuthorizationRedirectError) as caught:
        await programs.requests.check(request)
    answer = Answer.of(caught.value.redirect)
    assert answer.parameters["error"] == caught.value.error
    return answer


async def test_a_good_request_says_what_its_client_asks_for(programs: Programs) -> None:
    """Every parameter is read, and the answer goes to its redirect URI with `state` and `iss`."""
    request = await programs.request(
        nonce="n", max_age="60", prompt="login consent", acr_values="aal2", login_hint="ada",
        resource=(API, f"{API}/"),
    )  # fmt: skip
    assert (request.client, request.redirect_uri) == (CLI, CALLBACK)
    assert (request.scopes, request.code_challenge) == (SCOPES, CHALLENGE)
    assert (request.nonce, request.max_age, request.login_hint) == ("n", 60, "ada")
    assert request.prompts == {Prompt.LOGIN, Prompt.CONSENT}
    assert request.needs_two_factors
    answer = Answer.of(request.redirect(code="c"))
    assert answer == (CALLBACK, {"code": "c", "state": "of the client", "iss": ISSUER})


async def test_a_request_without_scope_asks_for_all_that_its_client_may_have(
    programs: Programs,
) -> None:
    """RFC 6749, section 3.3: a default. The user sees it."""
    client = await programs.public_client(scopes=frozenset({"openid", "sessions:read"}))
    request = await programs.request(client, scope="")
    assert request.scopes == client.scopes


@pytest.mark.parametrize("client_id", ["", "unknown", "https://example.com/client.json"])
async def test_nothing_is_sent_for_a_client_that_is_unknown(
    programs: Programs, client_id: str
) -> None:
    """The browser stays, although the redirect URI is good for another client."""
    assert await problem(programs, parameters(client_id=client_id)) == "client"


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example.com/callback",
        "http://127.0.0.1:49152/callback/",
        "http://127.0.0.1:49152/callback?next=https://evil.example.com",
        "http://127.0.0.1:49152@evil.example.com/callback",
        "http://127.0.0.1.evil.example.com/callback",
        "https://127.0.0.1:49152/callback",
        "http://127.0.0.1:49152/callback#fragment",
        "//evil.example.com/callback",
        "javascript:alert(1)",
        "http://127.0.0.1:99999/callback",
    ],
)
async def test_a_redirect_uri_is_compared_exactly(programs: Programs, uri: str) -> None:
    """Nothing but the port of the own machine may differ, and no error is sent elsewhere."""
    assert await problem(programs, parameters(redirect_uri=uri)) == "redirect_uri"
    assert await problem(programs, parameters(redirect_uri=uri, scope="bad")) == "redirect_uri"


async def test_a_client_with_one_redirect_uri_may_leave_it_out(programs: Programs) -> None:
    """RFC 6749, section 3.1.2.3. A client with several must say which."""
    client = await programs.public_client()
    assert (await programs.request(client, redirect_uri="")).redirect_uri == WEB_CALLBACK
    assert await problem(programs, parameters(CLI, redirect_uri="")) == "redirect_uri"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": ""}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "eyJ…"}, "request_not_supported"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": "root"}, "invalid_scope"),
        ({"scope": "login"}, "invalid_scope"),
        ({"scope": "sessions:read  sessions:write"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"resource": ("https://other.example.com",)}, "invalid_target"),
        ({"resource": (API, ISSUER)}, "invalid_target"),
        ({"nonce": "n" * 501}, "invalid_request"),
    ],
)
async def test_what_is_wrong_with_a_request_its_client_learns(
    programs: Programs, given: dict[str, str], name: str
) -> None:
    """The error goes to the redirect URI, with `state` and `iss` (RFC 9207)."""
    answer = await error(programs, parameters(**given))
    assert answer.address == CALLBACK
    assert answer.parameters["error"] == name
    assert (answer.parameters["state"], answer.parameters["iss"]) == ("of the client", ISSUER)


async def test_a_state_that_cannot_be_sent_back_is_not(programs: Programs) -> None:
    """A line break or a text without an end comes back in no address."""
    for state in ("a\r\nb", "é", "s" * 2_001):
        answer = await error(programs, parameters(state=state))
        assert "state" not in answer.parameters
        assert answer.parameters["error"] == "invalid_request"


async def test_a_client_asks_for_no_more_than_it_may_have(programs: Programs) -> None:
    """A scope that exists, but not for this client, is refused; so is a grant type."""
    client = await programs.public_client(scopes=frozenset({"sessions:read"}))
    answer = await error(programs, parameters(client, scope="sessions:write"))
    assert answer.parameters["error"] == "invalid_scope"
    client = await programs.public_client(grant_types=frozenset({GrantType.DEVICE_CODE}))
    answer = await error(programs, parameters(client))
    assert answer.parameters["error"] == "unauthorized_client"


async def test_two_factors_are_needed_where_nothing_less_is_named(programs: Programs) -> None:
    """`acr_values` with `aal1`, or with nothing that is known, takes any login."""
    for text, needed in (("", False), ("aal2", True), ("aal2 x", True), ("aal2 aal1", False)):
        assert (await programs.request(acr_values=text)).needs_two_factors is needed


async def test_a_pushed_request_is_the_request(programs: Programs) -> None:
    """Its name gives what was pushed, whatever else comes with the browser (RFC 9126, section 4)."""
    client = await programs.confidential_client()
    pushed = await programs.push(client, nonce="pushed")
    assert pushed.expires_in == 600
    asked = AuthorizationParameters(
        client_id=client.client_id, request_uri=pushed.request_uri, nonce="other", scope="bad"
    )
    request = await programs.requests.check(asked)
    assert (request.nonce, request.scopes) == ("pushed", SCOPES)
    assert request == await programs.requests.check(asked)


async def test_a_name_of_no_pushed_request_leads_nowhere(programs: Programs) -> None:
    """One that is unknown, another client's, noise or too old shows an error at our page."""
    client = await programs.confidential_client()
    name = (await programs.push(client)).request_uri
    for client_id, request_uri in (
        (CLI.client_id, name),
        ("", name),
        (client.client_id, name[:-1] + ("A" if name[-1] != "A" else "B")),
        (client.client_id, "https://example.com/request.jwt"),
        (client.client_id, f"{name}="),
    ):
        asked = AuthorizationParameters(client_id=client_id, request_uri=request_uri)
        assert await problem(programs, asked) == "request_uri"
    programs.auth.clock.advance(minutes=10)
    asked = AuthorizationParameters(client_id=client.client_id, request_uri=name)
    assert await problem(programs, asked) == "request_uri"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"redirect_uri": "https://evil.example.com"}, "INVALID_REQUEST"),
        ({"request_uri": "urn:x"}, "INVALID_REQUEST"),
        ({"scope": "root"}, "INVALID_SCOPE"),
        ({"resource": ("https://x",)}, "INVALID_TARGET"),
        ({"response_type": "token"}, "UNSUPPORTED_RESPONSE_TYPE"),
        ({"acr_values": "x" * 7_000}, "INVALID_REQUEST"),
    ],
)
async def test_a_bad_request_cannot_be_pushed(
    programs: Programs, given: dict[str, str], reason: str
) -> None:
    """The client learns at once what is wrong (RFC 9126, section 2.3)."""
    client = await programs.confidential_client()
    with pytest.raises(Exception, match=reason):
        await programs.push(client, **given)


async def test_the_pushed_requests_of_a_network_are_limited(programs: Programs) -> None:
    """A network fills the store with no more than that."""
    client = await programs.confidential_client()
    for _ in range(PER_NETWORK):
        await programs.push(client)
    with pytest.raises(Exception, match="TOO_MANY_PUSHED_REQUESTS"):
        await programs.push(client)
