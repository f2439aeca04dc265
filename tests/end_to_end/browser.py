"""Chromium with virtual authenticators, and what a page of the product does in it."""

import shutil
from base64 import b64decode
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
from cryptography.hazmat.primitives.serialization import load_der_private_key
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import CDPSession, Frame, Page, Playwright, sync_playwright

from tests.end_to_end.pages import PAGE, Pages
from tests.end_to_end.person import Person
from tests.end_to_end.second_factor import data_of
from tests.support.authenticator import Authenticator
from tests.support.openapi import conforms
from tests.support.promises import PATIENCE_SECONDS
from tools.laptop import Laptop

# The first one has no window, and needs half the processor time.
_NAMES = ("chromium-headless-shell", "chromium", "google-chrome")
_SENT = frozenset({"authorization", "content-type", "idempotency-key"})
"""The headers that a page sets itself."""
_TRY = """async ([name, given]) => {
  try { return { value: await window[name](...given) }; }
  catch (error) { return { error: `${error.name}: ${error.message}` }; }
}"""

_STEP_SECONDS = 0.02

_Value = TypeVar("_Value")


class Refused(Exception):
    """The browser refuses what a page asks for; the message begins with the error's name."""


def program() -> str | None:
    """The program of Chromium: the system's, else Playwright's own; None without any."""
    return next(filter(None, map(shutil.which, _NAMES)), None) or _own_program()


def _own_program() -> str | None:
    with Browser.thread() as thread:
        return thread.submit(_ask_playwright).result()


def _ask_playwright() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
        return path if Path(path).exists() else None


class Browser:
    """A running Chromium.

    Playwright's loop runs in a thread of its own, because in the thread of the tests it would be in the
    way of tests that have a loop themselves.

    Args:
        executable: The program.
        options: Further options of its command line.
    """

    def __init__(self, executable: str, *options: str) -> None:
        self._executable = executable
        self._options = options
        self._thread = self.thread()
        self._playwright: Playwright | None = None
        self._chromium: Chromium | None = None

    @staticmethod
    def thread() -> ThreadPoolExecutor:
        """A thread that Playwright can have for itself."""
        return ThreadPoolExecutor(max_workers=1, thread_name_prefix="browser")

    def __enter__(self) -> Self:
        """Starts it."""
        try:
            self.do(self._start)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Ends it."""
        self.do(self._stop)
        self._thread.shutdown()

    def do(self, what: Callable[[], _Value]) -> _Value:
        """Does something in the thread of the browser."""
        return self._thread.submit(what).result()

    def tab(self, pages: Pages) -> "Tab":
        """A new tab with a profile of its own, at the product's page."""
        chromium = self._chromium
        assert chromium is not None, "it was started"
        return Tab(self, pages, self.do(lambda: chromium.new_context().new_page()))

    def page(self, **context: Any) -> Page:
        """An empty page with a profile of its own, which has these options."""
        chromium = self._chromium
        assert chromium is not None, "it was started"
        return self.do(lambda: chromium.new_context(**context).new_page())

    def _start(self) -> None:
        self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(
            executable_path=self._executable, args=["--no-sandbox", *self._options]
        )

    def _stop(self) -> None:
        if self._chromium is not None:
            self._chromium.close()
        if self._playwright is not None:
            self._playwright.stop()


class Tab:
    """A tab, and the authenticators that its page can reach."""

    def __init__(self, browser: Browser, pages: Pages, page: Page) -> None:
        self.pages = pages
        self._browser = browser
        self._page = page
        self._devtools: CDPSession = browser.do(lambda: page.context.new_cdp_session(page))
        self.devtools("WebAuthn.enable")
        self.go()

    def close(self) -> None:
        """Closes it, with its profile."""
        self._browser.do(self._page.context.close)

    def go(self, host: str = "localhost", page: str = PAGE.name) -> None:
        """Goes to a page, by a name of this machine."""
        self._browser.do(lambda: self._page.goto(f"{self.pages.origin(host)}/{page}"))

    def devtools(self, method: str, **more: Any) -> dict[str, Any]:
        """A command of the DevTools protocol."""
        found: dict[str, Any] = self._browser.do(lambda: self._devtools.send(method, more))
        return found

    def run(self, name: str, *given: Any) -> Any:
        """Calls a function of the page. Raises `Refused`."""
        return self._run(self._page.main_frame, name, *given)

    def frames_of(self, url: str) -> str:
        """The address that a frame of the page has in the end, which is told to show a page."""

        def show() -> str:
            add = "url => { const one = document.createElement('iframe'); one.src = url; document.body.append(one); }"
            self._page.evaluate(add, url)
            frame = self._page.main_frame.child_frames[-1]
            for _ in range(int(PATIENCE_SECONDS / _STEP_SECONDS)):
                if frame.url not in {"", "about:blank"}:
                    break
                self._page.wait_for_timeout(_STEP_SECONDS * 1000)
            return frame.url

        return self._browser.do(show)

    def run_in_frame(self, name: str, *given: Any) -> Any:
        """Calls a function of the page in the frame of the page. Raises `Refused`."""
        (frame,) = self._page.main_frame.child_frames
        return self._run(frame, name, *given)

    def create(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The page has a passkey made. Raises `Refused`."""
        made: dict[str, Any] = self.run("createPasskey", options)
        return made

    def get(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """The page has a passkey sign. Raises `Refused`."""
        signed: dict[str, Any] = self.run("getPasskey", options)
        return signed

    def client(self, laptop: Laptop) -> httpx.Client:
        """A client of a system, whose calls the page makes."""
        return httpx.Client(
            base_url=f"http://localhost:{laptop.settings.port}",
            transport=_Fetch(self),
            event_hooks={"response": [conforms]},
        )

    def _run(self, frame: Frame, name: str, *given: Any) -> Any:
        outcome = self._browser.do(lambda: frame.evaluate(_TRY, [name, given]))
        if "error" in outcome:
            raise Refused(outcome["error"])
        return outcome["value"]


class _Fetch(httpx.BaseTransport):
    """Calls by `fetch` in a page."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Makes a call."""
        headers = {name: value for name, value in request.headers.items() if name in _SENT}
        body = request.read().decode() or None
        sent = {"method": request.method, "headers": headers, "body": body}
        answer = self._tab.run("call", str(request.url), sent)
        return httpx.Response(answer["status"], headers=answer["headers"], text=answer["text"])


class VirtualAuthenticator:
    """An authenticator that Chromium plays, with its user, who confirms everything.

    Args:
        tab: The tab that reaches it.
        transport: How: a browser has at most one that is `internal`.
    """

    def __init__(self, tab: Tab, transport: str = "internal") -> None:
        self._tab = tab
        options = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": transport,
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = tab.devtools("WebAuthn.addVirtualAuthenticator", options=options)
        self._id = made["authenticatorId"]

    def leave(self, *, present: bool = False) -> None:
        """Its user does not touch it any more, or does again."""
        self.devtools("WebAuthn.setAutomaticPresenceSimulation", enabled=present)

    def verify(self, *, verified: bool) -> None:
        """Whether it recognizes its user from now on."""
        self.devtools("WebAuthn.setUserVerified", isUserVerified=verified)

    def only(self) -> dict[str, Any]:
        """The only passkey in it."""
        (found,) = self.devtools("WebAuthn.getCredentials")["credentials"]
        passkey: dict[str, Any] = found
        return passkey

    def restore(self, passkey: Mapping[str, Any]) -> None:
        """Puts an earlier copy of a passkey into the place of what it is now."""
        self.devtools("WebAuthn.removeCredential", credentialId=passkey["credentialId"])
        self.devtools("WebAuthn.addCredential", credential=dict(passkey))

    def in_software(self, **more: Any) -> Authenticator:
        """An authenticator of this repository with the same passkey, which signs whatever it is told."""
        passkey = self.only()
        return Authenticator(
            key=load_der_private_key(b64decode(passkey["privateKey"]), None),
            credential_id=b64decode(passkey["credentialId"]),
            user_handle=b64decode(passkey["userHandle"]),
            counter=passkey["signCount"],
            **{"origin": self._tab.pages.origin(), **more},
        )

    def devtools(self, method: str, **more: Any) -> dict[str, Any]:
        """A command about it."""
        return self._tab.devtools(method, authenticatorId=self._id, **more)


def add_passkey(tab: Tab, person: Person, name: str = "Laptop") -> dict[str, Any]:
    """Registers a passkey; returns its factor. The person has the new tokens."""
    asked = data_of(person.call("POST", "/auth/factors/passkeys/options", {}))
    body = {"credential": tab.create(asked["options"]), "name": name}
    added = data_of(person.call("POST", "/auth/factors/passkeys", body), 201)
    person.tokens = added["tokens"]
    factor: dict[str, Any] = added["factor"]
    return factor


def login_options(http: httpx.Client) -> dict[str, Any]:
    """The options of a login by a passkey alone."""
    options: dict[str, Any] = data_of(http.post("/api/v5/auth/login/passkey/options", json={}))[
        "options"
    ]
    return options


def log_in_with(http: httpx.Client, credential: Mapping[str, Any]) -> httpx.Response:
    """A login by a passkey alone."""
    return http.post("/api/v5/auth/login/passkey", json={"credential": credential})
