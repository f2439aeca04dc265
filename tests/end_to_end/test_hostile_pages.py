"""Pages of others in the browser of a user: no call of theirs changes anything or reads anything.

The user's login is in a cookie (docs/browsers.md). One of the pages is of the same site, so the browser
sends it the cookie although it is strict.
"""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.end_to_end import browser
from tests.end_to_end.browser import Browser
from tests.end_to_end.conftest import start
from tests.end_to_end.pages import Pages
from tests.end_to_end.person import PASSWORD, registration
from tests.end_to_end.victim import (
    API,
    APP,
    COOKIE,
    RESOLVE,
    SIBLING,
    STRANGER,
    Victim,
    login_of,
)
from tools.laptop import Laptop

WITH_BODY = [
    "form",
    "form of parts",
    "form of text",
    "no-cors",
    "no-cors with headers",
    "cors",
    "cors with json",
    "cors with headers",
    "cors without cookies",
    "beacon",
    "kept alive",
    "redirect",
]
BY_ADDRESS = ["image", "script", "style", "frame", "object", "socket", "head", "events"]
READS = ["/auth/me", "/auth/logins", "/sessions", "/tenants", "/auth/me/export"]
CHANGES = [
    ("POST", "/auth/refresh", {}),
    ("POST", "/auth/logout", {}),
    ("POST", "/auth/logout-all", {}),
    ("POST", "/auth/reauthenticate", {"password": PASSWORD}),
    ("POST", "/auth/switch-tenant", {"tenantId": str(uuid4())}),
    ("PATCH", "/auth/me", {"firstName": "Eve"}),
    ("DELETE", "/auth/me", {"password": PASSWORD}),
    ("POST", "/auth/password", {"currentPassword": PASSWORD, "newPassword": "five green laptops"}),
    ("POST", "/sessions", {"name": "Eve's"}),
]


@pytest.fixture(scope="module")
def named_chromium() -> Iterator[Browser]:
    """A browser in which the names of others lead to this machine."""
    program = browser.program()
    if program is None:
        pytest.skip("Chromium is not installed: see CONTRIBUTING.md")
    with Browser(program, RESOLVE, "--no-proxy-server") as running:
        yield running


@pytest.fixture(scope="module")
def known_pages() -> Iterator[Pages]:
    """The server of all pages; ours is the one at `APP`."""
    with Pages() as running:
        yield running


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, known_pages: Pages) -> Iterator[Laptop]:
    """A system that knows our page alone."""
    folder = tmp_path_factory.mktemp("system")
    with start(folder, CORS_ORIGINS=known_pages.origin(APP)) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture(scope="module")
def victim(named_chromium: Browser, known_pages: Pages, system: Laptop) -> Iterator[Victim]:
    """A user who is logged in in that browser; no test may change that."""
    opened = Victim(named_chromium, known_pages, system)
    yield opened
    opened.close()


def test_our_own_page_can_do_what_they_try(victim: Victim) -> None:
    """The same attempt from our origin gets an access token by the cookie alone."""
    before = victim.cookies()
    page = victim.other_page(APP)
    learned = page.attempt("cors with headers", f"{victim.api}/auth/refresh", "POST", {})
    assert learned is not None
    assert "accessToken" in learned
    assert "refreshToken" not in learned
    assert victim.cookies() != before


@pytest.mark.parametrize("host", [SIBLING, STRANGER, "sandbox"])
@pytest.mark.parametrize("way", [*WITH_BODY, *BY_ADDRESS])
def test_no_call_of_another_page_changes_or_reads_anything(
    victim: Victim, host: str, way: str
) -> None:
    """Whatever it sends, and by whatever a page has for sending."""
    before = victim.state()
    page = victim.sandboxed_page() if host == "sandbox" else victim.other_page(host)
    calls = [("GET", path, {}) for path in READS]
    if way in WITH_BODY:
        # Also as the attacker: a user who acts in the login of somebody else tells them everything.
        attacker = f"{uuid4()}@example.com"
        victim_login = ("POST", "/auth/login", login_of(victim.email))
        calls = [*CHANGES, victim_login, ("POST", "/auth/register", registration(attacker)), *calls]
    learned = [
        page.attempt(way, f"{victim.api}{path}", method, body) for method, path, body in calls
    ]
    assert learned == [None] * len(calls)
    assert victim.state() == before


def test_a_page_whose_name_leads_to_the_gateway_is_refused(victim: Victim) -> None:
    """It needs no preflight and reads its answers, and gets neither a login nor that of the user."""
    before = victim.state()
    for path, body in (("/auth/login", login_of(victim.email)), ("/auth/refresh", {})):
        answer = victim.rebound_call(path, body)
        assert answer["error"]["code"] == "ORIGIN_NOT_ALLOWED"
    assert victim.state() == before


def test_a_sibling_cannot_plant_the_cookie(victim: Victim) -> None:
    """The browser takes a cookie of this name from its own host alone, for no domain."""
    before = victim.cookies()
    page = victim.other_page(SIBLING)
    for more in (
        "Domain=ours.localhost; Path=/; Secure",
        "Domain=ours.localhost; Path=/api",
        "Path=/",
    ):
        page.run(f"document.cookie = '{COOKIE}=planted; {more}'")
    assert victim.cookies() == before
    assert victim.refresh()


def test_no_script_reads_the_cookie(victim: Victim) -> None:
    """Not even one of the host that the cookie is for."""
    assert f"{API} {COOKIE}" in victim.cookies()
    page = victim.other_page(API)
    assert page.run("document.cookie") == ""
