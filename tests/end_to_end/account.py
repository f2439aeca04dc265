"""What a person does about an account and its address over HTTP."""

from collections.abc import Iterable

import httpx

from tests.end_to_end.person import EVERY_SERVICE, Person

NEW_PASSWORD = "a notebook full of punched cards"
UNKNOWN_TOKEN = "A" * 43
"""A one-time token that was never made."""


def verify(http: httpx.Client, who: Person | None = None, **body: str) -> httpx.Response:
    """Proves an address, with the access token of a person or without one."""
    if who is not None:
        return who.call("POST", "/auth/email/verify", body)
    return http.post("/api/v5/auth/email/verify", json=body)


def change(person: Person, new_email: str) -> None:
    """Asks for another address."""
    answer = person.call("POST", "/auth/email", {"newEmail": new_email})
    assert (answer.status_code, answer.json()["data"]) == (202, {}), answer.text


def undo(http: httpx.Client, token: str) -> httpx.Response:
    """Undoes a change of address."""
    return http.post("/api/v5/auth/email/undo", json={"token": token})


def forgot(http: httpx.Client, email: str) -> None:
    """Asks for a reset of the password."""
    answer = http.post("/api/v5/auth/password/forgot", json={"email": email})
    assert (answer.status_code, answer.json()["data"]) == (202, {}), answer.text


def reset(http: httpx.Client, **body: str) -> httpx.Response:
    """Sets a new password."""
    body = {"newPassword": NEW_PASSWORD, **body}
    return http.post("/api/v5/auth/password/reset", json=body)


def try_login(http: httpx.Client, email: str, password: str, **more: str) -> httpx.Response:
    """Tries to log in."""
    body = {"email": email, "password": password, **more}
    return http.post("/api/v5/auth/login", json=body)


def logged_in(http: httpx.Client, email: str, password: str) -> Person:
    """A new login."""
    answer = try_login(http, email, password)
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    return Person(http, email, data, data["tokens"])


def assert_locked_out(people: Iterable[Person]) -> None:
    """No token of these logins works, in any service."""
    for person in people:
        for path in EVERY_SERVICE:
            answer = person.call("GET", path)
            assert answer.status_code == 401, (path, answer.text)
        body = {"refreshToken": person.tokens["refreshToken"]}
        assert person.http.post("/api/v5/auth/refresh", json=body).status_code == 401


def activity(person: Person) -> list[str]:
    """The events of the security log, the oldest first."""
    answer = person.call("GET", "/auth/me/activity", params={"pageSize": 100})
    assert answer.status_code == 200, answer.text
    return [event["event"] for event in reversed(answer.json()["data"]["events"])]


def me(person: Person) -> dict[str, object]:
    """The profile of a person."""
    answer = person.call("GET", "/auth/me")
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()["data"]
    return found


def same_bytes(answer: httpx.Response) -> bytes:
    """Status and body of an answer, without the id of its request."""
    body = answer.json()
    request_id = "" if body["success"] else str(body["error"]["requestId"])
    return str(answer.status_code).encode() + answer.content.replace(request_id.encode(), b"")
