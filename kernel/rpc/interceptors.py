"""What happens around every call to a service: the one place that knows gRPC's context.

In this order: the request id is bound to the log, the caller is checked against the method's rule,
the request is parsed, the deadline is set, the method runs, and whatever it raises becomes a
status. Nobody else may abort a call.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import grpc
import structlog
from google.protobuf.message import DecodeError, Message
from grpc_status import rpc_status

from kernel import log
from kernel.errors import (
    AccessTokenInvalid,
    AccessTokenMissing,
    CallTimedOut,
    DownloadLimitReached,
    FieldViolation,
    Internal,
    InvalidRequest,
    Kind,
    ServiceError,
    ServiceNotAllowed,
    ServiceTokenInvalid,
)
from kernel.fields import Fields
from kernel.identity import callers, peers, service_tokens
from kernel.identity.callers import Rule, TenantCall
from kernel.identity.peers import Peers
from kernel.identity.revocations import Revocations
from kernel.identity.service_tokens import ServiceTokens
from kernel.identity.tokens import Verifier
from kernel.rpc.errors import to_status
from kernel.telemetry import Telemetry

_logger = log.get(__name__)

# The callee gives up this much earlier than its caller, so that the caller gets the callee's own
# answer and not a bare time-out.
_MARGIN_SECONDS = 0.02
_BEARER = "bearer "
_REQUEST_ID_LENGTH = 64
_DOWNLOADS_PER_USER = 2
# Of everybody, in one process: so many stalled ones leave room in the window of one connection.
_DOWNLOADS = 64
_OK, _CANCELLED = "OK", "CANCELLED"

Behaviour = Callable[[Any, Any], Any]
Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"  # generic to the type checker only


@dataclass(frozen=True)
class Authorizer:
    """Lets callers in by the rule of the method that they call."""

    verifier: Verifier
    revocations: Revocations
    service_tokens: ServiceTokens
    peers: Peers | None = None
    """Who may call at all, where there is a sidecar that says who does."""

    def authorize(self, rule: Rule, metadata: Mapping[str, str]) -> None:
        """Makes the caller current. Raises the reason for which it may not call."""
        peer = self._peer(rule, metadata)
        if rule.user:
            scheme = metadata.get("authorization", "")
            if scheme[: len(_BEARER)].lower() != _BEARER:
                raise AccessTokenMissing
            try:
                caller = self.verifier.verify(scheme[len(_BEARER) :])
            except AccessTokenInvalid:
                # Keys come over the feed too: just started, one does not know which are good.
                self.revocations.check_fresh()
                raise
            self.revocations.check(caller)
            rule.admit(caller)
        elif not rule.public:
            token = metadata.get(service_tokens.HEADER)
            if token is None:
                raise ServiceTokenInvalid
            service = self.service_tokens.verify(token)
            if service not in rule.services or peer not in {None, service}:
                raise ServiceNotAllowed

    def _peer(self, rule: Rule, metadata: Mapping[str, str]) -> str | None:
        """The workload that calls, where a sidecar says who. Raises if that may not."""
        if self.peers is None:
            return None
        peer = self.peers.name(metadata.get(peers.HEADER, ""))
        if peer not in (rule.services or self.peers.fronts):
            raise ServiceNotAllowed
        return peer

    def check_again(self, rule: Rule) -> None:
        """Looks again in the middle of a long call.

        Raises `AccessTokenRevoked`, `RevocationsStale`.
        """
        if rule.user:
            self.revocations.check(callers.current_caller())


class CallInterceptor:
    """Surrounds every method with checks, limits and the error mapper.

    It does so once, when a servicer is added: gRPC's own interceptors take part in every call, and
    cost as much as the method.

    Args:
        rules: The rule of every method served, by its path `/package.Service/Method`.
        authorizer: Decides who may call.
        telemetry: Counts the calls.
        call_seconds: The most time for a call without a deadline.
    """

    def __init__(
        self,
        rules: Mapping[str, Rule],
        authorizer: Authorizer,
        telemetry: Telemetry,
        call_seconds: float,
    ) -> None:
        self._rules = rules
        self._authorizer = authorizer
        self._telemetry = telemetry
        self._call_seconds = call_seconds
        self._downloads: Counter[UUID | None] = Counter()

    def surround(self, service: str, handlers: "Mapping[str, Handler]") -> grpc.GenericRpcHandler:
        """The methods of a service, by name, with what surrounds them."""
        return grpc.method_handlers_generic_handler(
            service,
            {
                name: self._surround(f"/{service}/{name}", handler)
                for name, handler in handlers.items()
            },
        )

    def _surround(self, path: str, handler: Handler) -> Handler:
        if not handler.request_streaming and not handler.response_streaming:
            return grpc.unary_unary_rpc_method_handler(
                self._unary(path, handler.unary_unary, handler.request_deserializer),
                # Parsed in here, so that a malformed message gets an answer of ours.
                request_deserializer=None,
                response_serializer=handler.response_serializer,
            )
        if handler.request_streaming and handler.response_streaming:
            return grpc.stream_stream_rpc_method_handler(
                self._stream(path, handler.stream_stream),
                request_deserializer=handler.request_deserializer,
                response_serializer=handler.response_serializer,
            )
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                self._download(path, handler.unary_stream, handler.request_deserializer),
                request_deserializer=None,
                response_serializer=handler.response_serializer,
            )
        raise NotImplementedError(f"{path}: methods that only take a stream are not served")

    def _unary(self, path: str, behaviour: Any, parse: Any) -> Behaviour:
        rule, count = self._rules[path], self._telemetry.counter(path)

        async def answer(raw: bytes, context: Context) -> Any:
            async with _Ending(context, count):
                self._authorizer.authorize(rule, _begin(path, context))
                request = _request(rule, parse, raw)
                async with asyncio.timeout(self._seconds_left(context)):
                    return await behaviour(request, context)

        return answer

    def _download(self, path: str, behaviour: Any, parse: Any) -> Behaviour:
        rule, count = self._rules[path], self._telemetry.counter(path)

        async def answer(raw: bytes, context: Context) -> AsyncIterator[Any]:
            async with _Ending(context, count):
                self._authorizer.authorize(rule, _begin(path, context))
                request = _request(rule, parse, raw)
                with self._downloading(rule):
                    # As long as its reader takes; one who takes nothing more is the gateway's
                    # business.
                    async with aclosing(behaviour(request, context)) as responses:
                        async for response in responses:
                            yield response
                            self._authorizer.check_again(rule)

        return answer

    @contextmanager
    def _downloading(self, rule: Rule) -> Iterator[None]:
        """Counts a download of its user. Raises `DownloadLimitReached`."""
        user_id = callers.current_caller().user_id if rule.user else None
        mine = self._downloads[user_id] if user_id is not None else 0
        if mine >= _DOWNLOADS_PER_USER or self._downloads.total() >= _DOWNLOADS:
            raise DownloadLimitReached(retry_after=1)
        self._downloads[user_id] += 1
        try:
            yield
        finally:
            self._downloads[user_id] -= 1
            if not self._downloads[user_id]:
                del self._downloads[user_id]

    def _stream(self, path: str, behaviour: Any) -> Behaviour:
        rule, count = self._rules[path], self._telemetry.counter(path)

        async def answer(requests: AsyncIterator[Any], context: Context) -> AsyncIterator[Any]:
            async with _Ending(context, count):
                self._authorizer.authorize(rule, _begin(path, context))
                async for response in behaviour(requests, context):
                    yield response

        return answer

    def _seconds_left(self, context: Context) -> float:
        left: float | None = context.time_remaining()  # the stub forgets the None
        if left is None:
            return self._call_seconds
        return min(left - _MARGIN_SECONDS, self._call_seconds)


class _Ending:
    """What happens at the end of a call: it is counted, and what it raises becomes a status."""

    __slots__ = ("_context", "_count", "_started")

    def __init__(self, context: Context, count: Callable[[str, float], None]) -> None:
        self._context = context
        self._count = count
        self._started = time.perf_counter()

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(
        self, _: type[BaseException] | None, exception: BaseException | None, __: object
    ) -> None:
        code = _OK
        try:
            if isinstance(exception, Exception):
                error = _service_error(exception)
                code = error.kind.value
                await self._context.abort_with_status(rpc_status.to_status(to_status(error)))
            elif exception is not None:
                code = _CANCELLED
        finally:
            self._count(code, time.perf_counter() - self._started)


def _begin(path: str, context: Context) -> Mapping[str, str]:
    """Names the call in the log, and gives its metadata."""
    metadata: dict[str, str] = dict(context.invocation_metadata() or ())  # type: ignore[arg-type]
    request_id = metadata.get("x-request-id", "")[:_REQUEST_ID_LENGTH] or str(uuid4())
    structlog.contextvars.bind_contextvars(request_id=request_id, method=path)
    return metadata


def _request(rule: Rule, parse: Any, raw: bytes) -> Any:
    try:
        request = parse(raw)
    except DecodeError:
        malformed = FieldViolation("", "MALFORMED", "Is not a valid message.")
        raise InvalidRequest(violations=[malformed]) from None
    if rule.tenant_field:
        _enter_tenant(rule, request)
    return request


def _enter_tenant(rule: Rule, request: Message) -> None:
    """Makes the tenant that the request names part of the call."""
    fields = Fields()
    name = request.DESCRIPTOR.fields_by_name[rule.tenant_field].json_name
    tenant_id = fields.uuid(name, getattr(request, rule.tenant_field))
    fields.check()
    set_fields = [role for field, role in rule.field_roles if request.HasField(field)]
    least_role = max(rule.least_role, *set_fields) if set_fields else rule.least_role
    caller = callers.current_caller()
    callers.enter_tenant(TenantCall(caller, tenant_id, least_role, rule.others_least_role))


def _service_error(exception: Exception) -> ServiceError:
    """What the caller may know of an exception; the rest goes to the log."""
    if isinstance(exception, TimeoutError):
        exception = CallTimedOut()
    if not isinstance(exception, ServiceError):
        _logger.error("call failed unexpectedly", exc_info=exception)
        return Internal()
    if exception.kind in {Kind.UNAVAILABLE, Kind.TIMEOUT, Kind.INTERNAL}:
        cause = str(exception.__cause__ or "")
        _logger.warning("call failed", reason=exception.reason, cause=cause)
    return exception
