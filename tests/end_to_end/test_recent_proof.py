"""Methods that need a recent proof of the password, and a logout by either token, over HTTP."""

import asyncio
from typing import Any

import httpx

from tests.end_to_end.aging import age_proofs
from tests.end_to_end.authorization import CALLBACK, CHALLENGE, CLIENT_ID
from tests.end_to_end.person import PASSWORD, Person, error_of, log_in
from tools.laptop import Laptop

PARAMETERS = {
    "clientId": CLIENT_ID,
    "responseType": "code",
    "redirectUri": CALLBACK,
    "codeChallenge": CHALLENGE,
    "codeChallengeMethod": "S256",
}


def test_a_user_proves_the_password_again(
    laptop: Laptop, http: httpx.Client, person: Person
) -> None:
    """An hour after the login, other logins can be ended only after the password was entered again."""
    other = log_in(http, person)
    asyncio.run(age_proofs(laptop, person.user_id))
    _refresh(http, person)  # tokens that say when the password was proved
    other_id = _other_login(person)
    for method, path, body in (
        ("POST", "/auth/logout-all", None),
        ("DELETE", f"/auth/logins/{other_id}", None),
        # A copy of an access token must not become a program's grant, which lives on.
        ("POST", "/oauth/authorizations", {"parameters": PARAMETERS, "approve": True}),
        ("POST", "/oauth/device/BCDF-GHJK", {"approve": True}),
    ):
        answer = person.call(method, path, body)
        error = error_of(answer)
        assert (answer.status_code, error["code"]) == (403, "REAUTHENTICATION_REQUIRED")
        assert [detail["metadata"] for detail in error["details"]] == [
            {"maxAgeSeconds": "300", "proof": "password"}
        ]
    wrong = person.call("POST", "/auth/reauthenticate", {"password": "something else entirely"})
    assert (wrong.status_code, error_of(wrong)["code"]) == (403, "PASSWORD_WRONG")

    fresh = person.call("POST", "/auth/reauthenticate", {"password": PASSWORD})
    assert fresh.status_code == 200
    assert person.call("GET", "/auth/me").status_code == 401  # its login was replaced
    person.tokens |= fresh.json()["data"]["tokens"]
    assert person.call("DELETE", f"/auth/logins/{other_id}").status_code == 200
    assert other.call("GET", "/auth/me").status_code == 401
    _refresh(http, person)
    assert person.call("POST", "/auth/logout-all").status_code == 200
    assert person.call("GET", "/auth/me").status_code == 401


def test_a_logout_without_an_access_token(http: httpx.Client, person: Person) -> None:
    """The refresh token ends its login; a bad access token beside it is refused; without both, 401."""
    body, path = {"refreshToken": person.tokens["refreshToken"]}, "/api/v5/auth/logout"
    bad = http.post(path, json=body, headers={"authorization": "Bearer a.b.c"})
    assert (bad.status_code, error_of(bad)["code"]) == (401, "ACCESS_TOKEN_INVALID")
    none = http.post(path, json={})
    assert (none.status_code, error_of(none)["code"]) == (401, "ACCESS_TOKEN_MISSING")
    assert person.call("GET", "/auth/me").status_code == 200

    for _ in range(2):  # the second time the token is unknown, which is no error
        assert http.post(path, json=body).json() == {"success": True, "data": {}}

    assert person.call("GET", "/sessions").status_code == 401


def _other_login(person: Person) -> str:
    logins: list[dict[str, Any]] = person.call("GET", "/auth/logins").json()["data"]["logins"]
    (found,) = [str(login["loginId"]) for login in logins if not login["current"]]
    return found


def _refresh(http: httpx.Client, person: Person) -> None:
    body = {"refreshToken": person.tokens["refreshToken"]}
    answer = http.post("/api/v5/auth/refresh", json=body)
    assert answer.status_code == 200
    person.tokens = answer.json()["data"]["tokens"]
