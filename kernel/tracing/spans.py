"""The spans of a process: the one module that uses OpenTelemetry's library."""

import asyncio
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TypeAlias

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
)

from kernel.errors import ServiceError
from kernel.settings import TracingSettings
from kernel.tracing import Attributes
from kernel.version import VERSION

STOP_SECONDS = 3.0
"""How long a process that ends waits for the collector."""
_EXPORT_SECONDS = 5.0
_QUEUE = 2048  # spans; about 5 MB. A span that finds it full takes the place of the oldest one.
_BATCH = 512
_BATCH_SECONDS = 1.0
_HEADER_CHARACTERS = 55
_TRACE_ID, _SPAN_ID, _FLAGS = slice(3, 35), slice(36, 52), slice(53, 55)  # of the header
_NOT_RECORDED = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-00")
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_NOTHING: AbstractContextManager[None] = nullcontext()

Deliver: TypeAlias = Callable[[bytes], Awaitable[None]]
Current: TypeAlias = Span | str
"""A span that is recorded, or the `traceparent` of a trace that is not."""

# Not OpenTelemetry's own, which costs several times as much; most calls are not recorded.
_current: ContextVar[Current | None] = ContextVar("span", default=None)


class Spans:
    """Records spans, and sends them to the collector from a thread of its own.

    A collector that is slow or away costs spans, and no call: what the queue cannot hold is dropped.

    Args:
        service: The name of the service.
        settings: Where the spans go, and how many of the traces.
    """

    def __init__(self, service: str, settings: TracingSettings) -> None:
        self._exporter = OTLPSpanExporter(
            endpoint=settings.otel_exporter_otlp_endpoint, timeout=_EXPORT_SECONDS
        )
        self._processor = BatchSpanProcessor(
            self._exporter,
            max_queue_size=_QUEUE,
            schedule_delay_millis=_BATCH_SECONDS * 1000,
            max_export_batch_size=_BATCH,
        )
        named = {"service.namespace": "coditect", "service.name": service}
        named |= {"service.version": VERSION, "service.instance.id": socket.gethostname()}
        provider = TracerProvider(
            sampler=ParentBasedTraceIdRatio(settings.trace_share),
            resource=Resource.create(named),
            shutdown_on_exit=False,  # it may take longer than a process has
        )
        provider.add_span_processor(self._processor)
        self._tracer = provider.get_tracer("coditect", VERSION)

    def enter_call(self, header: str, name: str, attributes: Attributes) -> Span | None:
        """Makes a call that arrives a part of its caller's trace, or of a new one.

        Args:
            header: The `traceparent` of the call (W3C Trace Context, section 3.2); empty without one.
            name: The name of its span.
            attributes: What its span says.

        Returns:
            The span, which the caller ends; None if the trace is not recorded.
        """
        if _NOT_RECORDED.fullmatch(header):
            # What the gateway does not record: most calls, so no span is made. The header is passed on
            # as it is, and is in log lines, so it must be one.
            _current.set(header)
            return None
        parent = _parsed(header)
        above = None if parent is None else NonRecordingSpan(parent)
        # Never reset: gRPC answers each call in a task of its own.
        return self._begin(name, SpanKind.SERVER, attributes, above)

    def recording(self) -> bool:
        """Whether the current call or work is recorded."""
        return isinstance(_current.get(), Span)

    def header(self) -> str:
        """The `traceparent` of calls that the current call or work makes; empty without a trace."""
        current = _current.get()
        return _header_of(current) if isinstance(current, Span) else current or ""

    def log_fields(self) -> Mapping[str, str]:
        """The trace of the current call or work; empty without one."""
        header = self.header()
        return {"trace_id": header[_TRACE_ID]} if header else {}

    def step(
        self, name: str, attributes: Attributes | None = None, kind: SpanKind = SpanKind.INTERNAL
    ) -> AbstractContextManager[Span | None]:
        """A span within the current one; None if that is not recorded."""
        current = _current.get()
        if not isinstance(current, Span):
            return _NOTHING
        return self._around(name, kind, attributes or {}, current)

    def request(self, name: str, attributes: Attributes) -> AbstractContextManager[Span | None]:
        """A span around a request to another process, as `step`."""
        return self.step(name, attributes, SpanKind.CLIENT)

    def delivering(self, queue: str, deliver: Deliver) -> Deliver:
        """Wraps `deliver`: each delivery from a queue is a trace of its own.

        It has no link to the call that queued the work: the rows of queues know no trace.
        """
        attributes = {
            "messaging.system": "coditect",
            "messaging.destination.name": queue,
            "messaging.operation.name": "deliver",
            "messaging.operation.type": "process",
        }

        async def traced(payload: bytes) -> None:
            with self._around(f"deliver {queue}", SpanKind.CONSUMER, attributes, None):
                await deliver(payload)

        return traced

    @staticmethod
    def fail(span: Span, kind: str) -> None:
        """Marks a span as failed.

        Args:
            span: The span.
            kind: Which error it was: a code, a reason or a type. Never its text, which may quote a caller.
        """
        span.set_attribute("error.type", kind)
        span.set_status(StatusCode.ERROR)

    async def stop(self) -> None:
        """Sends what is left, for at most `STOP_SECONDS`."""
        sending = threading.Thread(target=self._processor.shutdown, daemon=True)
        sending.start()
        end = asyncio.get_running_loop().time() + STOP_SECONDS
        while sending.is_alive() and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110 - a thread
            await asyncio.sleep(0.01)
        if sending.is_alive():
            self._exporter.shutdown()

    def _begin(
        self, name: str, kind: SpanKind, attributes: Attributes, above: Span | None
    ) -> Span | None:
        """Makes a span the current one, below another or as a root; None if it is not recorded."""
        context = Context() if above is None else trace.set_span_in_context(above, Context())
        span = self._tracer.start_span(name, context, kind, attributes)
        recorded = span.is_recording()
        _current.set(span if recorded else _header_of(span))
        return span if recorded else None

    @contextmanager
    def _around(
        self, name: str, kind: SpanKind, attributes: Attributes, above: Span | None
    ) -> Iterator[Span | None]:
        """A span around a block, as `_begin`."""
        before = _current.get()
        span = self._begin(name, kind, attributes, above)
        try:
            yield span
        except BaseException as error:
            if span is not None:
                self.fail(span, _kind_of(error))
            raise
        finally:
            _current.set(before)
            if span is not None:
                span.end()


def _kind_of(error: BaseException) -> str:
    return error.reason if isinstance(error, ServiceError) else type(error).__name__


def _header_of(span: Span) -> str:
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _parsed(header: str) -> SpanContext | None:
    """The context of a `traceparent` of a recorded trace; None if there is none or it is malformed."""
    try:
        trace_id, span_id, flags = (int(header[part], 16) for part in (_TRACE_ID, _SPAN_ID, _FLAGS))
    except ValueError:
        return None
    sampled = _SAMPLED if flags & TraceFlags.SAMPLED else TraceFlags(TraceFlags.DEFAULT)
    context = SpanContext(trace_id, span_id, is_remote=True, trace_flags=sampled)
    return context if context.is_valid and len(header) == _HEADER_CHARACTERS else None
