"""Complete services, called only through the contract."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor

from kernel.identity.access_rules import Rule
from kernel.rpc.errors import from_call
from kernel.rpc.methods import methods_of
from kernel.storage import Store
from services.auth.app import build as build_auth
from services.auth.settings import AuthSettings
from services.sessions.app import build as build_sessions
from services.sessions.settings import SessionsSettings
from services.tenants.app import build as build_tenants
from services.tenants.settings import TenantsSettings
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, UNREACHABLE, Service, serve

CONTEXTS: Mapping[str, tuple[Any, Any]] = {
    "auth": (AuthSettings, build_auth),
    "tenants": (TenantsSettings, build_tenants),
    "sessions": (SessionsSettings, build_sessions),
}
OK = "OK"
"""The reason of a call that succeeds."""

_ADDRESSES = {f"{name.upper()}_ADDRESS": UNREACHABLE for name in CONTEXTS}
# No other service is there to be notified, so calls do not wait for that.
_CHEAP = {"ARGON2_MEMORY_KIB": "8", "ARGON2_PASSES": "1", "SETTLE_SECONDS": "0"}

Metadata = dict[str, str]


@asynccontextmanager
async def whole(
    name: str, store: Store, clock: FixedClock, **environ: str
) -> AsyncIterator[Service]:
    """A complete service that cannot reach the others, unless settings say where they are."""
    settings_type, build = CONTEXTS[name]
    settings = settings_type.read({**ENVIRON, **_ADDRESSES, **_CHEAP, **environ})
    async with serve(name, build(settings, store, clock, FixedIds()), settings, clock) as running:
        yield running


def rules(service: Service) -> Mapping[str, Rule]:
    """The access rules of a service's methods by path."""
    found = methods_of([servicer.full_name for servicer in service.app.servicers])
    return {path: method.rule for path, method in found.items()}


def method_of(path: str) -> MethodDescriptor:
    """The method at a path."""
    _, service, name = path.split("/")
    found: MethodDescriptor = (
        descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
    )
    return found


def bearer(token: str) -> Metadata:
    """The metadata of a user."""
    return {"authorization": f"Bearer {token}"}


@asynccontextmanager
async def channel_to(service: Service) -> AsyncIterator[grpc.aio.Channel]:
    """A plain gRPC channel to a service, without our own client."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{service.port}") as channel:
        yield channel


async def reason_of(channel: grpc.aio.Channel, path: str, metadata: Metadata, body: bytes) -> str:
    """Why a call is refused, or `OK`."""
    method, more = method_of(path), {"metadata": tuple(metadata.items()), "timeout": 5}
    calls: Any = channel  # its methods take and return bytes, which its type stubs do not know
    try:
        if method.client_streaming:
            stream = calls.stream_stream(path)(**more)
            # A refusal does not wait for the message. Sending one after it could hide it: gRPC would
            # report a cancellation or an internal error.
            await asyncio.wait([asyncio.ensure_future(stream.code())], timeout=1)
            if not stream.done():
                await stream.write(body)
            await stream.read()
            stream.cancel()
        elif method.server_streaming:
            async for _ in calls.unary_stream(path)(body, **more):
                pass
        else:
            await calls.unary_unary(path)(body, **more)
    except grpc.aio.AioRpcError as error:
        return from_call(error).reason
    return OK
