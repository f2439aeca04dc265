"""Tabs with the TypeScript client: the browser keeps one login for all of them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Request

from tests.end_to_end.browser import Browser
from tests.end_to_end.pages import Pages
from tests.end_to_end.person import PASSWORD
from tests.support import typescript
from tests.support.promises import within
from tools.laptop import Laptop

pytestmark = typescript.NEEDED

_SIGNED_IN = "coditect.state.status === 'signedIn'"
_SIGNED_OUT = "coditect.state.status === 'signedOut'"
_ME = "coditect.get('/api/v5/auth/me').then((user) => user.email)"
_REGISTER = """(email) => coditect.register(
  { email, password: PASSWORD, firstName: "Ada", lastName: "Lovelace" })"""
_KEPT = """async () => [
  document.cookie, localStorage.length, sessionStorage.length,
  (await indexedDB.databases()).length, (await caches.keys()).length]"""
_REFRESH = "/api/v5/auth/refresh"


class Window:
    """A profile of a browser with tabs at the page of the client.

    Args:
        browser: The browser.
        url: The address of the page.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self.context: BrowserContext = browser.page().context
        self.refreshes: list[str] = []
        """The addresses of the refreshes that tabs have asked for."""
        self.do(lambda: self.context.on("request", self._count))

    def do(self, what: Callable[[], Any]) -> Any:
        """Does something in the thread of the browser."""
        return self._browser.do(what)

    def tab(self) -> Page:
        """A new tab, in which the client has started."""

        def opened() -> Page:
            page = self.context.new_page()
            page.goto(self._url)
            page.wait_for_function("window.coditect")
            page.evaluate("coditect.start().then(() => null)")
            return page

        page: Page = self.do(opened)
        return page

    def run(self, tab: Page, script: str, *given: Any) -> Any:
        """Runs a script in a tab."""
        return self.do(lambda: tab.evaluate(script.replace("PASSWORD", repr(PASSWORD)), *given))

    def wait(self, tab: Page, condition: str) -> None:
        """Waits until something holds in a tab, which is promised within a second."""
        self.do(lambda: tab.wait_for_function(condition, polling=20, timeout=within(1) * 1000))

    def register(self, tab: Page) -> str:
        """Registers a user in a tab; returns the address."""
        email = f"{uuid4()}@example.com"
        self.run(tab, _REGISTER, email)
        return email

    def who(self, *tabs: Page) -> list[str]:
        """The user's address, for which all tabs ask at the same time."""

        def ask() -> list[str]:
            for tab in tabs:
                tab.evaluate(f"() => {{ window.asked = {_ME}; }}")
            return [tab.evaluate("window.asked") for tab in tabs]

        found: list[str] = self.do(ask)
        return found

    def pass_minutes(self, minutes: int) -> None:
        """Moves the clocks of all tabs."""
        self.do(lambda: self.context.clock.fast_forward(minutes * 60_000))

    def cookies(self) -> dict[str, Any]:
        """The cookies by their names."""
        return {one["name"]: one for one in self.do(self.context.cookies)}

    def _count(self, request: Request) -> None:
        if request.method == "POST" and request.url.endswith(_REFRESH):
            self.refreshes.append(request.url)


@pytest.fixture
def window(chromium: Browser, pages: Pages, laptop: Laptop, tmp_path: Path) -> Iterator[Window]:
    """A new profile; the page comes from another origin than the API."""
    pages.folders["tabs"] = typescript.make_project(tmp_path)
    api = f"http://localhost:{laptop.settings.port}"
    opened = Window(chromium, f"{pages.origin()}/tabs/tabs.html?api={api}")
    yield opened
    opened.do(opened.context.close)
    del pages.folders["tabs"]


def test_a_login_is_in_all_tabs(window: Window) -> None:
    """A login in one tab is one in the others at once, and in a tab that is opened later."""
    first, second = window.tab(), window.tab()
    window.refreshes.clear()
    email = window.register(first)
    window.wait(second, _SIGNED_IN)
    assert window.who(second) == [email]
    assert window.refreshes == []
    assert window.who(window.tab()) == [email]


def test_no_script_can_read_the_refresh_token(window: Window) -> None:
    """It is in no storage of the page; the browser keeps it in a cookie that scripts cannot read."""
    tab = window.tab()
    window.register(tab)
    assert window.run(tab, _KEPT) == ["", 0, 0, 0, 0]
    cookie = window.cookies()["__Host-coditect_refresh"]
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")


def test_tabs_share_each_refresh(window: Window) -> None:
    """Two tabs that call at once, for an hour: one refresh each time, and both stay logged in."""
    window.do(window.context.clock.install)
    first, second = window.tab(), window.tab()
    email = window.register(first)
    window.wait(second, _SIGNED_IN)
    window.refreshes.clear()
    for _ in range(4):
        window.pass_minutes(15)
        assert window.who(first, second) == [email, email]
    assert len(window.refreshes) == 4


def test_tabs_without_locks(window: Window) -> None:
    """Without Web Locks and BroadcastChannel the grace of the server keeps both tabs logged in."""
    hide = "delete Navigator.prototype.locks; delete window.BroadcastChannel;"
    window.do(lambda: window.context.add_init_script(hide))
    window.do(window.context.clock.install)
    first = window.tab()
    email = window.register(first)
    second = window.tab()
    window.refreshes.clear()
    for _ in range(3):
        window.pass_minutes(15)
        assert window.who(first, second) == [email, email]
    assert len(window.refreshes) == 6


def test_a_switch_is_in_all_tabs(window: Window) -> None:
    """A tenant that is made active in one tab is the active one of the others."""
    first, second = window.tab(), window.tab()
    window.register(first)
    made = (
        "coditect.post('/api/v5/tenants', { body: { name: 'Team' } }).then((made) => made.tenantId)"
    )
    tenant_id = window.run(first, made)
    window.run(first, "(tenantId) => coditect.switchTenant(tenantId)", tenant_id)
    window.wait(second, f"coditect.state.tenant?.tenantId === '{tenant_id}'")
    opened = "coditect.post('/api/v5/sessions', { body: {} }).then((made) => made.tenantId)"
    assert window.run(second, opened) == tenant_id
    assert window.run(window.tab(), "coditect.state.tenant.tenantId") == tenant_id


def test_a_logout_is_in_all_tabs(window: Window) -> None:
    """The other tab knows it within a second; neither can go on, nor can a later one."""
    first, second = window.tab(), window.tab()
    window.register(first)
    window.wait(second, _SIGNED_IN)
    window.run(first, "coditect.logout()")
    window.wait(second, _SIGNED_OUT)
    assert window.run(second, "coditect.state.reason") == "loggedOut"
    assert window.run(window.tab(), "coditect.state") == {"status": "signedOut"}
    assert "__Host-coditect_refresh" not in window.cookies()


def test_a_login_that_ends_elsewhere(window: Window, laptop: Laptop) -> None:
    """A tab whose login another device has ended says so after its next call, and so do the others."""
    first, second = window.tab(), window.tab()
    email = window.register(first)
    window.wait(second, _SIGNED_IN)
    url = f"{laptop.settings.url}/api/v5/auth"
    login = httpx.post(f"{url}/login", json={"email": email, "password": PASSWORD}, trust_env=False)
    headers = {"Authorization": f"Bearer {login.json()['data']['tokens']['accessToken']}"}
    assert httpx.post(f"{url}/logout-all", json={}, headers=headers, trust_env=False).is_success
    code = window.run(first, "coditect.get('/api/v5/auth/me').catch((error) => error.code)")
    assert code == "ACCESS_TOKEN_REVOKED"
    window.wait(second, _SIGNED_OUT)
    assert window.run(second, "coditect.state.reason") == "ended"
