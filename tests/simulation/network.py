"""The network between processes: calls travel as bytes, late, twice or never.

`channel.Channel` takes the place of gRPC's, so generated stubs and `kernel.rpc.client` work on it as they
are. `CallServer` takes the place of gRPC's server, so `kernel.rpc.server` adds the wrapped methods to it.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import grpc
from google.protobuf.message import Message

from tests.simulation.loop import OUTSIDE, Place, current_place

Metadata = tuple[tuple[str, Any], ...]


class Reply(NamedTuple):
    """How a call ended.

    Attributes:
        code: The status.
        body: The serialized answer, if it is OK.
        details: The text of the status.
        trailing: The trailing metadata.
    """

    code: grpc.StatusCode
    body: bytes = b""
    details: str = ""
    trailing: Metadata = ()


class Weather(Protocol):
    """What happens to messages."""

    def delay(self) -> float:
        """How long a message takes, in seconds."""
        ...

    def stall(self) -> float:
        """How much longer a message of a stream takes, and those behind it."""
        ...

    def loses(self) -> bool:
        """Whether a message is lost."""
        ...

    def doubles(self) -> bool:
        """Whether a call of one context to another arrives twice."""
        ...

    def parts(self, one: str, other: str) -> bool:
        """Whether nothing gets from one context to another now."""
        ...


class Aborted(Exception):
    """Ends a method whose status is set."""


class CallContext:
    """What a method sees of its call, as `grpc.aio.ServicerContext`.

    Args:
        metadata: The caller's.
        deadline: When the caller gives up, in the time of the loop; None for never.
    """

    def __init__(self, metadata: Metadata, deadline: float | None) -> None:
        self._metadata = metadata
        self._deadline = deadline
        self.status = Reply(grpc.StatusCode.OK)

    def invocation_metadata(self) -> Metadata:
        """The caller's metadata."""
        return self._metadata

    def time_remaining(self) -> float | None:
        """The seconds until the caller gives up."""
        if self._deadline is None:
            return None
        return max(0.0, self._deadline - asyncio.get_running_loop().time())

    async def send_initial_metadata(self, metadata: Any) -> None:
        """Sends cookies and the like, which no simulated client reads."""

    async def abort_with_status(self, status: Any) -> None:
        """Ends the call with an error."""
        self.status = Reply(status.code, b"", status.details, tuple(status.trailing_metadata))
        raise Aborted


class CallServer:
    """The methods of one process, as `grpc.aio.Server`.

    Attributes:
        listening: Whether it accepts calls.
    """

    def __init__(self) -> None:
        self._handlers: list[Any] = []
        self.listening = False

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        """Adds the methods of a service."""
        self._handlers += handlers

    def add_registered_method_handlers(self, service: str, handlers: Any) -> None:
        """Does nothing: the same methods are also added by `add_generic_rpc_handlers`."""

    def add_insecure_port(self, _: str) -> int:
        """The port that a process listens on."""
        return 1

    async def start(self) -> None:
        """Accepts calls."""
        self.listening = True

    async def wait_for_termination(self) -> None:
        """Waits for ever."""
        await asyncio.get_running_loop().create_future()

    def handler(self, path: str) -> Any:
        """The handler of a method."""
        for one in self._handlers:
            if found := one.service(_Details(path, ())):
                return found
        raise KeyError(path)

    async def answer(self, path: str, raw: bytes, context: CallContext) -> Reply:
        """Answers one call, in the process of the server."""
        handler = self.handler(path)
        try:
            response: Message = await handler.unary_unary(raw, context)
        except Aborted:
            return context.status
        return Reply(grpc.StatusCode.OK, handler.response_serializer(response))


class _Details(NamedTuple):
    method: str
    invocation_metadata: Metadata


class Replica(Protocol):
    """A process that answers calls."""

    place: Place
    server: CallServer


class Network:
    """Carries calls to the replicas of contexts.

    Args:
        weather: What happens to messages.
        choose: Picks one of several.

    Attributes:
        replicas: The running processes of each context.
        streams: The open streams.
    """

    def __init__(self, weather: Weather, choose: Callable[[Sequence[Any]], Any]) -> None:
        self.weather = weather
        self.replicas: dict[str, list[Replica]] = {}
        self.streams: list[Any] = []
        self._choose = choose

    def find(self, context: str) -> Replica | None:
        """A process of a context that accepts calls."""
        up = [one for one in self.replicas.get(context, ()) if one.server.listening]
        return self._choose(up) if up else None

    async def call(
        self, callee: str, path: str, raw: bytes, metadata: Metadata, seconds: float | None
    ) -> Reply:
        """Makes one attempt at a call and waits for its end, for some seconds at most."""
        attempt = _Attempt(self, callee, path, raw, metadata, seconds)
        attempt.send()
        return await attempt.end(seconds)

    def is_cut(self, caller: Place, callee: str) -> bool:
        """Whether nothing gets from a process to a context now."""
        return self.weather.parts(caller.name.partition("-")[0], callee)


class _Attempt:
    """One attempt at a call: on its way there, at work, and on its way back."""

    def __init__(
        self,
        network: Network,
        callee: str,
        path: str,
        raw: bytes,
        metadata: Metadata,
        seconds: float | None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._network = network
        self._weather = network.weather
        self._callee = callee
        self._path = path
        self._raw = raw
        self._metadata = metadata
        self._deadline = None if seconds is None else self._loop.time() + seconds
        self._caller = current_place()
        self._reply: asyncio.Future[Reply] = self._loop.create_future()
        self._running: list[asyncio.Task[None]] = []

    def send(self) -> None:
        """Sends the request, which may get lost or, between contexts, arrive twice."""
        if self._network.is_cut(self._caller, self._callee):
            self._later(self._give, BROKEN)
        elif not self._weather.loses():
            self._loop.call_later(self._weather.delay(), self._arrive, context=OUTSIDE.context)
            if self._caller is not OUTSIDE and self._weather.doubles():
                delay = 2 * self._weather.delay()
                self._loop.call_later(delay, self._arrive, context=OUTSIDE.context)

    async def end(self, seconds: float | None) -> Reply:
        """Waits for the reply. If the caller gives up, the callee learns of it a little later."""
        try:
            async with asyncio.timeout(seconds):
                return await self._reply
        except TimeoutError:
            return Reply(grpc.StatusCode.DEADLINE_EXCEEDED, details="deadline")
        finally:
            if not self._reply.done() or self._reply.cancelled():
                for task in self._running:
                    delay = self._weather.delay()
                    self._loop.call_later(delay, task.cancel, context=OUTSIDE.context)

    def _arrive(self) -> None:
        replica = self._network.find(self._callee)
        if replica is None:
            self._back(Reply(grpc.StatusCode.UNAVAILABLE, details="nothing listens"))
            return
        self._running.append(replica.place.start(self._answer(replica)))
        replica.place.on_death.append(lambda: self._back(BROKEN))

    async def _answer(self, replica: Replica) -> None:
        context = CallContext(self._metadata, self._deadline)
        self._back(await replica.server.answer(self._path, self._raw, context))

    def _back(self, reply: Reply) -> None:
        """Sends the reply, which may get lost."""
        if not self._network.is_cut(self._caller, self._callee) and not self._weather.loses():
            self._later(self._give, reply)

    def _give(self, reply: Reply) -> None:
        if not self._reply.done():
            self._reply.set_result(reply)

    def _later(self, act: Callable[[Reply], None], reply: Reply) -> None:
        self._loop.call_later(self._weather.delay(), act, reply, context=self._caller.context)


BROKEN = Reply(grpc.StatusCode.UNAVAILABLE, details="connection broke")
"""The end of a call whose connection broke."""
