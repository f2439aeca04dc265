"""A person who reads pages without script, on a small screen, with the keyboard alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

from tests.end_to_end.browser import Browser

SMALL = {"width": 360, "height": 640}
_FOCUS = """() => {
  const one = document.activeElement;
  return [one.tagName, one.name || "", one.value || ""];
}"""
_TABS = 20


class Reader:
    """A tab that follows pages without script.

    Attributes:
        hosts: The hosts that the browser has asked.
        errors: What the browser complained about, such as a policy that was violated.
    """

    def __init__(self, browser: Browser, **context: Any) -> None:
        self._browser = browser
        given = {"java_script_enabled": False, "viewport": SMALL, **context}
        self._page: Page = browser.page(**given)
        self.hosts: set[str] = set()
        self.errors: list[str] = []
        browser.do(self._listen)

    def _listen(self) -> None:
        self._page.on("request", lambda asked: self.hosts.add(urlsplit(asked.url).netloc))
        self._page.on("console", lambda said: self._note(said.text))

    def _note(self, text: str) -> None:
        # The status of a page with an error is meant.
        if not text.startswith("Failed to load resource"):
            self.errors.append(text)

    def close(self) -> None:
        """Closes it, with its profile."""
        self._browser.do(self._page.context.close)

    def open(self, url: str) -> None:
        """Opens a page."""
        self._browser.do(lambda: self._page.goto(url))

    def type(self, text: str) -> None:
        """Types where the focus is."""
        self._browser.do(lambda: self._page.keyboard.type(text))

    def press(self, key: str) -> None:
        """Presses a key."""
        self._browser.do(lambda: self._page.keyboard.press(key))

    def send(self) -> None:
        """Presses Enter, and waits for the next page."""

        def send() -> None:
            with self._page.expect_navigation():
                self._page.keyboard.press("Enter")

        self._browser.do(send)

    def tab_to(self, value: str) -> None:
        """Presses Tab until the focus is on the button with a value."""
        for _ in range(_TABS):
            if self.focus() == ["BUTTON", "step", value]:
                return
            self.press("Tab")
        raise AssertionError(f"no button {value} is reached by Tab")

    def focus(self) -> list[str]:
        """Tag, name and value of what has the focus."""
        found: list[str] = self.look(_FOCUS)
        return found

    def look(self, script: str) -> Any:
        """What the page looks like, as the developer tools see it."""
        return self._browser.do(lambda: self._page.evaluate(script))

    def add_script(self, script: str) -> None:
        """Adds a script to the page, as an attacker would. Raises an error if the page's policy forbids it."""
        self._browser.do(lambda: self._page.add_script_tag(content=script))

    @property
    def title(self) -> str:
        """The title of the page."""
        return self._browser.do(self._page.title)

    @property
    def text(self) -> str:
        """The text of the page."""
        return self._browser.do(lambda: self._page.inner_text("body"))

    @property
    def url(self) -> str:
        """The address of the page."""
        return self._browser.do(lambda: self._page.url)

    def fits(self) -> bool:
        """Whether nothing is wider than the screen."""
        wide: bool = self.look("document.documentElement.scrollWidth <= window.innerWidth")
        return wide

    def is_labelled(self) -> bool:
        """Whether every field that a person fills in has a label, and the page a language and a heading."""
        fields = "[...document.querySelectorAll('input:not([type=hidden])')]"
        found: bool = self.look(
            f"{fields}.every(one => one.labels.length === 1) && document.documentElement.lang !== ''"
            " && document.querySelectorAll('h1').length === 1"
        )
        return found


class Program:
    """A program of a user that waits for the answer to its request.

    Attributes:
        answers: The parameters of the answers that came.
    """

    def __init__(self, port: int) -> None:
        self.redirect_uri = f"http://127.0.0.1:{port}/callback"
        self.answers: list[dict[str, str]] = []


@contextmanager
def program() -> Iterator[Program]:
    """A program that listens on a port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Callback)
    waiting = server.program = Program(server.server_port)  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield waiting
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Callback(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Takes an answer."""
        url = urlsplit(self.path)
        answer = {name: one[0] for name, one in parse_qs(url.query).items()}
        if url.path == "/callback":  # a browser also asks for an icon
            self.server.program.answers.append(answer)  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"done")

    def log_message(self, *_: Any) -> None:
        """Writes no log."""
