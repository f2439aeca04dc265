"""The console in a real Chromium, as its user sees it: by roles, labels and words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, ConsoleMessage, Page, Request, expect

from tests.end_to_end.browser import Browser
from tests.support.promises import PATIENCE_SECONDS

_AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The announcer of React Aria names a pending button for some seconds, also after that has gone.
_RUN = """async (tags) => (await axe.run(
    { exclude: ["[data-live-announcer]"] }, { runOnly: tags, resultTypes: ["violations"] }))
  .violations.map((one) => ({ id: one.id, impact: one.impact, nodes: one.nodes.map((node) => node.html) }))"""
_SHIFT = """() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 300);
})"""
_GRAVE = frozenset({"serious", "critical"})
_FOCUSED = """((one) => one.getAttribute("aria-label") ?? one.labels?.[0]?.innerText ?? one.innerText)(
  document.activeElement).trim()"""
_IN_FIELD = "document.activeElement.matches('input, textarea')"
_IN_DIALOG = "document.activeElement.closest('[role=dialog], [role=alertdialog]') !== null"

_Value = TypeVar("_Value")


class Screen:
    """One tab at the console.

    Args:
        browser: The browser.
        page: The tab.
        url: The origin of the console.
    """

    def __init__(self, browser: Browser, page: Page, url: str) -> None:
        self._browser = browser
        self._page = page
        self.url = url
        self.requests: list[str] = []
        """The addresses of all requests of the tab."""
        self.messages: list[str] = []
        """What the tab wrote to its console: errors of pages, violations of the policy, and everything else."""
        self.errors: list[str] = []
        """Exceptions that no page caught."""
        browser.do(self._listen)

    def _listen(self) -> None:
        def note_request(request: Request) -> None:
            self.requests.append(request.url)

        def note_message(message: ConsoleMessage) -> None:
            self.messages.append(message.text)

        self._page.set_default_timeout(PATIENCE_SECONDS * 1000)
        expect.set_options(timeout=PATIENCE_SECONDS * 1000)
        self._page.on("request", note_request)
        self._page.on("console", note_message)
        self._page.on("pageerror", lambda error: self.errors.append(str(error)))

    def another(self) -> "Screen":
        """Another tab with the same profile."""
        return Screen(self._browser, self.do(lambda page: page.context.new_page()), self.url)

    def do(self, what: Callable[[Page], _Value]) -> _Value:
        """Does something with Playwright's page, in the thread of the browser."""
        return self._browser.do(lambda: what(self._page))

    def open(self, path: str = "/") -> None:
        """Goes to an address of the console."""
        self.do(lambda page: page.goto(self.url + path))

    def close(self) -> None:
        """Closes the tab, with its profile."""
        self.do(lambda page: page.context.close())

    @property
    def path(self) -> str:
        """Where the tab is: path and query."""
        parts = urlsplit(self.do(lambda page: page.url))
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def at(self, path: str) -> None:
        """Waits until the tab is at an address."""
        self.do(lambda page: page.wait_for_url(self.url + path))

    def press(self, name: str, role: Any = "button", *, within: str = "") -> None:
        """Presses what has a name: a button, or another role. `within` names the row or dialog around it."""
        self.do(
            lambda page: self._around(page, within).get_by_role(role, name=name, exact=True).click()
        )

    def follow(self, name: str, *, within: str = "") -> None:
        """Follows a link."""
        self.press(name, "link", within=within)

    def fill(self, label: str, text: str) -> None:
        """Fills the field with a label."""
        self.do(lambda page: page.get_by_label(label, exact=True).fill(text))

    def choose(self, label: str, option: str) -> None:
        """Chooses an option, by its text."""
        self.do(
            lambda page: page.get_by_role("combobox", name=label, exact=True).select_option(
                label=option
            )
        )

    def check(self, name: str) -> None:
        """Checks a box. Its input is invisible, so its label is pressed."""
        self.do(lambda page: page.locator("label.check").filter(has_text=name).click())

    def type(self, *keys: str) -> None:
        """Types with the keyboard: names of keys (`Tab`), or texts, for which it waits until a field has the focus."""
        for key in keys:
            self.do(lambda page, key=key: self._type(page, key))  # type: ignore[misc]

    @staticmethod
    def _type(page: Page, key: str) -> None:
        if key[:1].isupper() and key.replace("+", "").isalpha():
            page.keyboard.press(key)
        else:
            # A page or a dialog that opens puts the focus into its field some frames later.
            page.wait_for_function(_IN_FIELD)
            page.keyboard.type(key)

    def see(self, text: str) -> None:
        """Waits until a text is visible."""
        self.do(
            lambda page: expect(page.get_by_text(text).filter(visible=True).first).to_be_visible()
        )

    def see_heading(self, text: str) -> None:
        """Waits until the page has a heading."""
        self.do(
            lambda page: expect(page.get_by_role("heading", name=text, exact=True)).to_be_visible()
        )

    def see_enabled(self, name: str) -> None:
        """Waits until a button takes presses: some do only when their user has had time to read."""
        self.do(
            lambda page: expect(page.get_by_role("button", name=name, exact=True)).to_be_enabled()
        )

    def see_no(self, text: str) -> None:
        """Waits until a text is not visible."""
        self.do(lambda page: expect(page.get_by_text(text).filter(visible=True)).to_have_count(0))

    def see_value(self, label: str, text: str) -> None:
        """Waits until a field has a value; the option of a list by its own one."""
        self.do(lambda page: expect(page.get_by_label(label, exact=True)).to_have_value(text))

    def text(self) -> str:
        """All that is visible."""
        return self.do(lambda page: page.inner_text("body"))

    def see_focus(self, name: str) -> None:
        """Waits until what has a name, or this text, has the focus: dialogs give it back some frames later."""
        self.do(lambda page: page.wait_for_function(f"name => {_FOCUSED} === name", arg=name))

    def see_focus_in_dialog(self) -> None:
        """Waits until a dialog has taken the focus."""
        self.do(lambda page: page.wait_for_function(_IN_DIALOG))

    def tab_to(self, name: str, *, most: int = 60) -> None:
        """Presses the tab key until what has a name, or this text, has the focus."""
        for _ in range(most):
            if self.do(lambda page: page.evaluate(_FOCUSED)) == name:
                return
            self.type("Tab")
        raise AssertionError(f"no way to {name} by the tab key")

    def secret_in(self, field: str) -> str:
        """The text that a field shows once, to be copied."""
        return self.do(
            lambda page: page.locator(".field", has_text=field).locator("code").inner_text()
        )

    def saved(self, button: str) -> tuple[str, str]:
        """Presses a button that has the browser save a file; returns its name and its text."""

        def save(page: Page) -> tuple[str, Path]:
            with page.expect_download() as download:
                page.get_by_role("button", name=button, exact=True).click()
            return download.value.suggested_filename, Path(download.value.path())

        name, path = self.do(save)
        return name, path.read_text(encoding="utf-8")

    def faults(self) -> list[str]:
        """What axe-core finds that is serious or critical (WCAG 2.2 AA)."""
        self.do(lambda page: page.evaluate(_AXE.read_text(encoding="utf-8")))
        found = self.do(lambda page: page.evaluate(_RUN, _RULES))
        return [f"{one['id']}: {one['nodes']}" for one in found if one["impact"] in _GRAVE]

    def overflow(self) -> int:
        """How many pixels the page is wider than the window."""
        script = "document.documentElement.scrollWidth - window.innerWidth"
        found: int = self.do(lambda page: page.evaluate(script))
        return found

    def shift(self) -> float:
        """How much of the page has moved since it was opened, without the user (CLS; 0.1 counts as good)."""
        found: float = self.do(lambda page: page.evaluate(_SHIFT))
        return found

    def kept(self) -> str:
        """What the page keeps where scripts can read it: storage, history and cookies."""
        script = "JSON.stringify([{...localStorage}, {...sessionStorage}, history.state, document.cookie])"
        found: str = self.do(lambda page: page.evaluate(script))
        return found

    def devtools(self) -> CDPSession:
        """A session of the DevTools protocol; use it inside of `do` only."""
        return self.do(lambda page: page.context.new_cdp_session(page))

    def _around(self, page: Page, within: str) -> Any:
        if not within:
            return page
        return (
            page.locator("li, section, [role=dialog], [role=alertdialog]")
            .filter(has_text=within)
            .last
        )
