"""The API of the product (`/api/v5`), with the credential of the user."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx

from coditect_cli import credentials, known_servers, web
from coditect_cli.credentials import Credential
from coditect_cli.output import Json

_PAGE = 1000


class Product:
    """Calls methods of the API. They raise Refused, NotLoggedIn or Unavailable."""

    def __init__(self, client: httpx.Client, server: str, credential: Credential) -> None:
        self.server = server
        self.credential = credential
        self._client = client

    def get(self, path: str, **params: str | int) -> Json:
        """Reads one thing."""
        return self._call(self._client.build_request("GET", self._url(path), params=params))

    def every(self, path: str, name: str, **params: str | int) -> Iterator[Json]:
        """Reads all pages of a list. `name` is the field with the items of a page."""
        token = ""
        while True:
            page = self.get(path, pageSize=_PAGE, pageToken=token, **params)
            yield from page.get(name) or ()
            token = page.get("nextPageToken") or ""
            if not token:
                return

    def write(self, method: str, path: str, body: Json | None = None) -> Json:
        """Changes something. The key keeps a repeat after a 401 from changing it twice.

        Methods that cannot be repeated by a key ignore it.
        """
        headers = {"idempotency-key": str(uuid4())}
        url = self._url(path)
        return self._call(self._client.build_request(method, url, json=body, headers=headers))

    def _url(self, path: str) -> str:
        return f"{self.server}/api/v5{path}"

    def _call(self, request: httpx.Request) -> Json:
        token = self.credential.token()
        answer = self._send(request, token)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            renewed = self.credential.after(token)
            answer = self._send(request, renewed) if renewed else answer
        return web.data_of(answer)

    def _send(self, request: httpx.Request, token: str) -> httpx.Response:
        request.headers["authorization"] = f"Bearer {token}"
        return web.send(self._client, request)


def chosen_server(option: str | None) -> str:
    """The server that was named, else the current one, else the one on this machine."""
    return web.server_url(option or known_servers.load().current or web.DEFAULT_SERVER)


@contextmanager
def connect(option: str | None) -> Iterator[Product]:
    """The API of the chosen server, with what the user has there."""
    server = chosen_server(option)
    with web.open_client() as client:
        yield Product(client, server, credentials.of(client, server))
