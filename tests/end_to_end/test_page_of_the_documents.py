"""The page in docs/browsers.md, in Chromium: what a reader copies does what the text says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route

from tests.end_to_end.browser import Browser
from tests.end_to_end.late_answers import LateAnswers
from tests.end_to_end.pages import Pages
from tests.end_to_end.person import PASSWORD
from tests.support.promises import PATIENCE_SECONDS, within
from tools.laptop import Laptop

DOCUMENT = Path(__file__).parents[2] / "docs" / "browsers.md"
COOKIE = "__Host-coditect_refresh"
EXPIRED = {"code": "ACCESS_TOKEN_EXPIRED", "message": "x", "details": [], "requestId": "x"}
STORED = """async () => ({
  storage: { ...localStorage, ...sessionStorage }, cookie: document.cookie, url: location.href,
  databases: (await indexedDB.databases()).length, history: history.state,
})"""


class Tabs:
    """Tabs with the page, in one browser profile."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self.url = url
        self._first = browser.page()

    def close(self) -> None:
        """Closes the profile."""
        self._browser.do(self._first.context.close)

    def open(self) -> Page:
        """A new tab with the page."""

        def go() -> Page:
            page = self._first.context.new_page()
            page.goto(self.url)
            return page

        return self._browser.do(go)

    def reload(self, *pages: Page) -> None:
        """Loads the page again in all of these tabs, at the same time, and waits for what is loaded."""
        again = "window.before = true; setTimeout(() => location.reload(), 0)"
        for page in pages:
            self._browser.do(lambda page=page: page.evaluate(again))
        # The page of before shows what the next one will show, too.
        for page in pages:
            self._browser.do(lambda page=page: page.wait_for_function("!window.before"))

    def shows(self, page: Page, text: str, seconds: float = PATIENCE_SECONDS) -> bool:
        """Whether the page shows a text, at the latest after this time."""

        def wait() -> bool:
            status = page.get_by_role("status").filter(has_text=re.compile(f"^{re.escape(text)}$"))
            status.wait_for(timeout=seconds * 1000)
            return True

        return self._browser.do(wait)

    def fill(self, page: Page, email: str, button: str) -> None:
        """Types address and password, and presses a button."""

        def send() -> None:
            page.get_by_label("Email").fill(email)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name=button).click()

        self._browser.do(send)

    def log_out(self, page: Page) -> None:
        """Presses the button."""
        self._browser.do(lambda: page.get_by_role("button", name="Log out").click())

    def expire_once(self, page: Page) -> list[str]:
        """Has the next access token refused as expired; returns the calls that were, as they come."""
        refused: list[str] = []

        def answer(route: Route) -> None:
            if refused or route.request.method == "OPTIONS":
                route.fallback()
                return
            refused.append(route.request.url)
            origin = route.request.headers["origin"]
            headers = {
                "access-control-allow-origin": origin,
                "access-control-allow-credentials": "true",
            }
            body = json.dumps({"success": False, "error": EXPIRED})
            route.fulfill(status=401, body=body, headers=headers)

        self._browser.do(lambda: page.route("**/auth/me", answer))
        return refused

    def hold(self, page: Page, path: str, method: str) -> LateAnswers:
        """Has the answers to the next calls of a path come late."""
        return self._browser.do(lambda: LateAnswers(page, path, method))

    def wait_for(self, late: LateAnswers) -> None:
        """Waits until the API has answered a call."""
        self._browser.do(late.wait)

    def send(self, late: LateAnswers) -> None:
        """Lets the page have the late answers."""
        self._browser.do(late.send)

    def empty(self) -> Page:
        """A new tab without a page."""
        return self._browser.do(self._first.context.new_page)

    def go(self, page: Page) -> None:
        """Opens the page in a tab."""
        self._browser.do(lambda: page.goto(self.url))

    def refreshed_while_another_opens(self, page: Page) -> int:
        """Opens a new tab, after which the page refreshes; returns the status of that."""

        def wait() -> int:
            with page.expect_response("**/auth/refresh") as refreshed:
                self._first.context.new_page().goto(self.url)
            return refreshed.value.status

        return self._browser.do(wait)

    def stored(self, page: Page) -> dict[str, object]:
        """What a script finds in the page."""
        found: dict[str, object] = self._browser.do(lambda: page.evaluate(STORED))
        return found

    def cookies(self) -> dict[str, str]:
        """The cookies of the profile."""
        kept = self._browser.do(self._first.context.cookies)
        return {one["name"]: one["value"] for one in kept}


@pytest.fixture(scope="module")
def address(laptop: Laptop, pages: Pages, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the page of the document is served; the port of the system is the only change."""
    (page,) = re.findall(r"^```html\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    assert page.count("localhost:8080") == 1
    folder = tmp_path_factory.mktemp("document")
    text = page.replace("localhost:8080", f"localhost:{laptop.settings.port}")
    (folder / "page.html").write_text(text)
    pages.folders["document"] = folder
    return f"{pages.origin()}/document/page.html"


@pytest.fixture
def tabs(chromium: Browser, address: str) -> Iterator[Tabs]:
    """A profile of its own."""
    opened = Tabs(chromium, address)
    yield opened
    opened.close()


@pytest.fixture
def email() -> str:
    """A new address."""
    return f"{uuid4()}@example.com"


def registered(tabs: Tabs, email: str) -> Page:
    """A tab in which a new user has registered."""
    page = tabs.open()
    assert tabs.shows(page, "logged out")
    tabs.fill(page, email, "Register")
    assert tabs.shows(page, email)
    return page


def test_a_login_is_kept_over_a_reload_and_in_a_new_tab(tabs: Tabs, email: str) -> None:
    """By the cookie alone: no script finds anything of the login in the page."""
    first = registered(tabs, email)
    kept = tabs.cookies()[COOKIE]
    second = tabs.open()
    assert tabs.shows(second, email)
    tabs.reload(first)
    assert tabs.shows(first, email)
    assert tabs.cookies()[COOKIE] != kept
    nothing = {"storage": {}, "cookie": "", "url": tabs.url, "databases": 0, "history": None}
    assert (tabs.stored(first), tabs.stored(second)) == (nothing, nothing)


def test_many_tabs_refresh_at_once(tabs: Tabs, email: str) -> None:
    """Five tabs that load at the same time, three times over: none signs another one out."""
    all_of_them = [registered(tabs, email), *(tabs.open() for _ in range(4))]
    for _ in range(3):
        tabs.reload(*all_of_them)
        assert all(tabs.shows(page, email) for page in all_of_them)


def test_a_logout_is_seen_in_the_other_tab(tabs: Tabs, email: str) -> None:
    """Within a second, where that is measured; the cookie is gone, and a reload does not log in again."""
    first = registered(tabs, email)
    second = tabs.open()
    assert tabs.shows(second, email)
    tabs.log_out(first)
    assert tabs.shows(first, "logged out")
    assert tabs.shows(second, "logged out", seconds=within(1))
    assert COOKIE not in tabs.cookies()
    tabs.reload(second)
    assert tabs.shows(second, "logged out")


def test_a_login_is_seen_in_the_other_tab(tabs: Tabs, email: str) -> None:
    """Both act as the user who logged in last."""
    first = registered(tabs, email)
    second = tabs.open()
    tabs.log_out(first)
    assert tabs.shows(second, "logged out")
    tabs.fill(first, email, "Log in")
    assert tabs.shows(first, email)
    assert tabs.shows(second, email)


def test_a_late_refresh_does_not_undo_a_logout(tabs: Tabs, email: str) -> None:
    """A tab that waits for its first token when another one logs out does not show a login afterwards."""
    first = registered(tabs, email)
    second = tabs.empty()
    refresh = tabs.hold(second, "/auth/refresh", "POST")
    who = tabs.hold(second, "/auth/me", "GET")
    tabs.go(second)
    tabs.wait_for(refresh)
    tabs.log_out(first)
    tabs.send(refresh)
    assert tabs.shows(first, "logged out")
    assert tabs.shows(second, "logged out")
    tabs.send(who)
    assert tabs.shows(first, "logged out")
    assert tabs.shows(second, "logged out")


def test_a_late_answer_does_not_show_the_login_of_before(tabs: Tabs, email: str) -> None:
    """Neither after a logout in another tab, nor after the login of another user."""
    first = registered(tabs, email)
    second = tabs.empty()
    who = tabs.hold(second, "/auth/me", "GET")
    tabs.go(second)
    tabs.wait_for(who)
    tabs.log_out(first)
    assert tabs.shows(second, "logged out")
    tabs.send(who)
    assert tabs.shows(second, "logged out")
    who = tabs.hold(second, "/auth/me", "GET")
    tabs.fill(first, email, "Log in")
    tabs.wait_for(who)
    other = f"{uuid4()}@example.com"
    tabs.fill(first, other, "Register")
    assert tabs.shows(first, other)
    tabs.send(who)
    assert tabs.shows(second, other)


def test_an_expired_access_token_is_replaced(tabs: Tabs, email: str) -> None:
    """The call is made once more, with a new token."""
    page = registered(tabs, email)
    refused = tabs.expire_once(page)
    # The new tab tells the others its token, with which they look again who they are.
    assert tabs.refreshed_while_another_opens(page) == 200
    assert tabs.shows(page, email)
    assert len(refused) == 1
