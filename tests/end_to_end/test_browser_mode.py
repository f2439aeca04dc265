"""Browser mode over HTTP, through the real gateway: what the document says, and what errors set."""

from http.cookies import SimpleCookie
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.person import PASSWORD, error_of, registration
from tools.laptop import Laptop

COOKIE = "__Host-coditect_refresh"
MODE = {"x-coditect-tokens": "cookie"}


class Page:
    """A page of this machine, which keeps the one cookie."""

    def __init__(self, http: httpx.Client, origin: str) -> None:
        self._http = http
        self._headers = {"origin": origin, **MODE}
        self.kept = ""

    def post(self, path: str, body: dict[str, str], **headers: str) -> httpx.Response:
        """Calls `/api/v5/auth` + path; keeps or drops the cookie as the answer says."""
        # By hand: a cookie jar keeps none that is `Secure` for http, as browsers do for localhost.
        cookie = {"cookie": f"{COOKIE}={self.kept}"} if self.kept else {}
        sent = {**self._headers, **cookie, **headers}
        answer = self._http.post(f"/api/v5/auth{path}", json=body, headers=sent)
        for line in answer.headers.get_list("set-cookie"):
            if COOKIE in (morsels := SimpleCookie(line)):
                self.kept = morsels[COOKIE].value
        return answer


@pytest.fixture
def page(http: httpx.Client) -> Page:
    """A development server on another port; no setting names it."""
    return Page(http, "http://localhost:5173")


def test_a_login_by_cookie_from_beginning_to_end(http: httpx.Client, page: Page) -> None:
    """Register, refresh, call, log out; each answer is as the document says, and has no secret."""
    email = f"{uuid4()}@example.com"
    answer = page.post("/register", registration(email))
    assert answer.status_code == 201
    first = page.kept
    assert first
    assert first not in answer.text
    assert "deviceToken" not in answer.json()["data"]
    answer = page.post("/refresh", {})
    assert (answer.status_code, answer.json()["data"]["user"]["email"]) == (200, email)
    assert page.kept not in {"", first}
    bearer = f"Bearer {answer.json()['data']['tokens']['accessToken']}"
    assert http.get("/api/v5/auth/me", headers={"authorization": bearer, **MODE}).is_success
    assert page.post("/logout", {}).status_code == 200
    assert page.kept == ""
    ended = http.get("/api/v5/auth/me", headers={"authorization": bearer})
    assert error_of(ended)["code"] == "ACCESS_TOKEN_REVOKED"
    assert page.post("/login", {"email": email, "password": PASSWORD}).status_code == 200
    assert page.kept


def test_the_error_of_an_ended_login_removes_the_cookie(page: Page) -> None:
    """It passes the gateway with the error."""
    page.kept = "x" * 40
    answer = page.post("/refresh", {})
    assert (answer.status_code, error_of(answer)["code"]) == (401, "REFRESH_TOKEN_INVALID")
    (line,) = answer.headers.get_list("set-cookie")
    assert line == f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost.evil.example"])
def test_other_origins_are_refused(page: Page, origin: str) -> None:
    """With an error of its own, and without a cookie."""
    page.post("/register", registration(f"{uuid4()}@example.com"))
    kept = page.kept
    answer = page.post("/refresh", {}, origin=origin)
    assert (answer.status_code, error_of(answer)["code"]) == (403, "ORIGIN_NOT_ALLOWED")
    assert page.kept == kept
    assert page.post("/refresh", {}).status_code == 200


def test_our_own_origin_is_known(laptop: Laptop, page: Page) -> None:
    """The console is served by the gateway itself."""
    own = f"http://localhost:{laptop.settings.port}"
    answer = page.post("/register", registration(f"{uuid4()}@example.com"), origin=own)
    assert answer.status_code == 201
    assert page.kept


def test_another_mode_is_refused(page: Page) -> None:
    """As a field that is not valid."""
    answer = page.post("/refresh", {}, **{"x-coditect-tokens": "memory"})
    (detail,) = error_of(answer)["details"]
    assert [bad["field"] for bad in detail["fieldViolations"]] == ["X-Coditect-Tokens"]
