"""A service that speaks Have I Been Pwned's range protocol, over real HTTP or HTTPS."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.authority import Authority


def sha1(password: str) -> str:
    """The SHA-1 of a password, as the service knows it."""
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


class RangeServer:
    """Answers `GET /range/XXXXX`; what it says, and how, is up to the test.

    Attributes:
        counts: How often each password was found; 0 is padding.
        body: What it says instead, if set.
        status: The status of its answers.
        headers: More headers of its answers.
        delay: The seconds before an answer.
        requests: The head of each request, in lower case.
        connections: How many were opened.
    """

    def __init__(self) -> None:
        self.url = ""
        self.counts: Mapping[str, int] = {}
        self.body: bytes | None = None
        self.status = "200 OK"
        self.headers = ""
        self.delay = 0.0
        self.requests: list[str] = []
        self.connections = 0
        self._answering: set[asyncio.Task[None]] = set()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the requests of one connection."""
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.requests.append(head.lower())
                await asyncio.sleep(self.delay)
                prefix = head.split()[1].rpartition("/")[2]
                body = self._lines(prefix) if self.body is None else self.body
                writer.write(
                    f"HTTP/1.1 {self.status}\r\nContent-Length: {len(body)}\r\n{self.headers}\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._answering.discard(task)
            writer.close()

    async def close(self) -> None:
        """Ends all connections."""
        answering = list(self._answering)
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)

    def _lines(self, prefix: str) -> bytes:
        found = {sha1(password): count for password, count in self.counts.items()}
        lines = [f"{digest[5:]}:{n}" for digest, n in found.items() if digest.startswith(prefix)]
        return "\r\n".join([f"{'0' * 34}A:3", *lines, f"{'F' * 35}:0"]).encode()


@asynccontextmanager
async def range_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[RangeServer]:
    """Runs a service on a free port of this host."""
    server = RangeServer()
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0, ssl=tls)
    scheme = "http" if tls is None else "https"
    server.url = f"{scheme}://localhost:{listening.sockets[0].getsockname()[1]}/range"
    try:
        yield server
    finally:
        listening.close()
        await server.close()


def tls_of(authority: Authority, name: str, folder: Path) -> ssl.SSLContext:
    """The server's side of TLS, with a certificate for a host name."""
    identity = authority.issue(name)
    both = folder / f"{name}.pem"
    both.write_bytes(identity.certificate + identity.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context
