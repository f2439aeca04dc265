"""Calls services over gRPC: connection, deadline, tokens, repeats, typed errors.

    sessions = Channel(os.environ["SESSIONS_ADDRESS"], "coditect.sessions.v5.SessionsService")
    stub = sessions.stub(sessions_pb2_grpc.SessionsServiceStub)
    answer = await sessions.call(stub.GetSession, request, access_token=token)

Needs the extra `coditect-client[grpc]`. The generated code of the public protos is the package
`coditect`, which is installed beside this one.
"""

import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import uuid4

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from coditect_client.answers import error_for
from coditect_client.exceptions import ApiError, FieldViolation, Refusal

SECONDS = 5.0
"""The deadline of a call that names none."""

Request = TypeVar("Request")
Response = TypeVar("Response")
Stub = TypeVar("Stub")
_REPEATABLE = {MethodOptions.NO_SIDE_EFFECTS, MethodOptions.IDEMPOTENT}
_UNKNOWN = 500


class Channel:
    """A connection to one service, opened at the first call and kept.

    Args:
        address: `host:port` of the service, or of the sidecar that leads to it.
        services: The full names of the gRPC services that will be called. Their methods that are
            declared idempotent are repeated while the service is unavailable. Their generated
            modules must have been imported.
    """

    def __init__(self, address: str, *services: str) -> None:
        self._channel = grpc.aio.insecure_channel(address, options=options(*services))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def stub(self, make: Callable[[grpc.aio.Channel], Stub]) -> Stub:
        """A generated stub on this connection."""
        return make(self._channel)

    async def call(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Request, Response],
        request: Request,
        *,
        access_token: str | None = None,
        idempotency_key: str | None = None,
        request_id: str | None = None,
        timeout: float = SECONDS,  # noqa: ASYNC109 - gRPC's own deadline
    ) -> Response:
        """Calls a method within `timeout` seconds.

        Args:
            method: The method of a stub of this connection.
            request: What to send.
            access_token: The token of the user on whose behalf the call is made.
            idempotency_key: Names a write, so that a repeat changes nothing.
            request_id: The id under which all services log the call; by default a new one.
            timeout: Seconds until the call is given up.

        Raises:
            ApiError: The service refused the call, or cannot be reached; of the class for its code.
        """
        request_id = request_id or str(uuid4())
        shown = metadata(access_token, idempotency_key, request_id)
        try:
            return await method(request, timeout=timeout, metadata=shown)
        except grpc.aio.AioRpcError as error:
            raise error_of(error, request_id) from None

    async def close(self) -> None:
        """Closes the connection."""
        await self._channel.close()


def options(*services: str) -> list[tuple[str, Any]]:
    """The options of a channel, also of a sync one: repeats, keepalive, quick reconnects."""
    return [
        ("grpc.service_config", _service_config(services)),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.max_reconnect_backoff_ms", 1_000),
        ("grpc.initial_reconnect_backoff_ms", 100),
        # The environment's proxy leads out of the network, never from service to service.
        ("grpc.enable_http_proxy", 0),
    ]


def metadata(
    access_token: str | None = None,
    idempotency_key: str | None = None,
    request_id: str | None = None,
) -> tuple[tuple[str, str], ...]:
    """The metadata of a call, as services read them."""
    given = {
        "authorization": f"Bearer {access_token}" if access_token else None,
        "idempotency-key": idempotency_key,
        "x-request-id": request_id,
    }
    return tuple((name, value) for name, value in given.items() if value is not None)


def error_of(error: grpc.RpcError, request_id: str = "") -> ApiError:
    """The error behind a failed call, sync or async: the service's own, or one for gRPC's code.

    `request_id` is the one that the call was made with.
    """
    status = _status(error)
    code = error.code()
    http = _HTTP.get(code.name, _UNKNOWN)
    if status is None:
        name = _GENERAL.get(code.name, code.name)
        return error_for(Refusal(name, f"The call failed: {code.name}.", http, request_id))
    info, bad, retry = ErrorInfo(), BadRequest(), RetryInfo()
    for detail in status.details:
        for message in (info, bad, retry):
            if detail.Is(message.DESCRIPTOR):
                detail.Unpack(message)
    refusal = Refusal(
        code=info.reason or code.name,
        message=status.message,
        status=http,
        request_id=request_id,
        metadata=dict(info.metadata),
        violations=tuple(
            FieldViolation(one.field, one.reason, one.description) for one in bad.field_violations
        ),
        retry_after=(
            retry.retry_delay.ToMilliseconds() / 1000 if retry.HasField("retry_delay") else None
        ),
    )
    return error_for(refusal)


def _status(error: grpc.RpcError) -> Status | None:
    try:
        return rpc_status.from_call(error)  # type: ignore[arg-type]
    except (ValueError, DecodeError):  # the trailer is damaged or does not fit the call's own code
        return None


def _service_config(services: tuple[str, ...]) -> str:
    """Repeats of the methods that are declared idempotent (gRFC A6)."""
    pool = descriptor_pool.Default()
    names = [
        {"service": service, "method": method.name}
        for service in services
        for method in pool.FindServiceByName(service).methods
        if method.GetOptions().idempotency_level in _REPEATABLE
    ]
    policy = {
        "maxAttempts": 3,
        "initialBackoff": "0.05s",
        "maxBackoff": "1s",
        "backoffMultiplier": 3,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    return json.dumps({"methodConfig": [{"name": names, "retryPolicy": policy}] if names else []})


_HTTP = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""The statuses that the gateway gives for gRPC's codes (google/rpc/code.proto)."""

_GENERAL = {"UNAVAILABLE": "UPSTREAM_UNAVAILABLE", "UNIMPLEMENTED": "NOT_IMPLEMENTED"}
"""The codes of the API for what no service has answered."""
