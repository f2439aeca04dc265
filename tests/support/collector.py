"""A collector of traces: a real OTLP receiver, which keeps the spans that processes send it."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1 import trace_pb2

SERVER, CLIENT, CONSUMER, INTERNAL = (
    trace_pb2.Span.SPAN_KIND_SERVER,
    trace_pb2.Span.SPAN_KIND_CLIENT,
    trace_pb2.Span.SPAN_KIND_CONSUMER,
    trace_pb2.Span.SPAN_KIND_INTERNAL,
)
_SECONDS = 30.0


@dataclass(frozen=True)
class Received:
    """A span as a collector sees it."""

    service: str
    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    failed: bool
    attributes: dict[str, Any]
    text: str
    """All of it, with its resource."""


@dataclass
class Collector:
    """A running collector."""

    port: int
    spans: list[Received] = field(default_factory=list)
    stuck: Event = field(default_factory=Event)
    """While it is set, exports get no answer."""
    exports: int = 0

    @property
    def endpoint(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def wait_for(self, *wanted: Callable[[Received], bool]) -> list[Received]:
        """Waits until a trace has a span of each kind, and returns all spans of that trace."""
        end = time.monotonic() + _SECONDS
        while time.monotonic() < end:
            for trace_id in {span.trace_id for span in list(self.spans)}:
                found = self.trace(trace_id)
                if all(any(map(one, found)) for one in wanted):
                    return found
            time.sleep(0.05)
        seen = "\n".join(f"{span.service}: {span.name}" for span in self.spans)
        raise AssertionError(f"no such trace; received:\n{seen}")

    def trace(self, trace_id: str) -> list[Received]:
        """The spans of a trace that have arrived."""
        return [span for span in list(self.spans) if span.trace_id == trace_id]


def named(service: str, name: str, kind: int | None = None) -> Callable[[Received], bool]:
    """Selects spans by the service that sent them, their name and kind."""
    return lambda span: (span.service, span.name) == (service, name) and kind in {None, span.kind}


def one(spans: Sequence[Received], service: str, name: str, kind: int | None = None) -> Received:
    """The only span of that service, name and kind."""
    found = [span for span in spans if named(service, name, kind)(span)]
    assert len(found) == 1, [(span.service, span.name, span.kind) for span in spans]
    return found[0]


def above(spans: Sequence[Received], span: Received) -> list[str]:
    """The services and names of the spans around a span, from the next one to the root."""
    by_id = {each.span_id: each for each in spans}
    found = []
    while span.parent_id:
        span = by_id[span.parent_id]
        found.append(f"{span.service} {span.name}")
    return found


@contextmanager
def open_collector(port: int = 0) -> Iterator[Collector]:
    """Runs a collector, on a free port unless one is given."""
    with ThreadPoolExecutor(8) as pool:
        server = grpc.server(pool)
        collector = Collector(0)
        add: Any = trace_service_pb2_grpc.add_TraceServiceServicer_to_server
        add(_Service(collector), server)
        collector.port = server.add_insecure_port(f"127.0.0.1:{port}")
        server.start()
        try:
            yield collector
        finally:
            collector.stuck.clear()
            server.stop(None).wait()


class _Service(trace_service_pb2_grpc.TraceServiceServicer):
    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._lock = Lock()

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - of the protocol
        with self._lock:
            self._collector.exports += 1
        while self._collector.stuck.is_set() and context.is_active():
            time.sleep(0.05)
        for group in request.resource_spans:
            resource = _values(group.resource.attributes)
            for scope in group.scope_spans:
                for span in scope.spans:
                    self._collector.spans.append(_received(resource, span))
        return trace_service_pb2.ExportTraceServiceResponse()


def _received(resource: dict[str, Any], span: trace_pb2.Span) -> Received:
    return Received(
        service=str(resource.get("service.name")),
        name=span.name,
        kind=span.kind,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        failed=span.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
        attributes=_values(span.attributes),
        text=f"{resource}\n{span}",
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value") or "string_value")
        for each in attributes
    }
