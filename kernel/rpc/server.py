"""The gRPC server of one context, from start to graceful stop."""

import asyncio
import math
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from kernel import log
from kernel.errors import ServiceError, StorageUnavailable
from kernel.rpc.authorization import Authorizer
from kernel.rpc.interceptors import CallCheck, CallInterceptor
from kernel.rpc.listening import Listening
from kernel.rpc.methods import methods_of
from kernel.rpc.request_checks import Check
from kernel.rpc.revocation_feed import START_SECONDS
from kernel.seal import Seal
from kernel.settings import Endpoint, ServiceSettings, SocketPath
from kernel.storage import Usage
from kernel.telemetry import Telemetry
from kernel.tracebacks import cause_of

_logger = log.get(__name__)

MESSAGE_BYTES = 1 << 20  # of a request; the gateway rejects larger bodies
ALIVE = "live"
"""The name for which grpc.health.v1 reports SERVING while the process runs, ready or not."""
_CHECK_SECONDS = 1.0
_FIRST_CHECK_SECONDS = 0.02
_CANCEL_SECONDS = 0.2
_BACKUP_SECONDS = 60.0

_OPTIONS = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    # gRPC must accept all headers that the gateway accepts, such as a long User-Agent.
    ("grpc.max_metadata_size", 96 << 10),
    ("grpc.absolute_max_metadata_size", 128 << 10),
    # Two processes on one port would each get half of the calls; the second must fail instead.
    ("grpc.so_reuseport", 0),
    # Detects a peer that vanished without closing the connection.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 10_000),
]


@dataclass
class Servicer:
    """One protobuf service and its implementation.

    `full_name` is the name in the contract, `add` the generated `add_XServicer_to_server`. `checks`
    are those of a method itself, by its name: see `check_request`.
    """

    full_name: str
    add: Callable[[Any, Any], None]
    implementation: Any
    checks: Mapping[str, Check] = field(default_factory=dict)


def serve(implementation: Any, checks: Mapping[str, Check] | None = None) -> Servicer:
    """The service that an implementation answers: that of the generated class which it extends.

    Args:
        implementation: A servicer.
        checks: What its methods check themselves, see `Servicer`.
    """
    (base,) = (one for one in type(implementation).__mro__ if one.__module__.endswith("_pb2_grpc"))
    generated = sys.modules[base.__module__]
    # The package of the contract, which is not that of the module for a protocol of Envoy.
    package = sys.modules[base.__module__.removesuffix("_grpc")].DESCRIPTOR.package
    return Servicer(
        full_name=f"{package}.{base.__name__.removesuffix('Servicer')}",
        add=getattr(generated, f"add_{base.__name__}_to_server"),
        implementation=implementation,
        checks=checks or {},
    )


@dataclass
class App:
    """A wired context: its servicers, background tasks and readiness checks."""

    servicers: Sequence[Servicer]
    authorizer: Authorizer
    telemetry: Telemetry
    seal: Seal | None = None
    """Digests requests with an idempotency key; required if a method takes one."""
    login_tokens_check: CallCheck | None = None
    """Checks calls of methods with `login_tokens` before they run; required if there is one."""
    prepare: Sequence[Callable[[], Awaitable[None]]] = ()
    """Run before the first call."""
    tasks: Mapping[str, Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=dict)
    """Run as long as the server; if one ends, the process stops."""
    checks: Sequence[Callable[[], Awaitable[None]]] = ()
    """Raise while the context cannot serve."""
    stoppers: Sequence[Callable[[], None]] = ()
    """When the process stops, end calls that would otherwise run forever."""
    usage: Callable[[], Usage | None] = lambda: None
    """How full the store is."""
    backup_age: Callable[[], Awaitable[float | None]] | None = None
    """How many seconds old the newest backup of the store is."""
    closers: Sequence[Callable[[], Awaitable[None]]] = ()
    """Close the context's resources, after the last call."""


class Server:
    """The gRPC server of one context."""

    def __init__(self, app: App, settings: ServiceSettings) -> None:
        self._app = app
        self._settings = settings
        self._tasks: list[asyncio.Task[None]] = []
        self._interceptor = CallInterceptor(
            methods_of([servicer.full_name for servicer in app.servicers]),
            app.authorizer,
            app.telemetry,
            settings.call_seconds,
            app.seal,
            {
                f"/{servicer.full_name}/{name}": check
                for servicer in app.servicers
                for name, check in servicer.checks.items()
            },
            app.login_tokens_check,
        )
        self._server = grpc.aio.server(options=_OPTIONS)
        self._listening: Listening | None = None
        self._health = health.aio.HealthServicer()
        self.port = 0

    async def start(self) -> None:
        """Listens and accepts calls; reports SERVING once every check passes."""
        for prepare in self._app.prepare:
            await self._prepare(prepare)
        self.port = self._listen(self._settings.listen)
        for servicer in self._app.servicers:
            servicer.add(servicer.implementation, _WrappingServer(self._server, self._interceptor))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = [servicer.full_name for servicer in self._app.servicers]
        reflection.enable_server_reflection(
            [*names, health.SERVICE_NAME, reflection.SERVICE_NAME], self._server
        )
        await self._health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
        await self._health.set(ALIVE, health_pb2.HealthCheckResponse.SERVING)
        await self._server.start()
        own = {
            "watch_backup": self._watch_backup,
            "watch_readiness": self._watch_readiness,
            "watch_server": self._watch_server,
        }
        for name, task in {**self._app.tasks, **own}.items():
            self._tasks.append(asyncio.create_task(task(), name=name))
        listen = self._settings.listen
        shown = listen if isinstance(listen, SocketPath) else listen._replace(port=self.port)
        _logger.info("listening", address=str(shown))

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until asked to stop. Raises the exception of a failed background task."""
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([stopping, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        await self.stop()
        for task in done - {stopping}:
            task.result()
            raise RuntimeError("a background task ended")

    async def stop(self) -> None:
        """Reports NOT_SERVING, drains, lets the running calls end, then closes everything."""
        await self._health.enter_graceful_shutdown()
        await asyncio.sleep(self._settings.drain_seconds)
        for end in self._app.stoppers:
            end()
        await self._server.stop(self._settings.stop_seconds)
        if self._listening is not None:
            self._listening.close()
        await _cancel(self._tasks)
        for close in self._app.closers:
            await close()

    def _listen(self, where: Endpoint) -> int:
        self._listening = Listening(where)
        return self._listening.open(self._server)

    async def _prepare(self, prepare: Callable[[], Awaitable[None]]) -> None:
        """Retries until the store is reachable: a cluster may start after its clients."""
        while True:
            try:
                return await prepare()
            except StorageUnavailable as error:
                _logger.warning("waiting for the store", cause=cause_of(error))
                await asyncio.sleep(_CHECK_SECONDS)

    async def _watch_server(self) -> None:
        """Ends when gRPC's server does, for example because of a path that is not UTF-8."""
        await self._server.wait_for_termination()

    async def _watch_backup(self) -> None:
        """Shows the time of the newest backup. What is not known at the moment does not change it."""
        while True:
            with suppress(ServiceError):
                age = None if self._app.backup_age is None else await self._app.backup_age()
                if age is not None:
                    self._app.telemetry.show_backup(time.time() - age)
            await asyncio.sleep(_BACKUP_SECONDS)

    async def _watch_readiness(self) -> None:
        serving = False
        quiet_until = time.monotonic() + START_SECONDS
        pause = _FIRST_CHECK_SECONDS
        while True:
            problem = await self._problem()
            self._app.telemetry.show(problem)
            self._app.telemetry.show_usage(self._app.usage())
            if problem is None and not serving:
                _logger.info("serving")
            elif problem is not None and (serving or time.monotonic() > quiet_until):
                _logger.warning("not serving", problem=problem)
                quiet_until = math.inf  # once
            serving = problem is None
            # Set each time, not only on a change: cheap, and never out of date.
            await self._health.set(
                "",
                health_pb2.HealthCheckResponse.SERVING
                if serving
                else health_pb2.HealthCheckResponse.NOT_SERVING,
            )
            # Check often at the start, when readiness is near; later less, because checking the
            # store is a write.
            pause = _CHECK_SECONDS if serving else min(2 * pause, _CHECK_SECONDS)
            await asyncio.sleep(pause)

    async def _problem(self) -> str | None:
        for check in self._app.checks:
            try:
                async with asyncio.timeout(self._settings.call_seconds):
                    await check()
            except ServiceError as error:
                return error.reason
            except TimeoutError:
                return "TIMEOUT"
        return None


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancels tasks until they have ended: gRPC turns a cancellation into an error at times."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_CANCEL_SECONDS)


class _WrappingServer:
    """Passed to the generated `add_XServicer_to_server` as the server; wraps the methods."""

    def __init__(self, server: grpc.aio.Server, interceptor: CallInterceptor) -> None:
        self._server = server
        self._interceptor = interceptor

    def add_generic_rpc_handlers(self, _: Any) -> None:
        """Does nothing: the same methods are also registered by name."""

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Adds the wrapped methods of a service."""
        wrapped = self._interceptor.wrap(service, handlers)
        self._server.add_generic_rpc_handlers((wrapped,))


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM sets; SIGINT, too, unless the process was started to ignore it."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    stopping = {signal.SIGTERM}
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        stopping.add(signal.SIGINT)
    for number in stopping:
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    return stop
