"""Programs that the console lets in, through the gateway: OAUTH_PAGES=console."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.end_to_end.authorization import CHALLENGE, VERIFIER
from tests.end_to_end.conftest import client, start
from tests.end_to_end.console_page import ConsolePage
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import Person, error_of, new_person
from tests.end_to_end.team import found, switch
from tests.end_to_end.web import QUERY
from tools.laptop import Laptop

ASKED = {**QUERY, "code_challenge": CHALLENGE}
WEB_CALLBACK = "https://robot.example.com/callback?of=robot"

Open = Callable[..., ConsolePage]


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A system whose console lets programs in."""
    with start(tmp_path_factory.mktemp("console"), OAUTH_PAGES="console") as running:
        running.wait_until_ready()
        yield running


@pytest.fixture
def http(laptop: Laptop) -> Iterator[httpx.Client]:
    """A client of that system."""
    with client(laptop) as opened:
        yield opened


@pytest.fixture
def opened(laptop: Laptop, http: httpx.Client) -> Open:
    """Opens the page by the link of a program, with a user who is logged in or without."""

    def open_page(user: Person | None = None, **changed: str) -> ConsolePage:
        page = ConsolePage(laptop, http, user)
        page.open({**ASKED, **changed})
        return page

    return open_page


@pytest.fixture
def robot(http: httpx.Client) -> dict[str, Any]:
    """A client with a secret, of an organization whose owner is `robot["person"]`."""
    person = new_person(http)
    tenant_id = found(person)
    switch(person, tenant_id)
    body = {
        "name": "Robot",
        "authMethod": "client_secret_post",
        "grantTypes": ["authorization_code", "refresh_token"],
        "scopes": ["openid", "sessions:read", "offline_access"],
        "redirectUris": [WEB_CALLBACK],
    }
    made = person.call("POST", f"/tenants/{tenant_id}/clients", body)
    assert made.status_code == 201, made.text
    return {"person": person, "tenant_id": tenant_id, **made.json()["data"]}


def redeem(http: httpx.Client, location: httpx.URL, **form: str) -> httpx.Response:
    """The program redeems its code."""
    asked = {
        "grant_type": "authorization_code",
        "client_id": ASKED["client_id"],
        "redirect_uri": ASKED["redirect_uri"],
        "code": location.params["code"],
        "code_verifier": VERIFIER,
    }
    return http.post("/oauth/token", data={**asked, **form})


def test_the_links_of_programs_lead_to_the_console(laptop: Laptop, http: httpx.Client) -> None:
    """At the same host, with what the program and the device have sent, and with nothing else."""
    long = {
        "state": "s&=%\r\n" * 300,
        "resource": f"http://localhost:{laptop.settings.port}/api/v5",
    }
    answer = http.get(
        "/oauth/authorize", params={**ASKED, **long, "ui_locales": "de", "other": "1"}
    )
    location = httpx.URL(answer.headers["location"])
    assert (answer.status_code, location.is_relative_url, location.path) == (
        303,
        True,
        "/authorize",
    )
    assert dict(location.params) == {**ASKED, **long, "ui_locales": "de"}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers
    for given, wanted in (
        ({}, "/device"),
        ({"user_code": "BCDF-GHJK"}, "/device?user_code=BCDF-GHJK"),
    ):
        answer = http.get("/oauth/device", params=given)
        assert (answer.status_code, answer.headers["location"]) == (303, wanted)


def test_a_parameter_that_comes_twice(http: httpx.Client) -> None:
    """It is refused, and leads to no page (RFC 6749, section 3.1)."""
    answer = http.get("/oauth/authorize?client_id=coditect-cli&client_id=other")
    assert (answer.status_code, "location" in answer.headers) == (400, False)


def test_a_program_gets_tokens(http: httpx.Client, opened: Open) -> None:
    """The page shows the client, the user logs in and allows, and the program redeems its code."""
    person = new_person(http)
    page = opened()
    asked = page.next()
    assert (asked["step"], asked["clientName"], asked["clientKnown"]) == (
        "log_in", "Coditect CLI", True,
    )  # fmt: skip
    page.log_in(person)
    asked = page.next()
    assert (asked["step"], asked["redirectUri"]) == ("consent", ASKED["redirect_uri"])
    assert [one["name"] for one in asked["scopes"]] == ["openid", "sessions:read"]
    location = page.answer()
    assert location.params["state"] == ASKED["state"]
    tokens = redeem(http, location)
    assert (tokens.status_code, tokens.json()["token_type"]) == (200, "Bearer")


def test_a_user_who_refuses(http: httpx.Client, opened: Open) -> None:
    """The page knows where to go, also before a login; the answer by the API is the same."""
    page = opened()
    denied = httpx.URL(page.next()["deniedUri"])
    assert denied.params["error"] == "access_denied"
    assert denied.params["state"] == ASKED["state"]
    page.log_in(new_person(http))
    assert page.next()["deniedUri"] == str(denied)
    assert page.answer(approve=False) == denied


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": ""},
        {"client_id": "unknown"},
        {"request_uri": "urn:ietf:params:oauth:request_uri:nothing"},
    ],
)
def test_a_wrong_client_or_redirect_uri(
    http: httpx.Client, opened: Open, changed: dict[str, str]
) -> None:
    """It is an error without an address to go to, with and without a login, and with `prompt=none`."""
    for user in (None, new_person(http)):
        for prompt in ({}, {"prompt": "none"}):
            answer = opened(user, **changed, **prompt).check()
            assert (answer.status_code, error_of(answer)["code"]) == (
                400, "AUTHORIZATION_REQUEST_INVALID",
            )  # fmt: skip
            assert "evil" not in answer.text


def test_a_request_that_cannot_be_granted(opened: Open) -> None:
    """The program learns it at its redirect URI."""
    found = opened(scope="root").next()
    assert (found["step"], found["confirm"]) == ("redirect", False)
    location = httpx.URL(found["redirectUri"])
    assert (location.host, location.params["error"]) == ("127.0.0.1", "invalid_scope")


def test_without_a_page(http: httpx.Client, opened: Open, robot: dict[str, Any]) -> None:
    """`prompt=none` gives an error until the user has allowed as much, and then a code."""
    person = robot["person"]
    of_robot = {"client_id": robot["client"]["clientId"], "redirect_uri": WEB_CALLBACK}

    def unasked(user: Person | None, **changed: str) -> httpx.URL:
        page = opened(user, **of_robot, prompt="none", **changed)
        found = page.next()
        assert (found["step"], found["confirm"], found["clientName"]) == ("redirect", False, "")
        location = httpx.URL(found["redirectUri"])
        assert str(location).startswith(f"{WEB_CALLBACK}&")
        return location

    assert unasked(None).params["error"] == "login_required"
    assert unasked(person).params["error"] == "consent_required"
    page = opened(person, **of_robot)
    assert page.next()["tenantId"] == robot["tenant_id"]
    page.user = None
    assert "tenantId" not in page.next()
    page.user = person
    secret = {**of_robot, "client_secret": robot["clientSecret"]}
    assert redeem(http, page.answer(), **secret).status_code == 200
    assert redeem(http, unasked(person), **secret).status_code == 200
    assert unasked(new_person(http)).params["error"] == "consent_required"
    assert unasked(person, acr_values="aal2").params["error"] == (
        "unmet_authentication_requirements"
    )


@pytest.mark.parametrize(
    ("given", "step"),
    [
        ({"prompt": "login"}, "reauthenticate"),
        ({"max_age": "0"}, "reauthenticate"),
        ({"prompt": "select_account"}, "select_account"),
    ],
)
def test_what_a_program_asks_of_the_login(
    http: httpx.Client, opened: Open, given: dict[str, str], step: str
) -> None:
    """The page does it once, and then shows the consent."""
    page = opened(new_person(http), **given)
    assert page.next()["step"] == step
    if step == "reauthenticate":
        page.reauthenticate()
    else:
        page.stay()
    assert page.next()["step"] == "consent"
    assert "code" in page.answer().params


def test_two_factors(http: httpx.Client, opened: Open) -> None:
    """A user without a second factor adds one, or refuses; no answer gives a code before."""
    page = opened(new_person(http), acr_values="aal2")
    assert page.next()["step"] == "enroll"
    assert page.user is not None
    body = {"parameters": page.parameters, "approve": True}
    answer = page.user.call("POST", "/oauth/authorizations", body)
    assert (answer.status_code, error_of(answer)["code"]) == (403, "SECOND_FACTOR_REQUIRED")


def test_a_pushed_request(http: httpx.Client, opened: Open) -> None:
    """The page passes its name on; the check does not spend it, and the approval does."""
    name = http.post("/oauth/par", data=ASKED).json()["request_uri"]
    page = opened(new_person(http), request_uri=name)
    for _ in range(2):
        assert page.next()["step"] == "consent"
    assert "code" in page.answer().params
    assert error_of(page.check())["code"] == "AUTHORIZATION_REQUEST_INVALID"


def test_a_request_as_a_form(http: httpx.Client) -> None:
    """It has the page without script, which says where a forgotten password is set."""
    answer = http.post("/oauth/authorize", data=ASKED)
    assert (answer.status_code, 'href="/forgot-password"' in answer.text) == (200, True)


def test_links_in_emails_lead_to_the_console(laptop: Laptop, http: httpx.Client) -> None:
    """At the address that users have for the gateway."""
    person = new_person(http)
    mail = Mailbox(laptop, person.email).next("verify-email")
    link = f"http://localhost:{laptop.settings.port}/verify-email#token={mail.token}"
    assert link in mail.text
