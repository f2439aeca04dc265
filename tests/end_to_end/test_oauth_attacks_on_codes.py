"""Attacks on authorization requests and codes, through the gateway: RFC 9700 and OAuth 2.1 (draft 16), section 7.

docs/security.md has the table of all of them.
"""

import base64
from hashlib import sha256

import httpx
import pytest

from tests.end_to_end.attacks import (
    ROBOT_CALLBACK,
    asked,
    error,
    error_at_client,
    own_tenant,
    robot_of,
    with_code,
)
from tests.end_to_end.authorization import (
    CALLBACK,
    CLIENT_ID,
    answered,
    approved,
    exchange,
    refresh,
)
from tests.end_to_end.person import PASSWORD, Person, error_of, new_person
from tests.end_to_end.web import LOGIN, QUERY, Fields, Web, is_page
from tools.laptop import Laptop

PAGE = "/oauth/authorize"
REFUSED = (400, "invalid_grant")


def test_a_code_of_another_client(http: httpx.Client, person: Person) -> None:
    """A client that has got hold of a code cannot use it, and spends nothing (RFC 9700, section 4.5)."""
    robot = robot_of(person)
    code = approved(person)
    assert error(exchange(http, code, client_id="coditect-ide")) == REFUSED
    assert error(robot.post("/oauth/token", **with_code(code))) == REFUSED
    assert exchange(http, code).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"code_verifier": "another-verifier-of-an-attacker-who-has-the-code"},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:1/callback"},
    ],
)
def test_a_code_without_what_belongs_to_it(
    wrong: dict[str, str], http: httpx.Client, person: Person
) -> None:
    """A stolen code is good with its verifier alone (RFC 9700, section 4.5.3.1); a guess spends nothing."""
    code = approved(person)
    assert error(exchange(http, code, **wrong)) == REFUSED
    assert exchange(http, code).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": "", "code_challenge_method": ""},
        {"code_challenge": ""},
        {"code_challenge_method": ""},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge": "short"},
        {"code_challenge": "=" * 43},
    ],
)
def test_a_request_without_a_good_challenge(changed: dict[str, str], http: httpx.Client) -> None:
    """PKCE cannot be left out or weakened (RFC 9700, section 4.8; OAuth 2.1, section 7.5.2)."""
    assert error_at_client(asked(http, **changed)) == "invalid_request"
    pushed = http.post("/oauth/par", data={**QUERY, **changed})
    assert error(pushed) == (400, "invalid_request")


def test_the_digest_is_not_the_verifier(http: httpx.Client, person: Person) -> None:
    """A reader of the request knows the challenge, which exchanges no code (OAuth 2.1, section 7.5.2)."""
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    code = approved(person, codeChallenge=challenge)
    assert error(exchange(http, code, code_verifier=challenge)) == REFUSED
    assert exchange(http, code, code_verifier=verifier).status_code == 200


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ],
)
def test_tokens_in_the_address(changed: dict[str, str], name: str, http: httpx.Client) -> None:
    """No token is sent by a browser, and no unsigned request is read (RFC 9700, section 2.1.2)."""
    assert error_at_client(asked(http, **changed)) == name


REDIRECTS = [
    "http://127.0.0.1/other",
    "http://127.0.0.1/callback/",
    "http://127.0.0.1/callback/../evil",
    "http://127.0.0.1/Callback",
    "http://127.0.0.1/callback?next=https://evil.example",
    "http://127.0.0.1/callback#fragment",
    "http://127.0.0.1/callback%00",
    "http://127.0.0.1/callback\r\nlocation: https://evil.example",
    "http://ada@127.0.0.1/callback",
    "http://127.0.0.1@evil.example/callback",
    "http://127.0.0.1:80@evil.example/callback",
    "http://127.0.0.1:80:80/callback",
    "http://127.0.0.1:65536/callback",
    "http://127.0.0.1:080/callback",
    "http://127.0.0.1.evil.example/callback",
    "http://127.0.0.2/callback",
    "http://2130706433/callback",
    "http://localhost/callback",
    "https://127.0.0.1/callback",
    "HTTP://127.0.0.1/callback",
    "http:/127.0.0.1/callback",
    "//127.0.0.1/callback",
    "http:\\\\127.0.0.1/callback",
    "javascript:alert(1)//http://127.0.0.1/callback",
    "data:text/html,http://127.0.0.1/callback",
    "https://evil.example/callback",
    " http://127.0.0.1/callback",
    "*",
    "",
]


@pytest.mark.parametrize("uri", REDIRECTS)
def test_a_redirect_uri_of_an_attacker(uri: str, http: httpx.Client) -> None:
    """Compared as a text but for the port of the own machine; otherwise no browser is sent anywhere.

    RFC 9700, sections 4.1 and 4.11.2.
    """
    answer = asked(http, redirect_uri=uri)
    assert is_page(answer, 400)
    assert "location" not in answer.headers
    assert "evil.example" not in answer.text


@pytest.mark.parametrize("changed", [{"scope": "root"}, {"response_type": "token"}])
def test_a_link_of_ours_leads_to_no_site_of_a_stranger(
    changed: dict[str, str], http: httpx.Client, person: Person
) -> None:
    """Anybody can have an organization with a client, and links to our page that are wrong on purpose.

    The user sees where they lead, and decides (RFC 9700, 4.11.2; OAuth 2.1, 7.13.2).
    """
    robot = robot_of(person)
    given = {"client_id": robot.client_id, "redirect_uri": ROBOT_CALLBACK}
    answer = asked(http, **given, **changed)
    assert is_page(answer, 400)
    assert "location" not in answer.headers
    assert f'<a href="{ROBOT_CALLBACK}?error=' in answer.text


@pytest.mark.parametrize(
    "uri",
    [
        "https://robot.example.com:8443/callback",
        "https://robot.example.com:443/callback",
        "https://robot.example.com/callback?",
        "https://robot.example.com/Callback",
        "https://ROBOT.example.com/callback",
        "https://www.robot.example.com/callback",
        "https://robot.example.com./callback",
        "http://127.0.0.1/callback",
    ],
)
def test_a_redirect_uri_beside_that_of_a_server(
    uri: str, http: httpx.Client, person: Person
) -> None:
    """For a client with a secret not even the port is free (RFC 9700, section 4.1.3)."""
    robot = robot_of(person)
    answer = asked(http, client_id=robot.client_id, redirect_uri=uri)
    assert is_page(answer, 400)
    body = {"parameters": robot.approval(redirectUri=uri), "approve": True}
    refused = person.call("POST", "/oauth/authorizations", body)
    assert error_of(refused)["code"] == "AUTHORIZATION_REQUEST_INVALID"


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "http://robot.example.com/callback",
        "https://ada:secret@robot.example.com/callback",
        "https://robot.example.com/callback#x",
        "https://robot.example.com\\@evil.example/",
        "https://*.example.com/callback",
        "https://robot.example.com/ x",
        "https://r\u00f6bot.example.com/",
        "robot:/callback",
    ],
)
@pytest.mark.parametrize("method", ["client_secret_basic", "none"])
def test_a_redirect_uri_that_is_refused_to_admins(uri: str, method: str, person: Person) -> None:
    """An admin cannot register a script or another spelling (RFC 9700, section 4.1.3)."""
    tenant_id = robot_of(person).tenant_id
    body = {
        "name": "Robot",
        "authMethod": method,
        "redirectUris": [uri],
        "grantTypes": ["authorization_code"],
        "scopes": ["sessions:read"],
    }
    answer = person.call("POST", f"/tenants/{tenant_id}/clients", body)
    assert answer.status_code == 400
    (bad,) = error_of(answer)["details"]
    assert {one["field"] for one in bad["fieldViolations"]} == {"redirectUris"}


def test_every_answer_says_who_answers(http: httpx.Client, person: Person) -> None:
    """A code, a refusal and an error name this server, against mix-up (RFC 9700, section 4.4.2.1)."""
    issuer = http.get("/.well-known/oauth-authorization-server").json()["issuer"]
    wrong = httpx.URL(asked(http, scope="root").headers["location"])
    silent = httpx.URL(asked(http, prompt="none").headers["location"])
    answers = [answered(person), answered(person, approve=False), wrong, silent]
    assert [answer.params["iss"] for answer in answers] == [issuer] * 4
    assert [answer.params.get("error") for answer in answers] == [
        None,
        "access_denied",
        "invalid_scope",
        "login_required",
    ]


@pytest.mark.parametrize(
    "state",
    ["a b+c%20d", "<script>alert(1)</script>", "\"';--", "&iss=https://evil.example", "~" * 2_000],
)
def test_the_state_comes_back_as_it_was(state: str, person: Person) -> None:
    """So a client finds a forged answer (RFC 9700, section 4.7); it adds no parameter to the answer."""
    uri = answered(person, state=state)
    assert uri.params.get_list("state") == [state]
    assert uri.params.get_list("iss") != ["https://evil.example"]
    assert len(uri.params.get_list("iss")) == 1


@pytest.mark.parametrize("state", ["a\r\nset-cookie: a=b", "a\0b", "caf\u00e9", "x" * 2_001])
def test_a_state_that_breaks_headers(state: str, http: httpx.Client) -> None:
    """It is not repeated (OAuth 2.1, section 7.12)."""
    answer = asked(http, state=state)
    location = httpx.URL(answer.headers["location"])
    assert (location.params["error"], "state" in location.params) == ("invalid_request", False)
    assert "set-cookie" not in answer.headers


def _logged_in(web: Web, person: Person) -> None:
    web.get(PAGE, **QUERY)
    page = web.press(PAGE, "login", email=person.email, password=PASSWORD)
    assert is_page(page, 200)


@pytest.mark.parametrize("token", ["", "x", "of another user", "of another request"])
def test_an_approval_that_no_page_has_asked_for(
    token: str, web_of: Web, laptop: Laptop, person: Person
) -> None:
    """Another site cannot press the button: a form must be of this login and request (RFC 9700, 4.7)."""
    _logged_in(web_of, person)
    given = {"form_token": token}
    if token == "of another user":
        with Web(laptop) as stranger:
            _logged_in(stranger, new_person(web_of.http))
            given = Fields(stranger.page).found
    elif token == "of another request":
        web_of.get(PAGE, **{**QUERY, "scope": "openid"})
        given = {"form_token": Fields(web_of.page).found["form_token"]}
    answer = web_of.post(PAGE, {**QUERY, **given, "step": "approve"})
    assert is_page(answer, 403)
    assert "location" not in answer.headers


def test_an_approval_of_another_site(web_of: Web, person: Person) -> None:
    """With a token that is good, but from another origin, or from none (RFC 9700, section 4.7)."""
    _logged_in(web_of, person)
    form = {**Fields(web_of.page).found, "step": "approve"}
    for origin in ("https://evil.example", "null", ""):
        answer = web_of.post(PAGE, form, origin=origin)
        assert is_page(answer, 403)
        assert "location" not in answer.headers


def test_a_form_in_the_address(web_of: Web, person: Person) -> None:
    """A link presses no button: what a form says is read from its body alone (RFC 9700, section 4.7)."""
    _logged_in(web_of, person)
    form = {**Fields(web_of.page).found, "step": "approve"}
    assert is_page(web_of.get(PAGE, **form), 200)
    answer = web_of.http.post(PAGE, params=form, headers={"origin": web_of.origin})
    assert "location" not in answer.headers


def test_a_cookie_that_another_host_has_set(web_of: Web, laptop: Laptop, person: Person) -> None:
    """A sibling host can set cookies, and none of them logs the user in as somebody else.

    Their names cannot begin with `__Host-`, so their values must not count as cookies (RFC 9700, 4.7).
    """
    with Web(laptop) as other:
        _logged_in(other, person)
        stolen = f"{LOGIN}={other.cookies[LOGIN]}"
    for cookie in (f"a=b,{stolen}", f"a=b {stolen}", f"a=b, {stolen}", f'a="b, {stolen}"'):
        answer = web_of.http.get(PAGE, params=QUERY, headers={"cookie": cookie})
        assert 'name="password"' in answer.text
        assert person.email not in answer.text


def test_no_answer_repeats_the_form(web_of: Web, person: Person) -> None:
    """The browser goes on with a GET, and does not send the password along (RFC 9700, section 4.12)."""
    _logged_in(web_of, person)
    assert web_of.press(PAGE, "approve").status_code == 303


def test_no_frame_and_no_cache(web_of: Web, person: Person) -> None:
    """No site shows the consent in a frame (RFC 9700, 4.16), and no address leaks (RFC 9700, 4.2)."""
    _logged_in(web_of, person)
    answer = web_of.get(PAGE, **QUERY)
    assert is_page(answer, 200)
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "script" not in answer.headers["content-security-policy"]


def test_a_pushed_request_of_another_client(http: httpx.Client, person: Person) -> None:
    """Its name is good for the client that pushed it, and once (RFC 9126, section 7.3)."""
    robot = robot_of(person)
    form = {**QUERY, "redirect_uri": ROBOT_CALLBACK, "scope": "sessions:read"}
    del form["client_id"]
    name = robot.post("/oauth/par", **form).json()["request_uri"]
    for client_id in (CLIENT_ID, "coditect-ide", ""):
        answer = http.get(PAGE, params={"client_id": client_id, "request_uri": name})
        assert is_page(answer, 400)
    own = {"clientId": robot.client_id, "requestUri": name}
    body = {"parameters": own, "approve": True}
    first = person.call("POST", "/oauth/authorizations", body)
    assert str(first.json()["data"]["redirectUri"]).startswith(ROBOT_CALLBACK)
    again = person.call("POST", "/oauth/authorizations", body)
    assert error_of(again)["code"] == "AUTHORIZATION_REQUEST_INVALID"
    refused = http.post("/oauth/par", data={**form, "client_id": robot.client_id})
    assert error(refused) == (401, "invalid_client")
    mixed = robot.post("/oauth/par", **form, client_id=CLIENT_ID)
    assert error(mixed) == (401, "invalid_client")


def test_a_client_of_another_organization(http: httpx.Client, person: Person) -> None:
    """Who is no member approves nothing for it, and it changes to no other tenant.

    RFC 9700, section 2.3; OAuth 2.1, section 7.9.
    """
    robot, stranger = robot_of(person), new_person(http)
    for tenant_id in (None, robot.tenant_id, own_tenant(stranger)):
        chosen = {} if tenant_id is None else {"tenantId": tenant_id}
        body = {"parameters": _complete(robot.approval()), "approve": True, **chosen}
        refused = stranger.call("POST", "/oauth/authorizations", body)
        assert error_of(refused)["code"] == "TENANT_NOT_FOUND"
    code = approved(person, **robot.approval())
    tokens = robot.post("/oauth/token", **with_code(code)).json()
    own = own_tenant(person)
    for tenant_id in (own, robot.tenant_id):
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        moved = robot.post("/oauth/token", **form, tenant_id=tenant_id)
        assert error(moved) == (400, "invalid_target")
    assert robot.post("/oauth/token", **form).status_code == 200
    assert error(refresh(http, tokens)) == REFUSED


def _complete(robot: dict[str, str]) -> dict[str, str]:
    challenge = {"codeChallenge": QUERY["code_challenge"], "codeChallengeMethod": "S256"}
    return {"responseType": "code", **challenge, **robot}


def test_a_program_approves_no_program(http: httpx.Client, person: Person) -> None:
    """A token of a program cannot give another one more (RFC 9700, section 2.3)."""
    tokens = exchange(http, approved(person)).json()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    parameters = {"clientId": CLIENT_ID, "redirectUri": CALLBACK, "scope": "sessions:read"}
    body = {"parameters": _complete(parameters), "approve": True}
    refused = http.post("/api/v5/oauth/authorizations", json=body, headers=headers)
    assert (refused.status_code, error_of(refused)["code"]) == (403, "SCOPE_MISSING")
