"""A client over HTTP/1.1 for what h2load cannot do; it takes about 0.1 ms of processor time a call."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Self
from urllib.parse import urlsplit


class Connection:
    """An open connection, on which one call is made at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connects to the host of a URL."""
        to = urlsplit(url)
        return cls(*await asyncio.open_connection(to.hostname, to.port))

    async def call(self, request: bytes) -> bytes:
        """Sends a request, and returns the content of its response.

        Raises:
            RuntimeError: The response has no status 200.
        """
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        body = await self._reader.readexactly(_length(head))
        if int(head[0].split()[1]) != HTTPStatus.OK:
            raise RuntimeError(f"a call failed: {body.decode()}")
        return body

    def close(self) -> None:
        """Closes it."""
        self._writer.close()


def request(method: str, url: str, headers: Sequence[str] = (), body: bytes = b"") -> bytes:
    """The bytes of a request with headers such as `accept: text/plain`."""
    to = urlsplit(url)
    head = (
        f"{method} {to.path} HTTP/1.1",
        f"host: {to.netloc}",
        f"content-length: {len(body)}",
        *headers,
    )
    return "\r\n".join((*head, "", "")).encode() + body


def _length(head: Sequence[bytes]) -> int:
    name = b"content-length:"
    (length,) = (int(line[len(name) :]) for line in head if line.startswith(name))
    return length
