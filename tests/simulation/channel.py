"""Connections from one process to a context, in the place of gRPC's: generated stubs work on them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

import grpc

from tests.simulation.loop import OUTSIDE, current_place
from tests.simulation.network import BROKEN, Aborted, CallContext, Metadata, Network, Replica, Reply

_ATTEMPTS = 3


class Channel:
    """A connection of one process to a context, as `grpc.aio.Channel`.

    Args:
        network: Carries the calls.
        callee: The context.
        options: Of gRPC; the retries in the service's configuration count.
    """

    def __init__(self, network: Network, callee: str, options: Sequence[tuple[str, Any]]) -> None:
        self._network = network
        self._callee = callee
        config = json.loads(dict(options).get("grpc.service_config", "{}"))
        self._repeatable = {
            f"/{name['service']}/{name['method']}"
            for one in config.get("methodConfig", ())
            for name in one["name"]
        }

    def unary_unary(
        self,
        path: str,
        request_serializer: Any,
        response_deserializer: Any,
        **_: Any,
    ) -> Callable[..., Coroutine[Any, Any, Any]]:
        """A method with one request and one response."""
        attempts = _ATTEMPTS if path in self._repeatable else 1

        async def call(
            request: Any,
            timeout: float | None = None,  # noqa: ASYNC109 - gRPC's own deadline
            metadata: Any = (),
        ) -> Any:
            raw = request_serializer(request)
            for attempt in range(1, attempts + 1):
                reply = await self._network.call(self._callee, path, raw, tuple(metadata), timeout)
                if reply.code is not grpc.StatusCode.UNAVAILABLE or attempt == attempts:
                    break
                await asyncio.sleep(0.05 * attempt)
            if reply.code is grpc.StatusCode.OK:
                return response_deserializer(reply.body)
            raise error_of(reply)

        return call

    def unary_stream(self, *_: Any, **__: Any) -> Any:
        """A download, which no simulated process makes."""
        return None

    def stream_stream(
        self, path: str, request_serializer: Any, response_deserializer: Any, **_: Any
    ) -> Any:
        """A method with streams in both directions."""

        def call(requests: AsyncIterator[Any], metadata: Any = ()) -> Stream:
            return Stream(
                self._network, self._callee, path, requests, tuple(metadata),
                request_serializer, response_deserializer,
            )  # fmt: skip

        return call

    async def close(self) -> None:
        """Nothing: there is no connection."""


def error_of(reply: Reply) -> grpc.aio.AioRpcError:
    """The error of a call that failed."""
    return grpc.aio.AioRpcError(
        reply.code,
        grpc.aio.Metadata(),
        grpc.aio.Metadata(*reply.trailing),
        details=reply.details,
    )


class Stream:
    """Both directions of one call: messages arrive late and in order, until it breaks.

    Attributes:
        broken: Whether it is over.
    """

    def __init__(
        self,
        network: Network,
        callee: str,
        path: str,
        requests: AsyncIterator[Any],
        metadata: Metadata,
        serialize: Any,
        parse: Any,
    ) -> None:
        self._network = network
        self._callee = callee
        self._path = path
        self._requests = requests
        self._metadata = metadata
        self._serialize = serialize
        self._parse = parse
        self._caller = current_place()
        self._there: asyncio.Queue[Any] = asyncio.Queue()
        self._here: asyncio.Queue[Any] = asyncio.Queue()
        self._last_there = self._last_here = 0.0
        self._tasks: list[asyncio.Task[None]] = []
        self.broken = False

    async def __aiter__(self) -> AsyncIterator[Any]:
        """The responses. Raises gRPC's error once the stream breaks."""
        replica = self._network.find(self._callee)
        if replica is None or self._is_cut():
            await asyncio.sleep(self._network.weather.delay())
            raise error_of(BROKEN)
        self._network.streams.append(self)
        self._tasks.append(self._caller.start(self._send()))
        self._tasks.append(replica.place.start(self._serve(replica)))
        replica.place.on_death.append(self.break_off)
        while (given := await self._here.get()) is not None:
            yield self._parse(given)
        raise error_of(BROKEN)

    @property
    def late_until(self) -> float:
        """When the last message that is under way arrives."""
        return max(self._last_there, self._last_here)

    def cancel(self) -> None:
        """Ends the stream from the caller's side."""
        self.break_off()

    def break_off(self) -> None:
        """Ends the stream: each side learns of it after a delay."""
        if self.broken:
            return
        self.broken = True
        if self in self._network.streams:
            self._network.streams.remove(self)
        loop, weather = asyncio.get_running_loop(), self._network.weather
        for task in self._tasks:
            loop.call_later(weather.delay(), task.cancel, context=OUTSIDE.context)
        loop.call_later(weather.delay(), self._here.put_nowait, None, context=OUTSIDE.context)

    async def _send(self) -> None:
        async for request in self._requests:
            self._last_there = self._deliver(
                self._there, self._serialize(request), self._last_there
            )

    async def _serve(self, replica: Replica) -> None:
        handler = replica.server.handler(self._path)
        context = CallContext(self._metadata, None)

        async def requests() -> AsyncIterator[Any]:
            while True:
                yield handler.request_deserializer(await self._there.get())

        try:
            async for response in handler.stream_stream(requests(), context):
                raw = handler.response_serializer(response)
                self._last_here = self._deliver(self._here, raw, self._last_here)
        except Aborted:
            pass
        self.break_off()

    def _deliver(self, queue: "asyncio.Queue[Any]", raw: bytes, last: float) -> float:
        if self.broken:
            return last
        if self._is_cut():
            self.break_off()
            return last
        loop = asyncio.get_running_loop()
        when = max(
            last, loop.time() + self._network.weather.delay() + self._network.weather.stall()
        )
        loop.call_at(when, self._arrive, queue, raw, context=OUTSIDE.context)
        return when

    def _arrive(self, queue: "asyncio.Queue[Any]", raw: bytes) -> None:
        if not self.broken:
            queue.put_nowait(raw)

    def _is_cut(self) -> bool:
        return self._network.is_cut(self._caller, self._callee)
