"""What a program gets at the endpoints of OAuth, through the gateway."""

import httpx
import pytest

from tests.end_to_end.authorization import (
    CALLBACK,
    CHALLENGE,
    CLIENT_ID,
    SCOPE,
    answered,
    approved,
    bearer,
    exchange,
    granted,
    refresh,
)
from tests.end_to_end.person import EVERY_SERVICE, Person


def test_tokens_of_a_program(http: httpx.Client, person: Person) -> None:
    """A code gives bare JSON that no cache keeps, and its access token opens what was approved."""
    uri = answered(person)
    assert str(uri.copy_with(query=None)) == CALLBACK
    assert uri.params["state"] == "s"
    assert uri.params["iss"] == str(http.base_url).rstrip("/").replace("127.0.0.1", "localhost")
    answer = exchange(http, uri.params["code"], unknown="ignored")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert answer.headers["pragma"] == "no-cache"
    tokens = answer.json()
    assert tokens.keys() == {
        "access_token", "token_type", "expires_in", "refresh_token", "scope", "id_token",
    }  # fmt: skip
    assert (tokens["token_type"], sorted(SCOPE.split())) == ("Bearer", tokens["scope"].split())
    headers = bearer(tokens)
    assert http.get("/api/v5/sessions", headers=headers).status_code == 200
    assert http.get("/api/v5/auth/me", headers=headers).status_code == 200
    refused = http.get("/api/v5/tenants", headers=headers)
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    for call in (http.get, http.post):
        said = call("/oauth/userinfo", headers=headers)
        assert said.json()["sub"] == person.user_id
        assert (said.json()["email"], said.json()["given_name"]) == (person.email, "Ada")


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password", "client_id": CLIENT_ID}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "client_id": "x"}, 401, "invalid_client"),
        ({"grant_type": "authorization_code", "client_id": CLIENT_ID}, 400, "invalid_request"),
        (
            {"grant_type": "authorization_code", "client_id": CLIENT_ID, "code": "x"},
            400,
            "invalid_grant",
        ),
        (
            {"grant_type": "refresh_token", "client_id": CLIENT_ID, "refresh_token": "x"},
            400,
            "invalid_grant",
        ),
        ({"grant_type": "client_credentials", "client_id": CLIENT_ID}, 400, "unauthorized_client"),
    ],
)
def test_errors_of_the_token_endpoint(
    http: httpx.Client, form: dict[str, str], status: int, error: str
) -> None:
    """As RFC 6749, section 5.2, has them."""
    answer = http.post("/oauth/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json().keys() == {"error", "error_description"}
    assert ("www-authenticate" in answer.headers) is (status == 401)


def test_a_repeated_parameter_is_refused(http: httpx.Client) -> None:
    """RFC 6749, section 3.2."""
    text = "grant_type=authorization_code&client_id=coditect-cli&code=a&code=b"
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = http.post("/oauth/token", content=text, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_code_is_good_once(http: httpx.Client, person: Person) -> None:
    """Its second use ends the grant in every service at once."""
    code = approved(person)
    tokens = exchange(http, code).json()
    assert exchange(http, code).json()["error"] == "invalid_grant"
    for path in EVERY_SERVICE:
        answer = http.get(f"/api/v5{path}", headers=bearer(tokens))
        assert answer.json()["error"]["code"] == "ACCESS_TOKEN_REVOKED"
    assert refresh(http, tokens).json()["error"] == "invalid_grant"


def test_a_user_takes_a_program_back(http: httpx.Client, person: Person) -> None:
    """Listed with its name and what it may do; then refused in every service at once."""
    tokens = granted(http, person)
    (grant,) = person.call("GET", "/oauth/grants").json()["data"]["grants"]
    assert (grant["clientName"], grant["current"]) == ("Coditect CLI", False)
    path = f"/oauth/grants/{grant['grantId']}"
    assert person.call("DELETE", path).status_code == 200
    for own in EVERY_SERVICE:
        answer = http.get(f"/api/v5{own}", headers=bearer(tokens))
        assert answer.json()["error"]["code"] == "ACCESS_TOKEN_REVOKED"
    assert person.call("DELETE", path).json()["error"]["code"] == "GRANT_NOT_FOUND"
    assert person.call("GET", "/auth/me").status_code == 200


def test_a_program_revokes_its_token(http: httpx.Client, person: Person) -> None:
    """And gets the same answer for any other text (RFC 7009, section 2.2)."""
    tokens = granted(http, person)
    for token in (tokens["refresh_token"], tokens["refresh_token"], "noise"):
        answer = http.post("/oauth/revoke", data={"client_id": CLIENT_ID, "token": token})
        assert (answer.status_code, answer.json()) == (200, {})
    assert http.get("/oauth/userinfo", headers=bearer(tokens)).status_code == 401


def test_a_pushed_request(http: httpx.Client, person: Person) -> None:
    """It is answered 201, named in the request, and good once (RFC 9126)."""
    form = {
        "client_id": CLIENT_ID,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "sessions:read",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    pushed = http.post("/oauth/par", data=form)
    assert (pushed.status_code, pushed.json()["expires_in"]) == (201, 600)
    name = pushed.json()["request_uri"]
    tokens = exchange(http, approved(person, requestUri=name, scope="root")).json()
    assert tokens["scope"] == "sessions:read"
    body = {"parameters": {"clientId": CLIENT_ID, "requestUri": name}, "approve": True}
    again = person.call("POST", "/oauth/authorizations", body)
    assert again.json()["error"]["code"] == "AUTHORIZATION_REQUEST_INVALID"
    wrong = http.post("/oauth/par", data=form | {"redirect_uri": "https://evil.example.com"})
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_request")


def test_an_exchanged_token_has_less(http: httpx.Client, person: Person) -> None:
    """It opens what is left in it, and ends with the grant that it comes from."""
    tokens = granted(http, person)
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "client_id": "coditect-ide",
        "subject_token": tokens["access_token"],
        "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
    }
    less = http.post("/oauth/token", data=form | {"scope": "sessions:read"}).json()
    assert http.get("/api/v5/sessions", headers=bearer(less)).status_code == 200
    assert http.get("/api/v5/auth/me", headers=bearer(less)).status_code == 403
    more = form | {"subject_token": less["access_token"], "scope": "account:read"}
    assert http.post("/oauth/token", data=more).json()["error"] == "invalid_scope"
    http.post("/oauth/revoke", data={"client_id": CLIENT_ID, "token": tokens["refresh_token"]})
    assert http.get("/api/v5/sessions", headers=bearer(less)).status_code == 401
