"""The spans of calls that arrive, and of calls to other services, as a real collector gets them."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest

from coditect.auth.v5 import accounts_pb2, accounts_pb2_grpc, keys_pb2, keys_pb2_grpc
from kernel import tracing
from kernel.errors import ServiceError, StorageUnavailable
from kernel.rpc.client import Client
from kernel.rpc.tracing import client_interceptors, traced_download, traced_unary
from kernel.settings import TracingSettings
from tests.kernel.rpc.stub_service import StubServicer, serving
from tests.support.clock import FixedClock
from tests.support.collector import CLIENT, SERVER, Collector, Received, named, one, open_collector
from tests.support.service import Service
from tests.support.tokens import somebody

JWKS = "coditect.auth.v5.KeysService/GetJwks"
EXPORT = "coditect.auth.v5.AccountsService/ExportMe"
TRACE, SPAN = "ab" * 16, "cd" * 8


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector."""
    with open_collector() as running:
        yield running


@pytest.fixture
async def traced(collector: Collector) -> AsyncIterator[Collector]:
    """The collector, while this process records no trace but those that its callers record."""
    settings = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "OTEL_TRACES_SAMPLER": "parentbased_always_off",
    }
    tracing.start("stub", TracingSettings.read(settings))
    yield collector
    await tracing.stop()


@pytest.fixture
async def service(
    traced: Collector,  # noqa: ARG001 - begins before the service is wired
    servicer: StubServicer,
    clock: FixedClock,
) -> AsyncIterator[Service]:
    """The running service, with spans."""
    async with serving(servicer, clock) as running:
        yield running


async def ask(service: Service, header: str | None) -> None:
    """Calls GetJwks with a `traceparent`."""
    metadata = [("traceparent", header)] if header is not None else []
    async with grpc.aio.insecure_channel(f"127.0.0.1:{service.port}") as channel:
        await channel.unary_unary(f"/{JWKS}")(b"", metadata=metadata)


async def test_a_call_continues_the_trace_of_its_caller(
    service: Service, collector: Collector
) -> None:
    """Its span is below the caller's, says method and code, and ends with the answer."""
    await ask(service, f"00-{TRACE}-{SPAN}-01")
    spans = await asyncio.to_thread(collector.wait_for, named("stub", JWKS))
    span = one(spans, "stub", JWKS, SERVER)
    assert (span.trace_id, span.parent_id, span.failed) == (TRACE, SPAN, False)
    assert span.attributes == {
        "rpc.system.name": "grpc",
        "rpc.method": JWKS,
        "rpc.response.status_code": "OK",
    }


async def test_what_the_gateway_does_not_record_no_service_does(
    service: Service, servicer: StubServicer, collector: Collector
) -> None:
    """A call of such a trace has no span, and neither has a step of it. What it calls learns the same."""
    headers: list[str] = []

    async def step(_: Any) -> None:
        with tracing.span("step"):
            spans = tracing.active()
            assert spans is not None
            assert not spans.recording()
            headers.append(spans.header())

    servicer.action = step
    await ask(service, f"00-{TRACE}-{SPAN}-00")
    assert headers == [f"00-{TRACE}-{SPAN}-00"]
    await tracing.stop()
    assert collector.spans == []


@pytest.mark.parametrize("trace", ["x" * 32, "0" * 32, "~" * 32])
async def test_what_only_ends_like_a_trace_is_not_passed_on(
    service: Service, servicer: StubServicer, trace: str
) -> None:
    """A header with other characters begins a trace of its own, as any malformed one does."""
    headers: list[str] = []

    async def step(_: Any) -> None:
        spans = tracing.active()
        assert spans is not None
        headers.append(spans.header())

    servicer.action = step
    await ask(service, f"00-{trace}-{SPAN}-00")
    (header,) = headers
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", header)
    assert trace not in header
    await tracing.stop()


@pytest.mark.parametrize(
    "header",
    [None, "", "00", f"00-{TRACE}-{SPAN}", f"00-{'0' * 32}-{SPAN}-01", f"00-{'x' * 32}-{SPAN}-01"],
)
async def test_without_a_trace_the_sampler_decides(
    service: Service, collector: Collector, header: str | None
) -> None:
    """A call without a `traceparent`, or with a malformed one, begins a trace by the settings."""
    await ask(service, header)
    await tracing.stop()
    assert collector.spans == []


async def test_an_error_is_its_code(
    service: Service, servicer: StubServicer, collector: Collector
) -> None:
    """The span of a failed call has the code, and no text of the error."""

    async def fail(_: Any) -> None:
        raise StorageUnavailable({"secret": "hunter2"})

    servicer.action = fail
    with pytest.raises(grpc.aio.AioRpcError):
        await ask(service, f"00-{TRACE}-{SPAN}-01")
    spans = await asyncio.to_thread(collector.wait_for, named("stub", JWKS))
    span = one(spans, "stub", JWKS)
    assert (span.failed, span.attributes["rpc.response.status_code"]) == (True, "UNAVAILABLE")
    assert "hunter2" not in span.text


async def test_an_unexpected_error_leaves_no_text(
    service: Service, servicer: StubServicer, collector: Collector
) -> None:
    """An exception that no code foresaw is INTERNAL in the span, as for the caller."""

    async def fail(_: Any) -> None:
        with tracing.span("step"):
            raise RuntimeError("hunter2")

    servicer.action = fail
    with pytest.raises(grpc.aio.AioRpcError):
        await ask(service, f"00-{TRACE}-{SPAN}-01")
    spans = await asyncio.to_thread(collector.wait_for, named("stub", JWKS), named("stub", "step"))
    assert one(spans, "stub", JWKS).attributes["error.type"] == "INTERNAL"
    assert one(spans, "stub", "step").attributes == {"error.type": "RuntimeError"}
    assert "hunter2" not in str(spans)


async def test_a_caller_who_gives_up(
    service: Service, servicer: StubServicer, collector: Collector
) -> None:
    """The span of a call that its caller cancels ends, with that code."""
    arrived = asyncio.Event()

    async def wait(_: Any) -> None:
        arrived.set()
        await asyncio.sleep(60)

    servicer.action = wait
    call = asyncio.create_task(ask(service, f"00-{TRACE}-{SPAN}-01"))
    await arrived.wait()
    call.cancel()
    spans = await asyncio.to_thread(collector.wait_for, named("stub", JWKS))
    assert one(spans, "stub", JWKS).attributes["rpc.response.status_code"] == "CANCELLED"


async def test_a_download_is_one_span(service: Service, collector: Collector) -> None:
    """From its first piece to its last."""
    stub = service.stub(accounts_pb2_grpc.AccountsServiceStub)
    metadata = [
        ("authorization", f"Bearer {service.mint.token(somebody())}"),
        ("traceparent", f"00-{TRACE}-{SPAN}-01"),
    ]
    pieces = [
        piece async for piece in stub.ExportMe(accounts_pb2.ExportMeRequest(), metadata=metadata)
    ]
    assert [piece.data for piece in pieces] == [b"1", b"2"]
    spans = await asyncio.to_thread(collector.wait_for, named("stub", EXPORT))
    assert one(spans, "stub", EXPORT).attributes["rpc.response.status_code"] == "OK"


async def test_a_request_to_a_service_is_in_the_trace(
    service: Service, servicer: StubServicer, collector: Collector
) -> None:
    """The callee's span is below the span of the request, which is below the calling method's."""
    client = Client(f"127.0.0.1:{service.port}", "stub")
    stub = client.stub(keys_pb2_grpc.KeysServiceStub)

    async def forward(_: Any) -> None:
        if servicer.calls == 1:
            await client.call(stub.GetJwks, keys_pb2.GetJwksRequest())

    servicer.action = forward
    await ask(service, f"00-{TRACE}-{SPAN}-01")
    await client.close()
    spans = await asyncio.to_thread(collector.wait_for, named("stub", JWKS, CLIENT), _is_outer)
    request = one(spans, "stub", JWKS, CLIENT)
    outer, inner = (
        next(span for span in spans if span.parent_id == parent)
        for parent in (SPAN, request.span_id)
    )
    assert (request.parent_id, outer.kind, inner.kind) == (outer.span_id, SERVER, SERVER)
    assert request.attributes["rpc.response.status_code"] == "OK"


def _is_outer(span: Received) -> bool:
    return span.parent_id == SPAN


async def test_a_refused_request_has_its_code(
    service: Service, servicer: StubServicer, collector: Collector
) -> None:
    """A caller sees each refusal of a callee as a failure of its request."""
    client = Client(f"127.0.0.1:{service.port}", "stub")
    stub = client.stub(accounts_pb2_grpc.AccountsServiceStub)

    async def forward(_: Any) -> None:
        with pytest.raises(ServiceError):
            await client.call(stub.GetMe, accounts_pb2.GetMeRequest())

    servicer.action = forward
    await ask(service, f"00-{TRACE}-{SPAN}-01")
    await client.close()
    await tracing.stop()
    method = "coditect.auth.v5.AccountsService/GetMe"
    spans = await asyncio.to_thread(collector.wait_for, named("stub", method, CLIENT))
    request, answer = one(spans, "stub", method, CLIENT), one(spans, "stub", method, SERVER)
    assert (request.failed, request.attributes["error.type"]) == (True, "UNAUTHENTICATED")
    assert not answer.failed


def test_off_there_is_no_wrapper() -> None:
    """While tracing is off, a method is answered as it is, and a connection has no interceptor."""

    async def answer(_: bytes, __: Any) -> None:
        """Does nothing."""

    assert traced_unary("/a.B/C", answer) is answer
    assert traced_download("/a.B/C", answer) is answer
    assert client_interceptors() == []
