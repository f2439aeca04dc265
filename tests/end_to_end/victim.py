"""A user in browser mode, and a page of somebody else in the same browser."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from playwright.sync_api import Page

from tests.end_to_end.browser import Browser
from tests.end_to_end.pages import PAGE, Pages
from tests.end_to_end.person import PASSWORD, registration
from tools.laptop import Laptop

APP, API = "app.ours.localhost", "api.ours.localhost"
"""The host of our page and that of the gateway: of one site, so that strict cookies are sent."""
SIBLING, STRANGER = "evil.ours.localhost", "evil.example"
"""A host of the same site that is not ours, and one of another site."""
REBOUND = "rebound.example"
"""A name of somebody else that leads to the gateway."""
RESOLVE = "--host-resolver-rules=MAP *.example 127.0.0.1"
COOKIE = "__Host-coditect_refresh"
HOSTILE = "hostile.html"


class Victim:
    """A browser profile in which a user is logged in at our page.

    Args:
        browser: The browser; it must resolve names by `RESOLVE`.
        pages: The server of the pages, ours and others.
        laptop: The system, which knows `APP` at that server.
    """

    def __init__(self, browser: Browser, pages: Pages, laptop: Laptop) -> None:
        self._browser = browser
        self._pages = pages
        self.api = f"http://{API}:{laptop.settings.port}/api/v5"
        self._rebound = f"http://{REBOUND}:{laptop.settings.port}/api/v5"
        self.email = f"{uuid4()}@example.com"
        self._page = browser.page()
        self._go(self._page, APP, PAGE.name)
        self.call("POST", "/auth/register", registration(self.email))
        self._token = self.refresh()

    def close(self) -> None:
        """Closes the profile."""
        self._browser.do(self._page.context.close)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """A call of our page; returns the envelope."""
        return self._fetch(self._page, f"{self.api}{path}", method, body, headers)

    def refresh(self) -> str:
        """The next access token, as our page gets it."""
        answer = self.call("POST", "/auth/refresh", {})
        assert answer["success"], answer
        token: str = answer["data"]["tokens"]["accessToken"]
        return token

    def cookies(self) -> dict[str, str]:
        """The cookies in the profile, of all hosts."""
        kept = self._browser.do(self._page.context.cookies)
        return {f"{one['domain']} {one['name']}": one["value"] for one in kept}

    def state(self) -> dict[str, Any]:
        """What a hostile page could change: account, logins, log, sessions and cookies."""
        paths = ("/auth/me", "/auth/logins", "/auth/me/activity", "/sessions")
        bearer = f"Bearer {self._token}"
        seen = {path: self.call("GET", path, authorization=bearer) for path in paths}
        assert all(answer.pop("success") for answer in seen.values()), seen
        return {**seen, "cookies": self.cookies()}

    def other_page(self, host: str) -> "HostilePage":
        """A page of another host in the same profile."""
        page = self._browser.do(self._page.context.new_page)
        self._go(page, host, HOSTILE)
        return HostilePage(self._browser, page)

    def sandboxed_page(self) -> "HostilePage":
        """A page in a frame of our own page that has no origin."""
        page = self._browser.do(self._page.context.new_page)
        self._go(page, APP, PAGE.name)
        address = f"{self._pages.origin(APP)}/{HOSTILE}"
        self._browser.do(lambda: page.evaluate(_SANDBOX, address))
        return HostilePage(self._browser, page, in_frame=True)

    def rebound_call(self, path: str, body: Any) -> dict[str, Any]:
        """A call of a page whose host name leads to the gateway, so that it needs no preflight."""
        page = self._browser.do(self._page.context.new_page)
        self._browser.do(lambda: page.goto(f"{self._rebound}/health"))
        return self._fetch(page, f"{self._rebound}{path}", "POST", body, {})

    def _go(self, page: Page, host: str, name: str) -> None:
        self._browser.do(lambda: page.goto(f"{self._pages.origin(host)}/{name}"))

    def _fetch(
        self, page: Page, url: str, method: str, body: Any, headers: Mapping[str, str]
    ) -> dict[str, Any]:
        sent = {"x-coditect-tokens": "cookie", **headers}
        answer: dict[str, Any] = self._browser.do(
            lambda: page.evaluate(_FETCH, [url, method, body, sent])
        )
        return answer


class HostilePage:
    """A page that sends calls in every way that a page has."""

    def __init__(self, browser: Browser, page: Page, *, in_frame: bool = False) -> None:
        self._browser = browser
        self._page = page
        self._in_frame = in_frame

    def attempt(self, way: str, url: str, method: str, body: Mapping[str, Any]) -> str | None:
        """Sends a call; returns what the page learns."""

        def send() -> str | None:
            frame = self._page.main_frame.child_frames[0] if self._in_frame else self._page
            learned: str | None = frame.evaluate(
                "given => attempt(...given)", [way, url, method, body]
            )
            return learned

        return self._browser.do(send)

    def run(self, script: str) -> Any:
        """Runs a script in the page."""
        return self._browser.do(lambda: self._page.evaluate(script))


def login_of(email: str) -> dict[str, str]:
    """The body of a login."""
    return {"email": email, "password": PASSWORD}


_FETCH = """async ([url, method, body, headers]) => {
  const sent = body && JSON.stringify(body);
  if (sent) headers["content-type"] = "application/json";
  const answer = await fetch(url, { method, headers, body: sent, credentials: "include" });
  return answer.json();
}"""
_SANDBOX = """url => {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts allow-forms";
  frame.src = url;
  const loaded = new Promise((resolve) => frame.addEventListener("load", () => resolve(null)));
  document.body.append(frame);
  return loaded;
}"""
