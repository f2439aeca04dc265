"""Attacks on device logins, through the gateway (RFC 8628, section 5).

docs/security.md has the table of all of them. What takes longer than a test, the end of the codes, is tested
in tests/services/auth/device_login.
"""

from typing import Any

import httpx

from services.auth.device_login.codes import read_user_code
from services.auth.device_login.wrong_codes import PER_USER
from tests.end_to_end.account import activity
from tests.end_to_end.attacks import DEVICE_CODE, TOKEN, error, opens_nothing, robot_of
from tests.end_to_end.authorization import CLIENT_ID
from tests.end_to_end.person import Person, error_of, new_person

NOTHING_WAITS = (404, "DEVICE_LOGIN_NOT_FOUND")


def started(http: httpx.Client, **form: str) -> dict[str, Any]:
    """The codes of a new device."""
    given = {"client_id": CLIENT_ID, "scope": "sessions:read", **form}
    answer = http.post("/oauth/device_authorization", data=given)
    assert answer.status_code == 200, answer.text
    codes: dict[str, Any] = answer.json()
    return codes


def asked(http: httpx.Client, codes: dict[str, Any], **form: str) -> httpx.Response:
    """What a device gets that asks for its tokens."""
    given = {"grant_type": DEVICE_CODE, "client_id": CLIENT_ID}
    return http.post(TOKEN, data={**given, "device_code": codes["device_code"], **form})


def typed(person: Person, code: str, **body: Any) -> tuple[int, str]:
    """What a person gets who looks at a device by its code or, with a body, answers."""
    answer = person.call("POST" if body else "GET", f"/oauth/device/{code}", body or None)
    return answer.status_code, "" if answer.is_success else error_of(answer)["code"]


def test_what_a_person_sees_before_the_answer(http: httpx.Client, person: Person) -> None:
    """The client, where the device is and all that it gets, against phishing (RFC 8628, section 5.4).

    A link with the code asks all the same, and says nothing to a person who is not logged in.
    """
    codes = started(http, scope="sessions:read account:read")
    seen = person.call("GET", f"/oauth/device/{codes['user_code']}").json()["data"]
    assert (seen["clientId"], seen["clientName"]) == (CLIENT_ID, "Coditect CLI")
    assert seen["address"]
    assert [one["name"] for one in seen["scopes"]] == ["account:read", "sessions:read"]
    link = httpx.URL(codes["verification_uri_complete"])
    page = http.get(link.raw_path.decode())
    assert "Coditect CLI" not in page.text
    assert error(asked(http, codes)) == (400, "authorization_pending")


def test_a_device_that_asks_too_often(http: httpx.Client) -> None:
    """It must slow down (RFC 8628, section 3.5)."""
    codes = started(http)
    assert error(asked(http, codes)) == (400, "authorization_pending")
    for _ in range(3):
        assert error(asked(http, codes)) == (400, "slow_down")


def test_a_device_code_is_good_once(http: httpx.Client, person: Person) -> None:
    """Its second use is that of a copy, and ends the grant; so is what a person has answered."""
    codes = started(http)
    assert typed(person, codes["user_code"], approve=True) == (200, "")
    for again in (True, False):
        assert typed(person, codes["user_code"], approve=again) == NOTHING_WAITS
    assert typed(new_person(http), codes["user_code"], approve=True) == NOTHING_WAITS
    tokens = asked(http, codes).json()
    assert http.get("/api/v5/sessions", headers=_bearer(tokens)).status_code == 200
    assert error(asked(http, codes)) == (400, "invalid_grant")
    assert opens_nothing(http, tokens["access_token"])


def test_a_device_code_of_another_client(http: httpx.Client, person: Person) -> None:
    """Only the client that has begun gets its tokens; an attempt spends nothing (RFC 8628, 5.2)."""
    robot = robot_of(person)
    codes = started(http)
    assert typed(person, codes["user_code"], approve=True) == (200, "")
    assert error(asked(http, codes, client_id="coditect-ide")) == (400, "invalid_grant")
    form = {"grant_type": DEVICE_CODE, "device_code": codes["device_code"]}
    assert error(robot.post(TOKEN, **form)) == (400, "invalid_grant")
    assert error(asked(http, {"device_code": codes["user_code"]})) == (400, "invalid_grant")
    assert asked(http, codes).status_code == 200


def test_a_device_that_is_refused(http: httpx.Client, person: Person) -> None:
    """It gets nothing, and neither does who asks again."""
    codes = started(http)
    assert typed(person, codes["user_code"], approve=False) == (200, "")
    assert error(asked(http, codes)) == (400, "access_denied")
    assert error(asked(http, codes)) == (400, "invalid_grant")


def test_a_device_of_another_organization(http: httpx.Client, person: Person) -> None:
    """A client of an organization gets in for its members alone."""
    robot = robot_of(person)
    codes = robot.post("/oauth/device_authorization", scope="sessions:read").json()
    stranger = new_person(http)
    assert typed(stranger, codes["user_code"], approve=True) == (404, "TENANT_NOT_FOUND")
    assert typed(person, codes["user_code"], approve=True) == (200, "")
    form = {"grant_type": DEVICE_CODE, "device_code": codes["device_code"]}
    assert robot.post(TOKEN, **form).status_code == 200


def test_a_device_of_a_client_that_is_gone(person: Person) -> None:
    """Nothing waits any more, and the user's own login is not what is refused."""
    robot = robot_of(person)
    codes = robot.post("/oauth/device_authorization", scope="sessions:read").json()
    assert person.call("DELETE", f"/tenants/{robot.tenant_id}/clients/{robot.client_id}").is_success
    assert typed(person, codes["user_code"]) == NOTHING_WAITS
    assert typed(person, codes["user_code"], approve=True) == NOTHING_WAITS


def test_guessed_user_codes(http: httpx.Client, person: Person) -> None:
    """They are counted, and after some even a right one is not looked up (RFC 8628, section 5.1)."""
    codes = started(http)
    right = read_user_code(codes["user_code"])
    wrong = [f"BCDFGH{a}{b}" for a in "BCDFGHJ" for b in "BCDFG"][:PER_USER]
    for code in wrong:
        assert code != right
        assert typed(person, code) == NOTHING_WAITS
    for code in (codes["user_code"], "BCDFZZZZ"):
        answer = person.call("GET", f"/oauth/device/{code}")
        assert (answer.status_code, error_of(answer)["code"]) == (429, "TOO_MANY_USER_CODES")
        assert int(answer.headers["retry-after"]) > 0
    assert typed(person, codes["user_code"], approve=True) == (429, "TOO_MANY_USER_CODES")
    assert "device_code.wrong" in activity(person)
    assert typed(new_person(http), codes["user_code"]) == (200, "")


def test_a_program_lets_no_device_in(http: httpx.Client, person: Person) -> None:
    """A device that is in cannot let another one in: that takes the user's own login."""
    codes = started(http, scope="account:write account:read")
    assert typed(person, codes["user_code"], approve=True) == (200, "")
    tokens = asked(http, codes).json()
    path = f"/api/v5/oauth/device/{started(http)['user_code']}"
    refused = http.post(path, json={"approve": True}, headers=_bearer(tokens))
    assert (refused.status_code, error_of(refused)["code"]) == (403, "SCOPE_MISSING")


def _bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens['access_token']}"}
