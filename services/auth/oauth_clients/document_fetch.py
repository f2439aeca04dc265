"""Fetches a document from a URL that a stranger has chosen, without reaching what is not public.

The host is resolved once. If one of its addresses is not public, nothing is fetched: an honest host has
none. The connection goes to one of the resolved addresses, so no later answer of a name server can
lead it elsewhere, and the certificate must be that of the host. No redirect is followed.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

import httpx

from kernel.version import VERSION
from services.auth.oauth_clients.public_addresses import is_public

MOST_BYTES = 5_120
SECONDS = 3.0
_CONNECTIONS = 8
# Threads of its own: a name server that does not answer holds up other documents, and nothing else.
_RESOLVING = ThreadPoolExecutor(_CONNECTIONS, "resolve")
_HTTPS = 443
_TYPES = frozenset({"application/json", "application/cimd+json"})
_HEADERS = {
    "Accept": "application/json",
    # Without a coding, the bytes on the wire are the bytes that are counted.
    "Accept-Encoding": "identity",
    "User-Agent": f"coditect-auth/{VERSION}",
}

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host and port."""


class NotFetched(Exception):
    """There is no document that may be fetched and read."""


class Fetched(NamedTuple):
    """A document.

    Attributes:
        body: It.
        max_age: How long it may be kept, in seconds; None if its server does not say.
    """

    body: bytes
    max_age: int | None


async def system_addresses(host: str, port: int) -> Sequence[str]:
    """The addresses of a host by the system's resolver. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    resolve = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await loop.run_in_executor(_RESOLVING, resolve)
    return [str(address[0]) for *_, address in found]


class DocumentFetch:
    """Fetches documents, a few at a time.

    Args:
        resolve: Gives the addresses of a host.
        allowed: Whether an address may be connected to.
        trust: The authorities whose certificates count; the system's if None.
    """

    def __init__(
        self,
        resolve: Resolve = system_addresses,
        allowed: Callable[[str], bool] = is_public,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._trust = trust or ssl.create_default_context()
        self._places = asyncio.Semaphore(_CONNECTIONS)

    async def fetch(self, url: str) -> Fetched:
        """The document at an https URL. Raises `NotFetched`."""
        try:
            async with asyncio.timeout(SECONDS), self._places:
                return await self._fetch(url)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise NotFetched from error

    async def _fetch(self, url: str) -> Fetched:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _HTTPS
        address = await self._address(host, port)
        shown = f"[{address}]" if ":" in address else address
        path = httpx.URL(url).raw_path.decode("ascii")
        async with (
            self._client() as client,
            client.stream(
                "GET",
                f"https://{shown}:{port}{path}",
                headers={**_HEADERS, "Host": parts.netloc},
                extensions={"sni_hostname": host},
            ) as answer,
        ):
            if answer.status_code != httpx.codes.OK or _type(answer) not in _TYPES:
                raise NotFetched
            return Fetched(await _read(answer), _max_age(answer))

    async def _address(self, host: str, port: int) -> str:
        """The address to connect to. Raises `NotFetched` if any address of the host is not public."""
        addresses = await self._resolve(host, port)
        if not addresses or not all(map(self._allowed, addresses)):
            raise NotFetched
        return addresses[0]

    def _client(self) -> httpx.AsyncClient:
        # One for each document: no connection is used for another host.
        return httpx.AsyncClient(
            verify=self._trust,
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - `fetch` limits the whole of it
        )


async def _read(answer: httpx.Response) -> bytes:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise NotFetched
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > MOST_BYTES:
            raise NotFetched
    return bytes(body)


def _type(answer: httpx.Response) -> str:
    kind: str = answer.headers.get("content-type", "").partition(";")[0]
    return kind.strip(" ").lower()


def _max_age(answer: httpx.Response) -> int | None:
    """How long the answer says that it may be kept (RFC 9111, section 5.2.2)."""
    found: int | None = None
    for directive in answer.headers.get("cache-control", "").lower().split(","):
        name, _, value = directive.strip(" ").partition("=")
        if name in {"no-store", "no-cache"}:
            return 0
        if name == "max-age" and value.isascii() and value.isdigit():
            found = int(value[:9])
    return found
