"""HTTP requests to a URL that a stranger has chosen, without reaching what is not public.

The host is resolved once. If one of its addresses is not public, nothing is requested: an honest host
has none. The connection goes to one of the resolved addresses, so no later answer of a name server can
lead it elsewhere, and the certificate must be that of the host. No redirect is followed, and no proxy
is used.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeAlias
from urllib.parse import urlsplit

import httpx

from kernel.outbound.public_addresses import is_public

CONNECTIONS = 8
_PORTS = {"https": 443, "http": 80}

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host and port. Raises `OSError`."""


class NotReached(Exception):
    """There was no answer, or the host may not be connected to."""


def system_resolver(threads: int = CONNECTIONS) -> Resolve:
    """The system's resolver, in threads of its own.

    So a name server that does not answer holds up who shares this resolver, and nothing else.
    """
    pool = ThreadPoolExecutor(threads, "resolve")

    async def addresses(host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        resolve = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await loop.run_in_executor(pool, resolve)
        return [str(address[0]) for *_, address in found]

    return addresses


class GuardedRequests:
    """Makes requests, a few at a time.

    Args:
        resolve: Gives the addresses of a host; the system's if None.
        allowed: Whether an address may be connected to.
        trust: The authorities whose certificates count; the system's if None.
        connections: How many requests run at once.
    """

    def __init__(
        self,
        resolve: Resolve | None = None,
        allowed: Callable[[str], bool] = is_public,
        trust: ssl.SSLContext | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        self._resolve = resolve or system_resolver(connections)
        self._allowed = allowed
        self._trust = trust or ssl.create_default_context()
        self._places = asyncio.Semaphore(connections)

    @asynccontextmanager
    async def answer(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        seconds: float,
        content: bytes | None = None,
    ) -> AsyncIterator[httpx.Response]:
        """The answer to a request, of which the body has not been read.

        Args:
            method: The method.
            url: The URL, with the scheme `https` or `http`.
            headers: The headers, without `Host`.
            seconds: The limit of the whole of it, the reading of the body included.
            content: The body of the request.

        Raises:
            NotReached: There is no answer in time, or an address of the host is not public.
        """
        try:
            async with (
                asyncio.timeout(seconds),
                self._places,
                self._answer(method, url, headers, content) as answer,
            ):
                yield answer
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise NotReached from error

    @asynccontextmanager
    async def _answer(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> AsyncIterator[httpx.Response]:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
        address = await self._address(host, port)
        shown = f"[{address}]" if ":" in address else address
        path = httpx.URL(url).raw_path.decode("ascii")
        async with (
            self._client() as client,
            client.stream(
                method,
                f"{parts.scheme}://{shown}:{port}{path}",
                headers={**headers, "Host": parts.netloc},
                content=content,
                extensions={"sni_hostname": host},
            ) as answer,
        ):
            yield answer

    async def _address(self, host: str, port: int) -> str:
        """The address to connect to. Raises `NotReached` if any address of the host is not public."""
        addresses = await self._resolve(host, port)
        if not addresses or not all(map(self._allowed, addresses)):
            raise NotReached
        return addresses[0]

    def _client(self) -> httpx.AsyncClient:
        # One for each request: no connection is used for another host.
        return httpx.AsyncClient(
            verify=self._trust,
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - `answer` limits the whole of it
        )
