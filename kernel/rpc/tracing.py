"""The spans of calls: of those that arrive, and of those to other services.

The library's own instrumentation for gRPC does not fit: it runs as an interceptor of gRPC, which costs as
much as a method, records addresses and texts of errors, and does not see the status of our errors.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Any, TypeAlias

import grpc

from kernel import tracing
from kernel.tracing import Spans

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
_HEADER = "traceparent"
_REQUEST_ID = "x-request-id"
# For which the callee is to blame, and not its caller (semantic conventions for gRPC).
_FAILURES = {
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.INTERNAL,
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DATA_LOSS,
}


def traced_unary(
    path: str, answer: Callable[[bytes, Context], Any]
) -> Callable[[bytes, Context], Any]:
    """Wraps the answer to a unary method in a span; returns it as it is while tracing is off.

    Args:
        path: The method, `/package.Service/Method`.
        answer: Answers a call.
    """
    if (spans := tracing.active()) is None:
        return answer
    calls = _Calls(path, spans)

    async def traced(raw: bytes, context: Context) -> Any:
        span = calls.begin(context)
        if span is None:
            return await answer(raw, context)
        whole = False
        try:
            response = await answer(raw, context)
            whole = True
        finally:
            calls.end(span, context, whole=whole)
        return response

    return traced


def traced_download(
    path: str, answer: Callable[[bytes, Context], Any]
) -> Callable[[bytes, Context], Any]:
    """As `traced_unary`, for a method with a stream of responses."""
    if (spans := tracing.active()) is None:
        return answer
    calls = _Calls(path, spans)

    async def traced(raw: bytes, context: Context) -> AsyncIterator[Any]:
        span, whole = calls.begin(context), False
        try:
            async with aclosing(answer(raw, context)) as responses:
                async for response in responses:
                    yield response
            whole = True
        finally:
            if span is not None:
                calls.end(span, context, whole=whole)

    return traced


class _Calls:
    """Begins and ends the spans of a method's calls."""

    def __init__(self, path: str, spans: Spans) -> None:
        self._spans = spans
        self._name = path.removeprefix("/")
        self._attributes = {"rpc.system.name": "grpc", "rpc.method": self._name}

    def begin(self, context: Context) -> Any:
        """The span of a call; None if its trace is not recorded."""
        header = request_id = ""
        for name, value in context.invocation_metadata() or ():
            if name == _HEADER:
                header = str(value)
            elif name == _REQUEST_ID:
                request_id = str(value)
        span = self._spans.enter_call(header, self._name, self._attributes)
        if span is not None and request_id:
            # By it the gateway's log, and the answer to the client, name the call.
            span.set_attribute("coditect.request_id", request_id[:64])
        return span

    def end(self, span: Any, context: Context, *, whole: bool) -> None:
        """Ends the span of a call, whose method has returned (`whole`) or raised."""
        # The interceptor sets the code of every error; without one, the caller has given up.
        code: grpc.StatusCode | None = grpc.StatusCode.OK if whole else context.code()
        code = code or grpc.StatusCode.CANCELLED
        span.set_attribute("rpc.response.status_code", code.name)
        if code in _FAILURES:
            self._spans.fail(span, code.name)
        span.end()


def client_interceptors() -> Sequence[grpc.aio.ClientInterceptor]:
    """What traces the calls of a connection: nothing while tracing is off."""
    spans = tracing.active()
    return [] if spans is None else [_TracedRequests(spans)]


class _TracedRequests(grpc.aio.UnaryUnaryClientInterceptor):
    """Tells the callee of a unary call the trace, and records a span if the trace is recorded."""

    def __init__(self, spans: Spans) -> None:
        self._spans = spans

    async def intercept_unary_unary(
        self,
        continuation: Callable[..., Any],
        client_call_details: Any,
        request: Any,
    ) -> Any:
        name = client_call_details.method.decode().removeprefix("/")
        attributes = {"rpc.system.name": "grpc", "rpc.method": name}
        with self._spans.request(name, attributes) as span:
            if header := self._spans.header():
                metadata = grpc.aio.Metadata(*(client_call_details.metadata or ()))
                metadata.add(_HEADER, header)
                client_call_details = client_call_details._replace(metadata=metadata)
            call = await continuation(client_call_details, request)
            if span is not None:
                code = await call.code()
                span.set_attribute("rpc.response.status_code", code.name)
                if code is not grpc.StatusCode.OK:
                    self._spans.fail(span, code.name)
            return call
