"""The real system for the end-to-end tests: real processes, real Envoy, real store."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.end_to_end import browser
from tests.end_to_end.browser import Browser, Tab
from tests.end_to_end.pages import Pages
from tests.end_to_end.person import Person, new_person
from tests.end_to_end.web import Web
from tests.support import foundationdb
from tests.support.openapi import conforms
from tests.support.plain_http import PLAIN
from tests.support.promises import LONG
from tools import settings
from tools.laptop import Laptop, Programs
from tools.programs import services_and_gateway

# Cheap hashing, and limits of calls that are never met: these tests do not test them.
CHEAP = {
    "ARGON2_MEMORY_KIB": "64",
    "ARGON2_PASSES": "1",
    "CREDENTIAL_RATE": "100000",
    "EMAILS_PER_NETWORK": "1000000",
    "GUESSES_PER_NETWORK": "100000",
    "USER_RATE": "1000000",
    "ADDRESS_RATE": "1000000",
    "EXCHANGE_RATE": "1000000",
}

# An answer that ends a token waits for the services to know of it, for SETTLE_SECONDS at most. The default of half
# a second is too short on a machine that stands still for a moment; a call between services may take five.
PATIENT: dict[str, str] = {} if LONG else {"SETTLE_SECONDS": "4"}

Start = Callable[..., Laptop]


@pytest.fixture(scope="session")
def pages() -> Iterator[Pages]:
    """The server of the pages that use the shared system."""
    with Pages() as running:
        yield running


@pytest.fixture(scope="session")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A running system that tests share; they must not break it. It knows the pages of this machine."""
    with start(tmp_path_factory.mktemp("laptop")) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture
def own_laptop(tmp_path: Path) -> Iterator[Laptop]:
    """A running system for one test, which may break it."""
    with start(tmp_path / "data") as running:
        running.wait_until_ready()
        yield running


def start(folder: Path, programs: Programs = services_and_gateway, **more: str) -> Laptop:
    """The system over a data folder, on free ports. Programs are let in by the pages without script."""
    variables = {
        **os.environ,
        **CHEAP,
        **PATIENT,
        "PORT": "0",
        "DATA": str(folder),
        "OAUTH_PAGES": "plain",
    }
    if foundationdb.chosen():
        variables["STORE_URL"] = foundationdb.url(folder)
    return Laptop(settings.read({**variables, **more}), programs)


@pytest.fixture
def http(laptop: Laptop) -> Iterator[httpx.Client]:
    """A browser-like client of the shared system."""
    with client(laptop) as opened:
        yield opened


def client(laptop: Laptop) -> httpx.Client:
    """A browser-like client of a system."""
    hooks = {"response": [conforms]}
    return httpx.Client(
        base_url=laptop.settings.url, timeout=60, trust_env=False, verify=PLAIN, event_hooks=hooks
    )


@pytest.fixture
def person(http: httpx.Client) -> Person:
    """A newly registered user."""
    return new_person(http)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A browser that tests share."""
    program = browser.program()
    if program is None:
        pytest.skip("Chromium is not installed: see CONTRIBUTING.md")
    with Browser(program) as running:
        yield running


@pytest.fixture
def tab(chromium: Browser, pages: Pages) -> Iterator[Tab]:
    """A tab of the browser at a page of the product."""
    opened = chromium.tab(pages)
    yield opened
    opened.close()


@pytest.fixture
def web(laptop: Laptop, tab: Tab) -> Iterator[httpx.Client]:
    """A client of the shared system in that page."""
    with tab.client(laptop) as opened:
        yield opened


@pytest.fixture
def web_of(laptop: Laptop) -> Iterator[Web]:
    """A browser at the shared system."""
    with Web(laptop) as opened:
        yield opened
