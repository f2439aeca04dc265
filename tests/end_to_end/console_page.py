"""The page /authorize of the console as far as the server is concerned: the calls that it makes, in order."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.end_to_end.person import PASSWORD, Person
from tools.laptop import Laptop

_LISTS = {"resource"}
_OF_THE_PAGE = {"ui_locales"}
"""What the page reads itself."""


class ConsolePage:
    """One page, opened by the link of a program.

    Attributes:
        address: The path and query at which the page is.
        parameters: The request, as the page passes it on.
        user: Who is logged in; None for no user.
    """

    def __init__(self, laptop: Laptop, http: httpx.Client, user: Person | None = None) -> None:
        self._origin = f"http://localhost:{laptop.settings.port}"
        self._http = http
        self._prompted = False
        self.address = ""
        self.parameters: dict[str, Any] = {}
        self.user = user

    def open(self, query: dict[str, str]) -> None:
        """Follows the link of a program, which leads to the page."""
        answer = self._http.get(f"{self._origin}/oauth/authorize", params=query)
        assert (answer.status_code, answer.text) == (303, "")
        self.address = answer.headers["location"]
        self._prompted = False
        pairs = parse_qsl(urlsplit(self.address).query)
        given: dict[str, Any] = {
            _camel(name): one for name, one in pairs if name not in _OF_THE_PAGE
        }
        for name in _LISTS & given.keys():
            given[name] = [one for key, one in pairs if key == name]
        self.parameters = given

    def check(self) -> httpx.Response:
        """Asks what comes next."""
        body = {"parameters": self.parameters, "prompted": self._prompted}
        path = "/oauth/authorizations/check"
        if self.user is None:
            return self._http.post(f"/api/v5{path}", json=body)
        return self.user.call("POST", path, body)

    def next(self) -> dict[str, Any]:
        """What comes next."""
        answer = self.check()
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    def log_in(self, person: Person) -> None:
        """The user logs in on the page."""
        body = {"email": person.email, "password": PASSWORD}
        answer = self._http.post("/api/v5/auth/login", json=body)
        data = answer.json()["data"]
        self.user = Person(self._http, person.email, data, data["tokens"])
        self._prompted = True

    def reauthenticate(self) -> None:
        """The user proves again who they are."""
        assert self.user is not None
        answer = self.user.call("POST", "/auth/reauthenticate", {"password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self.user.tokens = answer.json()["data"]["tokens"]
        self._prompted = True

    def stay(self) -> None:
        """The user goes on as who they are."""
        self._prompted = True

    def answer(self, *, approve: bool = True, **more: str) -> httpx.URL:
        """The user answers; where the page sends the browser."""
        assert self.user is not None
        body = {"parameters": self.parameters, "approve": approve, **more}
        answer = self.user.call("POST", "/oauth/authorizations", body)
        assert answer.status_code == 200, answer.text
        return httpx.URL(answer.json()["data"]["redirectUri"])


def _camel(name: str) -> str:
    return re.sub("_([a-z])", lambda found: found.group(1).upper(), name)
