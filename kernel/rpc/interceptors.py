"""Wraps every call to a service; the only module that uses gRPC's context.

In this order: the trace is entered (if traces are on), the call is made known to the log, the caller is checked against the method's rule,
the request is parsed and checked, the method runs, for its time at most, and any exception becomes
a status. No other code may abort a call.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias
from uuid import UUID

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_status import rpc_status

from kernel import log
from kernel.errors import (
    CallTimedOut,
    DownloadLimitReached,
    Internal,
    InvalidRequest,
    Kind,
    ServiceError,
    StorageFull,
)
from kernel.fields import Fields
from kernel.identity.access_rules import Rule, RuleMissing
from kernel.identity.callers import Call, Caller, Role, current_call, enter_call
from kernel.rpc import arrival
from kernel.rpc.arrival import Arrival
from kernel.rpc.authorization import Authorizer
from kernel.rpc.deadline import limited
from kernel.rpc.errors import to_status
from kernel.rpc.idempotency import METADATA_KEY, idempotent_request
from kernel.rpc.methods import Method
from kernel.rpc.request_checks import Check, check_request, checks_of
from kernel.rpc.tracing import traced_download, traced_unary
from kernel.seal import Seal
from kernel.telemetry import Telemetry
from kernel.tracebacks import cause_of

_logger = log.get(__name__)

# The callee gives up this much earlier than its caller, so that the caller gets the callee's own
# error instead of a bare time-out.
_MARGIN_SECONDS = 0.02
_DOWNLOADS_PER_USER = 2
# Of all users, in one process: this many stalled ones leave room in a connection's flow control.
_DOWNLOADS = 64
_OK, _CANCELLED = "OK", "CANCELLED"

Behavior = Callable[[Any, Any], Any]
CallCheck: TypeAlias = Callable[[Call], None]
"""Raises the reason for which a call must not run."""
Begin: TypeAlias = Callable[[bytes, Any], tuple[Any, Caller | None]]
Context = grpc.aio.ServicerContext[Any, Any]
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"  # generic to the type checker only


class CallInterceptor:
    """Wraps every method with checks, limits and the error mapper.

    It wraps once, when a servicer is added: gRPC's own interceptors run on every call, and cost as
    much as the method.

    Args:
        methods: Every method served, by its path `/package.Service/Method`.
        authorizer: Decides who may call.
        telemetry: Counts the calls.
        call_seconds: The time limit of a call without a deadline.
        seal: Keys the digests of requests with an idempotency key; None if no method takes one.
        own_checks: What methods check themselves, by their paths; see `check_request`.
        login_tokens_check: Checks calls of methods with `login_tokens` before they run; None if there
            is none.
    """

    def __init__(
        self,
        methods: Mapping[str, Method],
        authorizer: Authorizer,
        telemetry: Telemetry,
        call_seconds: float,
        seal: Seal | None = None,
        own_checks: Mapping[str, Check] | None = None,
        login_tokens_check: CallCheck | None = None,
    ) -> None:
        self._methods = methods
        self._own_checks = own_checks or {}
        self._login_tokens_check = login_tokens_check
        self._seal = seal
        self._authorizer = authorizer
        self._telemetry = telemetry
        self._call_seconds = call_seconds
        self._downloads: Counter[UUID | None] = Counter()

    def wrap(self, service: str, handlers: "Mapping[str, Handler]") -> grpc.GenericRpcHandler:
        """Wraps the methods of a service."""
        paths = {f"/{service}/{name}": handler for name, handler in handlers.items()}
        return _Handlers({path: self._wrap(path, handler) for path, handler in paths.items()})

    def _wrap(self, path: str, handler: Handler) -> Handler:
        if not handler.request_streaming and not handler.response_streaming:
            return grpc.unary_unary_rpc_method_handler(
                traced_unary(
                    path,
                    self._unary(path, handler.unary_unary, handler.request_deserializer),
                ),
                # The wrapper parses, so that a malformed message gets one of our own errors.
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
                traced_download(
                    path,
                    self._download(path, handler.unary_stream, handler.request_deserializer),
                ),
                request_deserializer=None,
                response_serializer=handler.response_serializer,
            )
        raise NotImplementedError(f"{path}: client-streaming methods are not supported")

    def _unary(self, path: str, behavior: Any, parse: Any) -> Behavior:
        begin, telemetry = self._begin(path, parse), self._telemetry
        observers, seconds_left = telemetry.observers(path), self._seconds_left

        async def answer(raw: bytes, context: Context) -> Any:
            started, code = time.perf_counter(), _CANCELLED
            telemetry.in_flight += 1
            try:
                request, _ = begin(raw, context)
                try:
                    response = await limited(
                        lambda: seconds_left(context), behavior(request, context)
                    )
                except ServiceError:
                    # An error can take a cookie away.
                    if cookies := current_call().answer_cookies:
                        await context.send_initial_metadata(cookies)
                    raise
                if metadata := current_call().answer_metadata:
                    await context.send_initial_metadata(metadata)
                code = _OK
                return response  # noqa: TRY300 - what fails before is an outcome, too
            except Exception as exception:  # noqa: BLE001 - becomes a status
                error = _service_error(exception)
                code = error.kind.value
                await context.abort_with_status(rpc_status.to_status(to_status(error)))
            finally:
                telemetry.in_flight -= 1
                observers[code](time.perf_counter() - started)

        return answer

    def _download(self, path: str, behavior: Any, parse: Any) -> Behavior:
        begin, telemetry = self._begin(path, parse), self._telemetry
        observers = telemetry.observers(path, "server_stream")

        async def answer(raw: bytes, context: Context) -> AsyncIterator[Any]:
            async with _CallOutcome(context, observers, telemetry):
                request, caller = begin(raw, context)
                with self._downloading(caller):
                    # Without a time limit; the gateway ends downloads whose client stops reading.
                    async with aclosing(behavior(request, context)) as responses:
                        async for response in responses:
                            yield response
                            self._authorizer.check_again(caller)

        return answer

    @contextmanager
    def _downloading(self, caller: Caller | None) -> Iterator[None]:
        """Counts a download while it runs. Raises `DownloadLimitReached`."""
        user_id = None if caller is None else caller.user_id
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

    def _stream(self, path: str, behavior: Any) -> Behavior:
        rule, telemetry = self._methods[path].rule, self._telemetry
        observers = telemetry.observers(path, "bidi_stream")

        async def answer(requests: AsyncIterator[Any], context: Context) -> AsyncIterator[Any]:
            async with _CallOutcome(context, observers, telemetry):
                self._authorizer.authorize(rule, _arrived(path, context))
                async for response in behavior(requests, context):
                    yield response

        return answer

    def _begin(self, path: str, parse: Any) -> Begin:
        """The step before a method: authorizes the caller, parses the request, sets the call."""
        method, authorizer, seal = self._methods[path], self._authorizer, self._seal
        rule, checks = method.rule, checks_of(method.input)
        own_check = self._own_checks.get(path)
        check_call = self._call_check(method)
        if method.idempotent and seal is None:
            raise RuleMissing(f"{path} takes idempotency keys, but the app has no seal")

        def begin(raw: bytes, context: Context) -> tuple[Any, Caller | None]:
            metadata = _arrived(path, context)
            caller = authorizer.authorize(rule, metadata)
            request = _parsed(parse, raw)
            tenant_id, least_role = None, rule.least_role
            if rule.tenant_field:
                tenant_id, least_role = _tenant(rule, request)
            idempotency = None
            if method.idempotent and METADATA_KEY in metadata:
                assert seal is not None, "checked above"
                key = metadata[METADATA_KEY]
                idempotency = idempotent_request(method, key, caller, request, seal)
            call = Call(
                caller,
                metadata,
                idempotency=idempotency,
                tenant_id=tenant_id,
                least_role=least_role,
                others_least_role=rule.others_least_role,
            )
            if check_call is not None:
                check_call(call)
            check_request(checks, request, own_check)
            enter_call(call)
            return request, caller

        return begin

    def _call_check(self, method: Method) -> CallCheck | None:
        """What the app checks of calls of a method. Raises `RuleMissing` if it must, and does not."""
        if not method.login_tokens:
            return None
        if self._login_tokens_check is None:
            raise RuleMissing(
                f"{method.path} is about tokens of logins, and the app checks no call"
            )
        return self._login_tokens_check

    def _seconds_left(self, context: Context) -> float:
        left: float | None = context.time_remaining()  # the type stub omits None
        if left is None:
            return self._call_seconds
        return min(left - _MARGIN_SECONDS, self._call_seconds)


class _Handlers(grpc.GenericRpcHandler):
    """The methods of a service.

    It keeps the metadata with which gRPC asks for one: to read it twice costs as much as many checks.
    """

    def __init__(self, handlers: "Mapping[str, Handler]") -> None:
        self._handlers = handlers

    def service(self, handler_call_details: Any) -> Any:
        """The handler of a method; None for one of another service."""
        handler = self._handlers.get(handler_call_details.method)
        if handler is not None:
            _given.set(handler_call_details.invocation_metadata)
        return handler


_given: ContextVar[Any] = ContextVar("metadata", default=None)
"""The metadata with which gRPC has asked for the handler of a call, until the call begins."""


class _CallOutcome:
    """Counts a call while it runs and at its end, and maps its exception to a status."""

    __slots__ = ("_context", "_observers", "_started", "_telemetry")

    def __init__(
        self,
        context: Context,
        observers: Mapping[str, Callable[[float], None]],
        telemetry: Telemetry,
    ) -> None:
        self._context = context
        self._observers = observers
        self._telemetry = telemetry
        self._started = time.perf_counter()

    async def __aenter__(self) -> None:
        self._telemetry.in_flight += 1

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
            self._telemetry.in_flight -= 1
            self._observers[code](time.perf_counter() - self._started)


def _arrived(path: str, context: Context) -> Mapping[str, str]:
    """Makes the call known to the log, and returns its metadata."""
    given: Any = _given.get() or context.invocation_metadata() or ()
    _given.set(None)  # a task of this call may answer another one
    metadata: dict[str, str] = dict(given)
    arrival.enter(Arrival(path, metadata))
    return metadata


def _parsed(parse: Any, raw: bytes) -> Any:
    try:
        return parse(raw)
    except DecodeError:
        raise InvalidRequest.of("", "MALFORMED", "Is not a valid message.") from None


def _tenant(rule: Rule, request: Message) -> tuple[UUID, Role]:
    """The tenant that the request names, and the least role that its fields require there."""
    fields = Fields()
    name = request.DESCRIPTOR.fields_by_name[rule.tenant_field].json_name
    tenant_id = fields.uuid(name, getattr(request, rule.tenant_field))
    fields.check()
    given = [role for field, role in rule.field_roles if request.HasField(field)]
    return tenant_id, max(rule.least_role, *given) if given else rule.least_role


def _service_error(exception: Exception) -> ServiceError:
    """The error that the caller may see; the rest of the exception goes to the log."""
    if isinstance(exception, TimeoutError):
        exception = CallTimedOut()
    if not isinstance(exception, ServiceError):
        _logger.error("call failed unexpectedly", exc_info=exception)
        return Internal()
    if exception.reason == StorageFull.reason:  # readiness logs it once; lines need space, too
        return exception
    if exception.kind in {Kind.UNAVAILABLE, Kind.TIMEOUT, Kind.INTERNAL}:
        _logger.warning("call failed", reason=exception.reason, cause=cause_of(exception))
    return exception
