"""The typed client for calls to a service: channel, deadline, tokens, retries, errors.

    tenants = Client("tenants:50051", "tenants", tokens=service_tokens)
    stub = tenants.stub(TenantsServiceStub)
    answer = await tenants.call(stub.GetTenant, request, access_token=token, timeout=1.0)

A failed call raises `kernel.rpc.errors.RemoteError` with the callee's own reason.
"""

import json
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import MethodOptions

from kernel.identity import service_tokens
from kernel.identity.service_tokens import ServiceTokens
from kernel.rpc import arrival
from kernel.rpc.errors import from_call
from kernel.rpc.tracing import client_interceptors

TIMEOUT_SECONDS = 5.0

Request = TypeVar("Request")
Response = TypeVar("Response")
Stub = TypeVar("Stub")

_REPEATABLE = {MethodOptions.NO_SIDE_EFFECTS, MethodOptions.IDEMPOTENT}


class Client:
    """A connection to one service, opened at the first call and kept.

    Args:
        address: `host:port` or `unix:/path` of the service, or of the sidecar that leads to it.
        callee: The name of the service, as service tokens state it.
        services: The full names of the protobuf services that will be called. Their idempotent
            methods are retried when the callee is unavailable.
        tokens: Identifies the caller to methods for services; None for an external caller.
    """

    def __init__(
        self,
        address: str,
        callee: str,
        services: tuple[str, ...] = (),
        tokens: ServiceTokens | None = None,
    ) -> None:
        self._callee = callee
        self._tokens = tokens
        self._channel = grpc.aio.insecure_channel(
            address,
            interceptors=client_interceptors(),
            options=[
                ("grpc.service_config", _service_config(services)),
                ("grpc.keepalive_time_ms", 30_000),
                ("grpc.max_reconnect_backoff_ms", 1_000),
                ("grpc.initial_reconnect_backoff_ms", 100),
                # By default, clients of one process to one address share a connection. A service
                # has one anyway; tests open many short-lived ones.
                ("grpc.use_local_subchannel_pool", 1),
                # The environment's proxy leads out of the network, never from service to service.
                ("grpc.enable_http_proxy", 0),
            ],
        )

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
        timeout: float = TIMEOUT_SECONDS,  # noqa: ASYNC109 - gRPC's own deadline
    ) -> Response:
        """Calls a unary method within `timeout` seconds. Raises `RemoteError`."""
        metadata = self._metadata(access_token)
        if idempotency_key is not None:
            metadata.append(("idempotency-key", idempotency_key))
        try:
            return await method(request, timeout=timeout, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            raise from_call(error) from None

    async def stream(
        self,
        method: grpc.aio.StreamStreamMultiCallable[Request, Response],
        requests: AsyncIterator[Request],
    ) -> AsyncIterator[Response]:
        """Calls a bidirectional method without a deadline. Raises `RemoteError`."""
        call = method(requests, metadata=self._metadata(None))
        try:
            async for response in call:
                yield response
        except grpc.aio.AioRpcError as error:
            raise from_call(error) from None
        finally:
            call.cancel()

    async def close(self) -> None:
        """Closes the connection."""
        await self._channel.close()

    def _metadata(self, access_token: str | None) -> list[tuple[str, str]]:
        metadata: list[tuple[str, str]] = []
        if self._tokens is not None:
            metadata.append((service_tokens.HEADER, self._tokens.issue(self._callee)))
        if access_token is not None:
            metadata.append(("authorization", f"Bearer {access_token}"))
        request_id = arrival.request_id()
        if request_id is not None:
            metadata.append(("x-request-id", request_id))
        return metadata


def _service_config(services: tuple[str, ...]) -> str:
    """Retries for the methods that are declared idempotent (gRFC A6)."""
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
