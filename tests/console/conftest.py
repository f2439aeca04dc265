"""The console, served by the gateway of a running system."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from tests.console import build
from tests.console.screen import Screen
from tests.end_to_end.browser import Browser
from tests.end_to_end.conftest import chromium, client, start
from tests.end_to_end.mailbox import Mailbox
from tests.end_to_end.person import PASSWORD, Person, new_person
from tests.end_to_end.team import found, switch
from tools.laptop import Laptop

__all__ = ["chromium"]

NewScreen = Callable[..., Screen]


@pytest.fixture(scope="session")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A running system with the console that tests share; they must not break it."""
    site = build.site()
    with start(
        tmp_path_factory.mktemp("console"), SITE=str(site), OAUTH_PAGES="console"
    ) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture(scope="session")
def url(laptop: Laptop) -> str:
    """The origin of the console: passkeys need a name, and no address."""
    return f"http://localhost:{laptop.settings.port}"


@pytest.fixture
def new_screen(chromium: Browser, url: str) -> Iterator[NewScreen]:
    """Opens tabs, each with a profile of its own. At the end, nothing that is wrong has happened in any of them."""
    opened: list[Screen] = []

    def make(**context: Any) -> Screen:
        options = {"locale": "en-US", **context}
        screen = Screen(chromium, chromium.page(**options), url)
        opened.append(screen)
        return screen

    yield make
    try:
        for screen in opened:
            assert screen.errors == []
            assert [one for one in screen.messages if "Content Security Policy" in one] == []
            assert [one for one in screen.requests if not one.startswith((url, "blob:"))] == []
    finally:
        for screen in opened:
            screen.close()


@pytest.fixture
def screen(new_screen: NewScreen) -> Screen:
    """A tab at the console, without a login."""
    return new_screen()


@pytest.fixture
def http(laptop: Laptop) -> Iterator[httpx.Client]:
    """A client of the API of the same system."""
    with client(laptop) as opened:
        yield opened


@pytest.fixture
def person(http: httpx.Client) -> Person:
    """A newly registered user."""
    return new_person(http)


@pytest.fixture
def mailbox_of(laptop: Laptop) -> Callable[[str], Mailbox]:
    """The emails to an address."""
    return lambda address: Mailbox(laptop, address)


@pytest.fixture
def logged_in(screen: Screen, person: Person) -> Screen:
    """A tab in whose profile the user is logged in. It shows no page yet: each page takes time to load."""
    log_in(screen, person)
    return screen


@pytest.fixture
def at_sessions(screen: Screen, person: Person) -> Screen:
    """A tab in which the user is logged in, at the list of sessions."""
    open_sessions(screen, person)
    return screen


@pytest.fixture
def acme(person: Person) -> str:
    """An organization whose owner acts in it."""
    tenant_id = found(person, "Acme Rockets")
    assert switch(person, tenant_id).status_code == 200
    return tenant_id


@pytest.fixture
def owner(screen: Screen, person: Person, acme: str) -> Screen:
    """A tab in which the owner of the organization is logged in, at the list of its members."""
    log_in(screen, person)
    screen.open(f"/teams/{acme}")
    screen.see_heading("Members")
    return screen


def log_in(screen: Screen, person: Person) -> None:
    """Logs a user in by the API, as the login page does: the browser gets the cookie, and shows no page yet."""
    sent = {"email": person.email, "password": PASSWORD}
    headers = {"X-Coditect-Tokens": "cookie", "Origin": screen.url}
    url = f"{screen.url}/api/v5/auth/login"

    def log_in(page: Page) -> int:
        return page.context.request.post(url, data=sent, headers=headers).status

    assert screen.do(log_in) == 200


def open_sessions(screen: Screen, person: Person) -> None:
    """Logs a user in, and shows the list of sessions."""
    log_in(screen, person)
    screen.open("/sessions")
    screen.see_heading("Sessions")
