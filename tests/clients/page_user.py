"""A person with a browser without scripts, who answers the pages of the authorization server."""

from html.parser import HTMLParser
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx

from tests.end_to_end.person import PASSWORD
from tests.support.plain_http import PLAIN

_PAGES = 6  # no story has more


class PageUser:
    """Fills in forms as they come, and approves.

    Args:
        email: The address of the account. Its password is that of all persons in tests.
    """

    def __init__(self, email: str) -> None:
        self._typed = {"email": email, "password": PASSWORD}
        # Browsers send Secure cookies to this machine without TLS, too, but httpx does not.
        hooks = {"request": [self._send_cookies], "response": [self._keep_cookies]}
        self._cookies: SimpleCookie = SimpleCookie()
        self._http = httpx.Client(trust_env=False, verify=PLAIN, timeout=60, event_hooks=hooks)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def authorize(self, url: str) -> str:
        """Opens a page, logs in and approves; returns the URL that the browser is sent to."""
        answer = self._answer(self._http.get(url))
        assert answer.is_redirect, answer.text
        return answer.headers["location"]

    def approve_device(self, url: str, user_code: str) -> None:
        """Types the code of a device on a page, logs in and approves."""
        self._typed["user_code"] = user_code
        answer = self._answer(self._http.get(url))
        assert (answer.status_code, "step" in answer.text) == (200, False), answer.text

    def _send_cookies(self, request: httpx.Request) -> None:
        """Sends what is kept, which is all for one server."""
        kept = "; ".join(f"{name}={morsel.coded_value}" for name, morsel in self._cookies.items())
        request.headers["cookie"] = kept

    def _keep_cookies(self, response: httpx.Response) -> None:
        """Keeps the cookies of an answer, and drops those that have ended."""
        for header in response.headers.get_list("set-cookie"):
            self._cookies.load(header)
        for name, morsel in list(self._cookies.items()):
            if morsel["max-age"] == "0":
                del self._cookies[name]

    def _answer(self, page: httpx.Response) -> httpx.Response:
        """Answers one form after another until there is none."""
        for _ in range(_PAGES):
            origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
            target = urljoin(str(page.url), page.headers.get("location", ""))
            if page.is_redirect and target.startswith(f"{origin}/"):
                page = self._http.get(target)
                continue
            form = _Form.of(page.text)
            if page.is_redirect or form is None:
                return page
            fields = form.fields | {
                name: self._typed[name] for name in form.empty if name in self._typed
            }
            action = urljoin(str(page.url), form.action)
            page = self._http.post(action, data=fields, headers={"origin": origin})
        raise AssertionError(page.text)


class _Form(HTMLParser):
    """The first form of a page, with its first button, which is the one that goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.empty: set[str] = set()
        self._found = self._done = self._pressed = False

    @classmethod
    def of(cls, text: str) -> Self | None:
        """The form of a page; None if it has none."""
        form = cls()
        form.feed(text)
        return form if form._found else None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes in a field or a button."""
        found = {name: value or "" for name, value in attrs}
        if self._done:
            return
        if tag == "form":
            self._found, self.action = True, found.get("action", "")
        elif tag == "button" and not self._pressed:
            self._pressed = True
            self.fields[found["name"]] = found["value"]
        elif tag == "input":
            self._take(found)

    def handle_endtag(self, tag: str) -> None:
        """Takes in no more than one form."""
        self._done = self._done or tag == "form"

    def _take(self, field: dict[str, str]) -> None:
        if field.get("type") == "radio" and "checked" not in field:
            return
        if field.get("value"):
            self.fields[field["name"]] = field["value"]
        elif field.get("type") != "hidden":
            self.empty.add(field["name"])
        else:
            self.fields[field["name"]] = ""
