"""A browser without a screen, in front of the pages of the authorization server."""

from html.parser import HTMLParser
from typing import Any, Self

import httpx

from tests.support.plain_http import PLAIN
from tools.laptop import Laptop

QUERY = {
    "client_id": "coditect-cli",
    "response_type": "code",
    "redirect_uri": "http://127.0.0.1:8765/callback",
    "scope": "openid sessions:read",
    "state": "af0ifjsldkj",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
LOGIN = "__Host-coditect_browser"


class Fields(HTMLParser):
    """The fields of the first form of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._forms = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Notes a field."""
        given = dict(attrs)
        self._forms += tag == "form"
        chosen = given.get("type") != "radio" or "checked" in given
        if tag == "input" and self._forms == 1 and chosen:
            self.found[given["name"]] = given.get("value") or ""


class Web:
    """A browser without a screen, which keeps cookies."""

    def __init__(self, laptop: Laptop) -> None:
        self.origin = f"http://localhost:{laptop.settings.port}"
        self.http = httpx.Client(base_url=self.origin, trust_env=False, verify=PLAIN, timeout=60)
        self.cookies: dict[str, str] = {}
        self.page = ""

    def __enter__(self) -> Self:
        """Is open already."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes its connections."""
        self.http.close()

    def get(self, path: str, **query: str) -> httpx.Response:
        """Opens a page."""
        return self._kept(self.http.get(path, params=query, headers=self._headers()))

    def post(self, path: str, data: Any, origin: str | None = None) -> httpx.Response:
        """Sends a form."""
        headers = self._headers() | {"origin": self.origin if origin is None else origin}
        return self._kept(self.http.post(path, data=data, headers=headers))

    def press(self, path: str, step: str, **typed: str) -> httpx.Response:
        """Fills in the form of the page, and sends it."""
        return self.post(path, {**Fields(self.page).found, **typed, "step": step})

    def _headers(self) -> dict[str, str]:
        # Sent by hand: a cookie jar keeps none that is `Secure` for http, as browsers do for localhost.
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"cookie": cookies, "user-agent": "web"} if cookies else {"user-agent": "web"}

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        for line in answer.headers.get_list("set-cookie"):
            cookie, *attributes = line.split("; ")
            name, _, value = cookie.partition("=")
            self.cookies[name] = value
            if "Max-Age=0" in attributes:
                del self.cookies[name]
        self.page = answer.text
        return answer


def is_page(answer: httpx.Response, status: int) -> bool:
    """Whether an answer is a page with a status, which nothing frames or keeps."""
    headers = answer.headers
    return (
        answer.status_code == status
        and headers["content-type"] == "text/html; charset=utf-8"
        and "frame-ancestors 'none'" in headers["content-security-policy"]
        and headers["cache-control"] == "no-store"
        and headers["x-content-type-options"] == "nosniff"
        and headers["x-request-id"] in answer.text + headers["x-request-id"]
    )
