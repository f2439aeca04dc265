"""The pages of the authorization server through the gateway: what it lets through, and what it refuses."""

import httpx
import pytest

from tests.end_to_end.person import PASSWORD, Person, error_of
from tests.end_to_end.web import LOGIN, QUERY, Fields, Web, is_page


def test_a_program_gets_a_code(web_of: Web, person: Person) -> None:
    """The cookies are for this host alone, and out of the reach of scripts."""
    asked = web_of.get("/oauth/authorize", **QUERY, unknown="1")
    assert is_page(asked, 200)
    logged_in = web_of.press("/oauth/authorize", "login", email=person.email, password=PASSWORD)
    assert is_page(logged_in, 200)
    for line in logged_in.headers.get_list("set-cookie"):
        assert line.startswith("__Host-")
        assert line.endswith("; HttpOnly; Secure; SameSite=Lax")
    answered = web_of.press("/oauth/authorize", "approve")
    assert answered.status_code == 303
    location = httpx.URL(answered.headers["location"])
    assert str(location).startswith(QUERY["redirect_uri"])
    assert location.params["state"] == QUERY["state"]
    assert location.params["iss"] == web_of.origin
    assert answered.text == ""
    assert answered.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:18080"])
def test_a_form_of_another_origin(web_of: Web, person: Person, origin: str) -> None:
    """It does nothing."""
    web_of.get("/oauth/authorize", **QUERY)
    typed = {"email": person.email, "password": PASSWORD, "step": "login"}
    refused = web_of.post("/oauth/authorize", {**Fields(web_of.page).found, **typed}, origin)
    assert is_page(refused, 403)
    assert LOGIN not in web_of.cookies


def test_a_request_as_a_form(web_of: Web) -> None:
    """A program may send its request by POST, from wherever it is (OpenID Connect Core 1.0, 3.1.2.1)."""
    asked = web_of.post("/oauth/authorize", QUERY, "https://program.example")
    assert is_page(asked, 200)
    assert "Coditect CLI" in asked.text


def test_a_client_that_is_not_known(web_of: Web) -> None:
    """The browser stays here, and the page has the id of the request."""
    for changed in ({"client_id": "unknown"}, {"redirect_uri": "https://evil.example/"}):
        answer = web_of.get("/oauth/authorize", **{**QUERY, **changed})
        assert is_page(answer, 400)
        assert "location" not in answer.headers
        assert answer.headers["x-request-id"] in answer.text


def test_a_parameter_that_comes_twice(web_of: Web) -> None:
    """It is refused by a page (RFC 6749, section 3.1)."""
    twice = "/oauth/authorize?client_id=coditect-cli&client_id=other"
    answer = web_of.get(twice)
    assert (answer.status_code, answer.headers["content-type"]) == (
        400,
        "text/html; charset=utf-8",
    )
    body = [("client_id", "a"), ("client_id", "b")]
    text = "&".join(f"{name}={value}" for name, value in body)
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": web_of.origin}
    answer = web_of.http.post(
        "/oauth/device", content=text + "&user_code=a&user_code=b", headers=headers
    )
    assert (answer.status_code, answer.headers["content-type"]) == (
        400,
        "text/html; charset=utf-8",
    )


def test_no_other_method_gets_the_cookies(web_of: Web, person: Person) -> None:
    """The cookie of the browser opens no method of the API."""
    web_of.get("/oauth/authorize", **QUERY)
    web_of.press("/oauth/authorize", "login", email=person.email, password=PASSWORD)
    answer = web_of.get("/api/v5/auth/me")
    assert (answer.status_code, error_of(answer)["code"]) == (401, "ACCESS_TOKEN_MISSING")


def test_head(web_of: Web) -> None:
    """It is a GET without its body."""
    answer = web_of.http.head("/oauth/device")
    assert (answer.status_code, answer.text) == (200, "")


def test_a_device_by_the_api(web_of: Web, person: Person) -> None:
    """The console shows what waits, and lets it in; a code is answered once."""
    form = {"client_id": "coditect-cli", "scope": "sessions:read"}
    started = web_of.http.post("/oauth/device_authorization", data=form)
    assert started.status_code == 200
    assert set(started.json()) == {
        "device_code", "user_code", "verification_uri", "verification_uri_complete",
        "expires_in", "interval",
    }  # fmt: skip
    path = f"/oauth/device/{started.json()['user_code']}"
    seen = person.call("GET", path).json()["data"]
    assert (seen["clientId"], seen["clientName"]) == ("coditect-cli", "Coditect CLI")
    assert seen["scopes"] == [{"name": "sessions:read", "consent": "See your workspace sessions."}]
    assert person.call("POST", path, {"approve": True}).status_code == 200
    again = person.call("POST", path, {"approve": True})
    assert (again.status_code, error_of(again)["code"]) == (404, "DEVICE_LOGIN_NOT_FOUND")


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_id": "unknown"}, 401, "invalid_client"),
        ({}, 401, "invalid_client"),
        ({"client_id": "coditect-cli", "scope": "login"}, 400, "invalid_scope"),
        ({"client_id": "coditect-cli", "scope": "x"}, 400, "invalid_scope"),
    ],
)
def test_a_device_that_gets_no_codes(
    web_of: Web, form: dict[str, str], status: int, error: str
) -> None:
    """The error is that of the RFC."""
    answer = web_of.http.post("/oauth/device_authorization", data=form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
