"""gRPC services on real servers, whose responses a test sets."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.api import httpbody_pb2
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from coditect.envoy.v1 import external_auth_pb2
from tests.support.contract import GeneratedService, services_of


@dataclass
class Call:
    """A call that a service received."""

    method: str
    request: Any
    metadata: dict[str, str]
    seconds_left: float | None


@dataclass
class Backend:
    """The three contexts, each on its own port."""

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    ports: dict[str, int] = field(default_factory=dict)
    servers: dict[str, grpc.aio.Server] = field(default_factory=dict)
    reports: dict[str, health.aio.HealthServicer] = field(default_factory=dict)
    extra: Sequence[grpc.GenericRpcHandler] = ()

    def __post_init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Runs a coroutine in the services' loop."""
        future: Future[Any] = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        return future.result(timeout=20)

    def start(self, *contexts: str) -> None:
        """Starts services, on the port that they had before if they were stopped."""
        for context in contexts:
            self.run(self._start(context))

    def stop(self, *contexts: str) -> None:
        """Stops services at once."""
        for context in contexts:
            self.run(self.servers.pop(context).stop(None))

    def serve(self, context: str, serving: bool) -> None:
        """Sets the health that a service reports."""
        status = health_pb2.HealthCheckResponse
        self.run(self.reports[context].set("", status.SERVING if serving else status.NOT_SERVING))

    def close(self) -> None:
        """Stops everything."""
        self.stop(*list(self.servers))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(timeout=10)
        self.loop.close()

    def last(self, method: str) -> Call:
        """The last call of a method."""
        return next(call for call in reversed(self.calls) if call.method == method)

    def count(self, method: str) -> int:
        """How often a method was called."""
        return sum(call.method == method for call in self.calls)

    @property
    def client_calls(self) -> list[Call]:
        """The calls that a client caused; Envoy itself fetches the signing keys at any time."""
        return [call for call in self.calls if call.method != "GetJwks"]

    def note(self, method: str, request: Any, context: Any) -> None:
        """Records a call."""
        metadata = {key: str(value) for key, value in context.invocation_metadata()}
        self.calls.append(Call(method, request, metadata, context.time_remaining()))

    async def _start(self, context: str) -> None:
        server = grpc.aio.server()
        for service in (
            *services_of(f"{context}.v5"),
            # Envoy's own protocol, by which the gateway asks auth about tokens.
            *(services_of("envoy.v1") if context == "auth" else ()),
        ):
            add = getattr(service.grpc, f"add_{service.descriptor.name}Servicer_to_server")
            add(_servicer(service, self), server)
        if context == "auth":
            server.add_generic_rpc_handlers(self.extra)
        self.reports[context] = health.aio.HealthServicer()
        await self.reports[context].set("", health_pb2.HealthCheckResponse.SERVING)
        health_pb2_grpc.add_HealthServicer_to_server(self.reports[context], server)
        port = server.add_insecure_port(f"127.0.0.1:{self.ports.get(context, 0)}")
        await server.start()
        self.ports[context] = port
        self.servers[context] = server


def failure(
    code: int, reason: str = "", details: Sequence[Message] = (), message: str = "Words."
) -> status_pb2.Status:
    """Makes a service's error like kernel.rpc.errors."""
    status = status_pb2.Status(code=code, message=message)
    for detail in (
        *([error_details_pb2.ErrorInfo(reason=reason, domain="x")] if reason else []),
        *details,
    ):
        status.details.add().Pack(detail)
    return status


def exchanged(access_token: str, *, may_be_kept: bool = False) -> external_auth_pb2.CheckResponse:
    """Makes the answer of auth about a bearer token, which the gateway may remember or not."""
    credentials = f"Bearer {access_token}"
    header = external_auth_pb2.HeaderValue(key="authorization", value=credentials)
    option = external_auth_pb2.HeaderValueOption(header=header)
    answer = external_auth_pb2.CheckResponse(
        ok_response=external_auth_pb2.OkHttpResponse(headers=[option])
    )
    if may_be_kept:
        answer.dynamic_metadata["authorization"] = credentials
    return answer


def _servicer(service: GeneratedService, backend: Backend) -> Any:
    name = f"{service.descriptor.name}Servicer"
    methods = {
        method.name: _download(method.name, backend)
        if method.server_streaming
        else _method(method.name, GetMessageClass(method.output_type), backend)
        for method in service.descriptor.methods
    }
    return type(name, (getattr(service.grpc, name),), methods)()


def _method(name: str, output: type[Any], backend: Backend) -> Any:
    async def method(_: Any, request: Any, context: Any) -> Any:
        backend.note(name, request, context)
        answer = backend.answers.get(name)
        if callable(answer):
            answer = answer(request)
        if asyncio.iscoroutine(answer):
            answer = await answer
        if isinstance(answer, status_pb2.Status):
            await context.abort_with_status(rpc_status.to_status(answer))
        return _filled(output()) if answer is None else answer

    return method


def _download(name: str, backend: Backend) -> Any:
    """A method whose response is set as a function that yields its pieces; a status ends it."""

    async def method(_: Any, request: Any, context: Any) -> AsyncIterator[Any]:
        backend.note(name, request, context)
        pieces = backend.answers.get(name, _line)
        async for piece in pieces(request):
            if isinstance(piece, status_pb2.Status):
                await context.abort_with_status(rpc_status.to_status(piece))
            yield piece

    return method


async def _line(_: Any) -> AsyncIterator[Any]:
    yield httpbody_pb2.HttpBody(content_type="application/x-ndjson", data=b'{"kind":"user"}\n')


def _filled(message: Any) -> Any:
    """Sets the first message field, which is the one of a `response_body`."""
    for each in message.DESCRIPTOR.fields[:1]:
        if each.message_type and not each.is_repeated:
            getattr(message, each.name).SetInParent()
    return message
