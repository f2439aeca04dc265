"""Users who let programs in by the console, and where programs wait for them."""

from typing import Any
from urllib.parse import urlencode

import httpx
from playwright.sync_api import Route

from tests.console.screen import Screen
from tests.end_to_end.authorization import CALLBACK, CHALLENGE, CLIENT_ID
from tests.end_to_end.person import PASSWORD, Person

ASKED = {
    "client_id": CLIENT_ID,
    "response_type": "code",
    "redirect_uri": CALLBACK,
    "scope": "openid offline_access sessions:read",
    "state": "a state & more",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
"""An authorization request of the command, with a redirect URI at this machine."""


class Waiting:
    """The redirect URI of a program, where the browser gets a page, and no network is used.

    Args:
        screen: The tab.
        redirect_uri: The redirect URI.
    """

    def __init__(self, screen: Screen, redirect_uri: str = CALLBACK) -> None:
        self._screen = screen
        self._uri = redirect_uri
        screen.do(lambda page: page.route(lambda url: url.startswith(redirect_uri), _answer))

    def answer(self) -> httpx.URL:
        """Where the browser comes, which it has done once."""
        found = self._screen.do(self._wait)
        sent = [one for one in self._screen.requests if one.startswith(self._uri)]
        assert sent == [found]
        self._screen.requests.remove(found)
        return httpx.URL(found)

    def _wait(self, page: Any) -> str:
        page.wait_for_url(lambda url: url.startswith(self._uri))
        return str(page.url)


def _answer(route: Route) -> None:
    route.fulfill(body="You can close this page.", content_type="text/plain")


def ask(screen: Screen, **changed: str) -> None:
    """Follows the link of a program, with other parameters than `ASKED`; an empty one is left out."""
    given = {name: value for name, value in {**ASKED, **changed}.items() if value}
    screen.open(f"/oauth/authorize?{urlencode(given)}")


def fill_login(screen: Screen, person: Person) -> None:
    """Logs in by the form that the page shows."""
    screen.fill("Email address", person.email)
    screen.fill("Password", PASSWORD)
    screen.press("Log in")


class ConsoleUser:
    """Lets in whatever asks, in a tab.

    Args:
        screen: The tab.
        person: Who the user is.
    """

    def __init__(self, screen: Screen, person: Person) -> None:
        self._screen = screen
        self._person = person
        self._logged_in = False

    def authorize(self, url: str) -> str:
        """Opens a page, logs in and allows; returns the URL that the browser is sent to."""
        waiting = Waiting(self._screen)
        self._open(url)
        self._screen.see_heading("Allow access?")
        self._screen.press("Allow")
        return str(waiting.answer())

    def approve_device(self, url: str, user_code: str) -> None:
        """Types the code of a device, and lets it in."""
        self._open(url)
        self._screen.fill("Code", user_code)
        self._screen.press("Continue")
        self._screen.press("Let in")
        self._screen.see_heading("The device is let in")

    def _open(self, url: str) -> None:
        self._screen.open(url.removeprefix(self._screen.url))
        if not self._logged_in:
            fill_login(self._screen, self._person)
            self._logged_in = True
