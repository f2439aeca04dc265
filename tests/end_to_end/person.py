"""A person who uses the product over HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

PASSWORD = "correct horse battery staple"
EVERY_SERVICE = ("/auth/me", "/tenants", "/sessions")
"""A method for users of each service."""


@dataclass
class Person:
    """A registered user, with the tokens of one login."""

    http: httpx.Client
    email: str
    answer: dict[str, Any]
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def user_id(self) -> str:
        """The id of the user."""
        return str(self.answer["user"]["userId"])

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Calls `/api/v5` + path with the access token."""
        headers = {"authorization": f"Bearer {self.tokens['accessToken']}"}
        headers |= more.pop("headers", {})
        return self.http.request(method, f"/api/v5{path}", json=body, headers=headers, **more)

    def sessions(self) -> Iterator[dict[str, Any]]:
        """All sessions of the user, page by page; a page of large ones is shorter."""
        token = ""
        while True:
            params = {"pageSize": 1000, "pageToken": token}
            page = self.call("GET", "/sessions", params=params).json()["data"]
            yield from page["sessions"]
            token = page["nextPageToken"]
            if not token:
                return


def new_person(http: httpx.Client, email: str | None = None, **headers: str) -> Person:
    """Registers a new user."""
    email = email or f"{uuid4()}@example.com"
    answer = http.post("/api/v5/auth/register", json=registration(email), headers=headers)
    assert answer.status_code == 201, answer.text
    data = answer.json()["data"]
    return Person(http, email, data, data["tokens"])


def registration(email: str) -> dict[str, str]:
    """The body of a registration."""
    return {"email": email, "password": PASSWORD, "firstName": "Ada", "lastName": "Lovelace"}


def log_in(http: httpx.Client, person: Person) -> Person:
    """The same user on another device."""
    body = {"email": person.email, "password": PASSWORD}
    answer = http.post("/api/v5/auth/login", json=body)
    assert answer.status_code == 200, answer.text
    data = answer.json()["data"]
    return Person(http, person.email, data, data["tokens"])


def error_of(answer: httpx.Response) -> dict[str, Any]:
    """The error in an envelope."""
    body = answer.json()
    assert body["success"] is False, body
    error: dict[str, Any] = body["error"]
    assert set(error) == {"code", "message", "details", "requestId"}
    assert error["requestId"]
    return error
