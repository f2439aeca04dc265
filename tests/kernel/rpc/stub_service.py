"""A service on the real server, whose methods run what a test sets."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from google.api.httpbody_pb2 import HttpBody

from coditect.auth.v5 import (
    accounts_pb2,
    accounts_pb2_grpc,
    keys_pb2,
    keys_pb2_grpc,
    logins_pb2,
    logins_pb2_grpc,
)
from coditect.tenants.internal.v1 import tenants_pb2, tenants_pb2_grpc
from kernel.errors import InvalidRequest
from kernel.identity.callers import Call
from kernel.identity.revocations import Revocations
from kernel.identity.service_tokens import ServiceTokens
from kernel.identity.tokens import Verifier
from kernel.rpc.authorization import Authorizer
from kernel.rpc.server import App, Servicer
from kernel.seal import Seal
from kernel.settings import ServiceSettings
from kernel.telemetry import Telemetry
from tests.support.clock import FixedClock
from tests.support.service import ENVIRON, SEAL_KEY, SERVICE_KEY, Service, serve
from tests.support.tokens import AUDIENCE, ISSUER

AUTH = {
    "coditect.auth.v5.AccountsService": accounts_pb2_grpc.add_AccountsServiceServicer_to_server,
    "coditect.auth.v5.KeysService": keys_pb2_grpc.add_KeysServiceServicer_to_server,
    "coditect.auth.v5.LoginsService": logins_pb2_grpc.add_LoginsServiceServicer_to_server,
}
TENANTS = "coditect.tenants.internal.v1.TenantsInternalService"


class StubServicer(
    accounts_pb2_grpc.AccountsServiceServicer,
    keys_pb2_grpc.KeysServiceServicer,
    logins_pb2_grpc.LoginsServiceServicer,
):
    """GetJwks (public, repeatable), Login (public, not repeatable), GetMe and ExportMe (for users).

    Attributes:
        action: What every method runs, given gRPC's context.
        chunks: What ExportMe then streams.
        calls: How often the methods were called.
    """

    def __init__(self) -> None:
        self.calls = 0
        self.action: Callable[[Any], Awaitable[None]] = _do_nothing
        self.chunks: Callable[[], AsyncIterator[bytes]] = _two_chunks

    async def _do(self, context: Any) -> None:
        self.calls += 1
        await self.action(context)

    async def GetJwks(self, _: Any, context: Any) -> keys_pb2.GetJwksResponse:  # noqa: N802
        """Runs the action."""
        await self._do(context)
        return keys_pb2.GetJwksResponse()

    async def Login(self, _: Any, context: Any) -> logins_pb2.LoginResponse:  # noqa: N802
        """Runs the action."""
        await self._do(context)
        return logins_pb2.LoginResponse()

    async def GetMe(self, _: Any, context: Any) -> accounts_pb2.GetMeResponse:  # noqa: N802
        """Runs the action."""
        await self._do(context)
        return accounts_pb2.GetMeResponse()

    async def ExportMe(self, _: Any, context: Any) -> AsyncIterator[HttpBody]:  # noqa: N802
        """Runs the action, then streams the chunks."""
        await self._do(context)
        async for piece in self.chunks():
            yield HttpBody(data=piece)


class StubInternalServicer(tenants_pb2_grpc.TenantsInternalServiceServicer):
    """EraseUser, which only auth may call."""

    async def EraseUser(self, _: Any, __: Any) -> tenants_pb2.EraseUserResponse:  # noqa: N802
        """Does nothing."""
        return tenants_pb2.EraseUserResponse()


async def _do_nothing(_: Any) -> None:
    pass


def _check_tokens_mode(call: Call) -> None:
    """Refuses every mode."""
    if call.header("x-coditect-tokens"):
        raise InvalidRequest


async def _two_chunks() -> AsyncIterator[bytes]:
    yield b"1"
    yield b"2"


def settings_of(**environ: str) -> ServiceSettings:
    """The settings, with changes."""
    return ServiceSettings.read({**ENVIRON, **environ})


def app_of(servicer: StubServicer, clock: FixedClock, **parts: Any) -> App:
    """The app, with changed parts."""
    authorizer = Authorizer(
        Verifier(ISSUER, AUDIENCE, clock),
        Revocations(5, clock),
        ServiceTokens("auth", [SERVICE_KEY], clock),
    )
    servicers = [
        *(Servicer(service, add, servicer) for service, add in AUTH.items()),
        Servicer(
            TENANTS,
            tenants_pb2_grpc.add_TenantsInternalServiceServicer_to_server,
            StubInternalServicer(),
        ),
    ]
    return App(
        **{
            "servicers": servicers,
            "authorizer": authorizer,
            "telemetry": Telemetry(),
            "seal": Seal([SEAL_KEY]),
            "login_tokens_check": _check_tokens_mode,
            **parts,
        }
    )


@asynccontextmanager
async def serving(
    servicer: StubServicer, clock: FixedClock, **environ: str
) -> AsyncIterator[Service]:
    """The running service."""
    async with serve("auth", app_of(servicer, clock), settings_of(**environ), clock) as service:
        yield service


def count(service: Service, method: str, code: str) -> float | None:
    """The counter of calls."""
    read = service.app.telemetry.registry.get_sample_value
    found = (
        read(
            "grpc_server_handling_seconds_count",
            {"grpc_service": name, "grpc_method": method, "grpc_type": kind, "grpc_code": code},
        )
        for name in AUTH
        for kind in ("unary", "server_stream")
    )
    return next((value for value in found if value is not None), None)
