"""Answers that come to a page later than other things happen."""

from typing import Any

from playwright.sync_api import APIResponse, Page, Route

from tests.support.promises import PATIENCE_SECONDS

_STEP_MS = 20
# Longer than a page needs to show what it has got; on a slow machine a fault may go unseen, but no test fails.
_SHOWN_MS = 300


class LateAnswers:
    """The answers to calls of a path. The API answers at once, the page gets the answer later.

    Use it in the thread of the browser.

    Args:
        page: The page that calls.
        path: What the address ends with.
        method: Of the calls.
    """

    def __init__(self, page: Page, path: str, method: str = "POST") -> None:
        self._page = page
        self._pattern = f"**{path}"
        self._method = method
        self._late = True
        self._waiting: list[tuple[Route, APIResponse]] = []
        page.route(self._pattern, self._hold)

    def wait(self) -> None:
        """Waits until the API has answered a call."""
        for _ in range(int(PATIENCE_SECONDS * 1000 / _STEP_MS)):
            if self._waiting:
                return
            self._page.wait_for_timeout(_STEP_MS)
        raise AssertionError(f"no call of {self._pattern}")

    def send(self) -> None:
        """Lets the page have the answers, and time to show them; later ones come at once."""
        self._late = False
        for route, answer in self._waiting:
            route.fulfill(response=answer)
        self._page.wait_for_timeout(_SHOWN_MS)

    def _hold(self, route: Route, *_: Any) -> None:
        if not self._late or route.request.method != self._method:
            route.fallback()
            return
        self._waiting.append((route, route.fetch()))
