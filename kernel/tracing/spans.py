"""The spans of a process: the one module that uses OpenTelemetry's library."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TypeAlias

from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
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
_VERSION, _TRACE_ID, _SPAN_ID, _FLAGS = 2, 32, 16, 2  # the lengths of the parts of the header
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_NOT_SAMPLED = TraceFlags(TraceFlags.DEFAULT)

Deliver: TypeAlias = Callable[[bytes], Awaitable[None]]


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
        provider = TracerProvider(
            sampler=ParentBasedTraceIdRatio(settings.trace_share),
            resource=Resource.create({**named, "service.version": VERSION}),
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
        parent = _parsed(header)
        if parent is not None and not parent.trace_flags.sampled:
            # Every call of a trace that is not recorded comes here, so no span is made.
            attach(trace.set_span_in_context(NonRecordingSpan(parent), Context()))
            return None
        context = Context()
        if parent is not None:
            context = trace.set_span_in_context(NonRecordingSpan(parent), context)
        span = self._tracer.start_span(name, context, SpanKind.SERVER, attributes)
        # Never detached: gRPC answers each call in a task of its own.
        attach(trace.set_span_in_context(span, context))
        return span if span.is_recording() else None

    def recording(self) -> bool:
        """Whether the current call or work is recorded."""
        return trace.get_current_span().is_recording()

    def header(self) -> str:
        """The `traceparent` of calls that the current call or work makes; empty without a trace."""
        context = trace.get_current_span().get_span_context()
        if not context.is_valid:
            return ""
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def log_fields(self) -> Mapping[str, str]:
        """The trace of the current call or work; empty without one."""
        context = trace.get_current_span().get_span_context()
        return {"trace_id": f"{context.trace_id:032x}"} if context.is_valid else {}

    @contextmanager
    def step(
        self, name: str, attributes: Attributes | None = None, kind: SpanKind = SpanKind.INTERNAL
    ) -> Iterator[Span | None]:
        """A span within the current one; None if that is not recorded."""
        if not self.recording():
            yield None
            return
        span = self._tracer.start_span(name, kind=kind, attributes=attributes)
        token = attach(trace.set_span_in_context(span))
        try:
            yield span
        except BaseException as error:
            self.fail(span, _kind_of(error))
            raise
        finally:
            detach(token)
            span.end()

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
            span = self._tracer.start_span(
                f"deliver {queue}", Context(), SpanKind.CONSUMER, attributes
            )
            token = attach(trace.set_span_in_context(span, Context()))
            try:
                await deliver(payload)
            except BaseException as error:
                self.fail(span, _kind_of(error))
                raise
            finally:
                detach(token)
                span.end()

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


def _kind_of(error: BaseException) -> str:
    return error.reason if isinstance(error, ServiceError) else type(error).__name__


def _parsed(header: str) -> SpanContext | None:
    """The context of a `traceparent`; None if there is none or it is malformed."""
    parts = header.split("-")
    if [len(part) for part in parts[:4]] != [_VERSION, _TRACE_ID, _SPAN_ID, _FLAGS]:
        return None
    try:
        trace_id, span_id, flags = (int(part, 16) for part in parts[1:4])
    except ValueError:
        return None
    sampled = _SAMPLED if flags & TraceFlags.SAMPLED else _NOT_SAMPLED
    context = SpanContext(trace_id, span_id, is_remote=True, trace_flags=sampled)
    return context if context.is_valid else None
