"""A receiver of webhooks over real HTTP, which answers as a test says, and keeps what it got."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

from tests.support.eventually import eventually


class Received(NamedTuple):
    """One delivery.

    Attributes:
        headers: Its headers, by their names in lower case.
        body: Its body.
        status: How it was answered.
    """

    headers: Mapping[str, str]
    body: bytes
    status: int

    @property
    def event(self) -> Mapping[str, Any]:
        """The event."""
        found: Mapping[str, Any] = json.loads(self.body)
        return found


class Receiver:
    """Answers every POST.

    Attributes:
        port: Where it listens; the same after it was down.
        statuses: The statuses of the next answers; the last one stays.
        delay: The seconds before an answer.
        cut: Whether it closes the connection instead of answering.
        endless: Whether the body of its answer never ends.
        refused: Types of events that are answered with status 500.
        got: All deliveries, in order.
        arrived: How many there were, those without an answer included.
    """

    def __init__(self) -> None:
        self.port = 0
        self.statuses = [204]
        self.delay = 0.0
        self.cut = False
        self.endless = False
        self.refused: set[str] = set()
        self.got: list[Received] = []
        self.arrived = 0
        self._server: asyncio.Server | None = None
        self._answering: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The URL of a webhook that sends to it."""
        return f"http://127.0.0.1:{self.port}/hook?a=b"

    @property
    def taken(self) -> list[str]:
        """The types of the events that it has taken, in order."""
        return [one.event["type"] for one in self.got if one.status < 300]

    @property
    def details(self) -> list[str]:
        """The details of the events that it has taken, in order."""
        taken = (one.event for one in self.got if one.status < 300)
        return [event["data"]["detail"] for event in taken if "data" in event]

    @property
    def ids(self) -> list[UUID]:
        """The ids of all deliveries, in order."""
        return [UUID(one.headers["webhook-id"]) for one in self.got]

    async def has(self, *types: str, seconds: float = 30.0) -> None:
        """Waits until it has taken events of these types, and no others."""
        await eventually(lambda: self.taken == list(types), seconds)

    async def start(self) -> None:
        """Listens; on the port of before, if there was one."""
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Is down: connections are refused, and those that are open end."""
        if self._server is None:
            return
        self._server.close()
        answering = list(self._answering)
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)
        self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        try:
            await self._answer_one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._answering.discard(task)
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value for name, _, value in lines}
        body = await reader.readexactly(int(headers["content-length"]))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if json.loads(body)["type"] in self.refused:
            status = 500
        if self.cut:
            status = 599
        received = Received(headers, body, status)
        self.arrived += 1
        if self.delay:
            await asyncio.sleep(self.delay)
        self.got.append(received)
        if self.cut:
            return
        length = "Transfer-Encoding: chunked" if self.endless else "Content-Length: 0"
        writer.write(f"HTTP/1.1 {status} Status\r\n{length}\r\nLocation: /other\r\n\r\n".encode())
        await writer.drain()
        while self.endless:
            writer.write(b"3e8\r\n" + b"x" * 1_000 + b"\r\n")
            await writer.drain()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Runs a receiver on a free port of this host."""
    receiver = Receiver()
    await receiver.start()
    try:
        yield receiver
    finally:
        await receiver.stop()
