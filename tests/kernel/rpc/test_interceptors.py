"""The interceptors of every call: authorization, deadline, errors, request id, counting."""

import asyncio
import time
from typing import Any
from uuid import UUID

import grpc
import pytest
from structlog.testing import capture_logs

from coditect.auth.v5 import accounts_pb2, keys_pb2
from coditect.tenants.internal.v1 import tenants_pb2
from coditect.tenants.internal.v1.tenants_pb2_grpc import TenantsInternalServiceStub
from coditect.tenants.v5 import tenants_pb2 as tenants_v5_pb2
from coditect.tenants.v5 import tenants_pb2_grpc as tenants_v5_grpc
from kernel.errors import Internal, Kind, RoleMissing, StorageFull, StorageUnavailable
from kernel.identity.callers import Role, current_call
from kernel.identity.revocations import Revocation
from kernel.identity.service_tokens import HEADER
from kernel.rpc import arrival
from kernel.rpc.errors import RemoteError, from_call
from kernel.rpc.server import serve as serve_methods
from tests.kernel.rpc.stub_service import StubServicer, app_of, count, serving, settings_of
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.service import Service, serve
from tests.support.stubs import AuthStub
from tests.support.tokens import somebody

SECRET = "the innermost secret"


async def failed(call: Any) -> RemoteError:
    """The error of a call."""
    with pytest.raises((grpc.aio.AioRpcError, RemoteError)) as error:
        await call
    if isinstance(error.value, RemoteError):
        return error.value
    remote = from_call(error.value)
    assert isinstance(remote, RemoteError)
    return remote


async def me(service: Service, *metadata: tuple[str, str]) -> str:
    """Calls GetMe with the given metadata; returns the reason of a refusal, or an empty text."""
    stub = service.stub(AuthStub)
    try:
        await stub.GetMe(accounts_pb2.GetMeRequest(), metadata=metadata)
    except grpc.aio.AioRpcError as error:
        return from_call(error).reason
    return ""


async def test_the_caller_comes_from_the_token(service: Service, servicer: StubServicer) -> None:
    """The method sees the user; case and spaces of `Bearer` are as RFC 9110 has them."""
    user, seen = somebody(), []

    async def look(_: Any) -> None:
        seen.append(current_call().caller)

    servicer.action = look
    token = service.mint.token(user)
    for scheme in ("Bearer", "bearer", "BEARER", "bEARER ", "Bearer   "):
        assert await me(service, ("authorization", f"{scheme} {token}")) == ""
    assert {caller.user_id for caller in seen} == {user.user_id}


async def test_a_missing_token_differs_from_an_invalid_one(service: Service) -> None:
    """No token, or another scheme, means missing; a malformed token means invalid."""
    token = service.mint.token(somebody())
    others = (
        "Token x",
        "token",
        f"Basic {token}",
        f"Basic Bearer {token}",
        token,
    )
    for value in ("", "Basic eDp5", "Bearer", "Bearer ", *others):
        assert await me(service, ("authorization", value)) == "ACCESS_TOKEN_MISSING"
    assert await me(service) == "ACCESS_TOKEN_MISSING"
    for value in ("Bearer x", f"Bearer ,{token}", f"Bearer x {token}", f"Bearer {token} {token}"):
        assert await me(service, ("authorization", value)) == "ACCESS_TOKEN_INVALID"


async def test_a_revoked_or_old_token(service: Service) -> None:
    """Revoked and expired tokens have their own reasons; the method does not run."""
    user = somebody()
    bearer = ("authorization", f"Bearer {service.mint.token(user)}")
    revocations = service.app.authorizer.revocations
    revocations.add([Revocation(user.user_id, service._clock.now(), user.login_id)])
    assert await me(service, bearer) == "ACCESS_TOKEN_REVOKED"
    other = ("authorization", f"Bearer {service.mint.token(somebody())}")
    service.advance(minutes=15)
    assert await me(service, other) == "ACCESS_TOKEN_EXPIRED"


async def test_a_stale_feed(service: Service, servicer: StubServicer, clock: FixedClock) -> None:
    """While the feed is stale, users get UNAVAILABLE, because revocations are unknown."""
    clock.advance(seconds=6)
    bearer = ("authorization", f"Bearer {service.mint.token(somebody())}")
    assert await me(service, bearer) == "REVOCATIONS_STALE"
    assert servicer.calls == 0


async def test_a_token_before_the_keys_are_known(service: Service, clock: FixedClock) -> None:
    """A service that does not know the keys yet does not call any token invalid."""
    bearer = ("authorization", f"Bearer {service.mint.token(somebody())}")
    service.app.authorizer.verifier.trust({})
    assert await me(service, bearer) == "ACCESS_TOKEN_INVALID"
    clock.advance(seconds=6)
    assert await me(service, bearer) == "REVOCATIONS_STALE"


async def test_a_service_method_takes_service_tokens_only(service: Service) -> None:
    """A method for services rejects users' tokens, and vice versa."""
    request = tenants_pb2.EraseUserRequest(user_id=str(UUID(int=1)))
    token = service.mint.token(somebody())
    stub = service.stub(TenantsInternalServiceStub)
    for metadata in ([], [("authorization", f"Bearer {token}")], [(HEADER, token)]):
        error = await failed(stub.EraseUser(request, metadata=metadata))
        assert error.reason == "SERVICE_TOKEN_INVALID"
    for name, reason in (("tenants", "SERVICE_NOT_ALLOWED"), ("auth", "")):
        peer = service.peer(name)
        call = peer.call(peer.stub(TenantsInternalServiceStub).EraseUser, request)
        assert (reason == "" and await call is not None) or (await failed(call)).reason == reason
    peer = service.peer("auth")
    error = await failed(peer.call(peer.stub(AuthStub).GetMe, accounts_pb2.GetMeRequest()))
    assert error.reason == "ACCESS_TOKEN_MISSING"


async def test_authorization_comes_before_parsing(service: Service) -> None:
    """An unauthorized caller does not learn whether its message was valid."""
    channel = service._client._channel
    raw = channel.unary_unary("/coditect.auth.v5.AccountsService/GetMe")
    assert (await failed(raw(b"\xff\xff"))).reason == "ACCESS_TOKEN_MISSING"
    metadata = [("authorization", f"Bearer {service.mint.token(somebody())}")]
    error = await failed(raw(b"\xff\xff", metadata=metadata))
    assert (error.reason, [bad.reason for bad in error.violations]) == (
        "INVALID_REQUEST", ["MALFORMED"],
    )  # fmt: skip


async def test_an_unexpected_error_reveals_nothing(
    service: Service, servicer: StubServicer
) -> None:
    """An unknown exception becomes INTERNAL with a constant text; its traceback is in the log."""

    async def fail(_: Any) -> None:
        raise LookupError(SECRET)

    servicer.action = fail
    with capture_logs() as logs:
        error = await failed(service.stub(AuthStub).GetJwks(keys_pb2.GetJwksRequest()))
    assert (error.kind, error.reason, error.message) == (
        Kind.INTERNAL, "INTERNAL", Internal.message,
    )  # fmt: skip
    assert (error.metadata, error.violations) == ({}, ())
    (line,) = [line for line in logs if line["log_level"] == "error"]
    assert str(line["exc_info"]) == SECRET
    assert line["exc_info"].__traceback__ is not None


async def test_an_error_of_ours_is_returned_and_not_logged_as_a_fault(
    service: Service, servicer: StubServicer
) -> None:
    """A caller's mistake is not logged."""

    async def fail(_: Any) -> None:
        raise RoleMissing(metadata={"role": "admin"})

    servicer.action = fail
    with capture_logs() as logs:
        error = await failed(service.stub(AuthStub).GetJwks(keys_pb2.GetJwksRequest()))
    assert (error.reason, error.metadata) == ("ROLE_MISSING", {"role": "admin"})
    assert logs == []


async def test_an_error_can_take_a_cookie_away(service: Service, servicer: StubServicer) -> None:
    """The cookies that a method sets go with its error, too; other headers and the status do not."""

    async def fail(_: Any) -> None:
        current_call().set_cookie("__Host-a", "", 0)
        current_call().set_header("etag", "x")
        current_call().set_status(304)
        raise RoleMissing

    servicer.action = fail
    call = service.stub(AuthStub).GetJwks(keys_pb2.GetJwksRequest())
    assert (await failed(call)).reason == "ROLE_MISSING"
    cookie = "__Host-a=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict"
    assert list(await call.initial_metadata()) == [("set-cookie", cookie)]


async def _away(_: Any) -> None:
    raise StorageUnavailable from OSError(5, SECRET)


async def test_the_cause_of_an_outage_is_only_logged(
    service: Service, servicer: StubServicer
) -> None:
    """The cause of an unavailable store is logged, and not sent to the caller."""
    servicer.action = _away
    with capture_logs() as logs:
        error = await failed(service.stub(AuthStub).GetJwks(keys_pb2.GetJwksRequest()))
    assert (error.reason, error.message) == ("STORAGE_UNAVAILABLE", StorageUnavailable.message)
    assert [line["cause"] for line in logs if line["event"] == "call failed"] == [
        f"OSError: [Errno 5] {SECRET}"
    ]


async def _full(_: Any) -> None:
    raise StorageFull


async def test_a_full_store_is_not_logged_with_each_call(
    service: Service, servicer: StubServicer
) -> None:
    """The caller learns of it; the log does from the readiness, once: its lines take space, too."""
    servicer.action = _full
    with capture_logs() as logs:
        error = await failed(service.stub(AuthStub).GetJwks(keys_pb2.GetJwksRequest()))
    assert (error.kind, error.reason) == (Kind.UNAVAILABLE, "STORAGE_FULL")
    assert logs == []


async def _long(_: Any) -> None:
    await asyncio.sleep(30)


async def test_a_call_without_a_deadline_times_out(
    servicer: StubServicer, clock: FixedClock
) -> None:
    """The server's own limit applies to a caller without a deadline."""
    servicer.action = _long
    async with serving(servicer, clock, CALL_SECONDS="0.05") as service:
        error = await failed(service.stub(AuthStub).GetJwks(keys_pb2.GetJwksRequest()))
    assert (error.kind, error.reason) == (Kind.TIMEOUT, "DEADLINE_EXCEEDED")
    assert error.message == "The call did not finish in time."


async def test_the_callee_responds_before_the_deadline(
    service: Service, servicer: StubServicer
) -> None:
    """Just before the caller's deadline the callee responds itself, and cancels the work."""
    ended = asyncio.Event()

    async def work(_: Any) -> None:
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()

    servicer.action = work
    stub = service.stub(AuthStub)
    keys: list[str] = []
    # On a busy machine a response can be late, so one of several calls must get it in time.
    for _ in range(20):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await stub.GetJwks(keys_pb2.GetJwksRequest(), timeout=0.15)
        keys = [key for key, _ in error.value.trailing_metadata() or ()]
        if "grpc-status-details-bin" in keys:
            break
    assert "grpc-status-details-bin" in keys
    await asyncio.wait_for(ended.wait(), 20)


async def test_a_disconnected_caller_ends_the_work(
    service: Service, servicer: StubServicer
) -> None:
    """The work for a disconnected caller is cancelled, and the call counts as cancelled."""
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work(_: Any) -> None:
        begun.set()
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()

    servicer.action = work
    call = service.stub(AuthStub).GetJwks(keys_pb2.GetJwksRequest())
    waiting = asyncio.ensure_future(_ignoring(call))
    await asyncio.wait_for(begun.wait(), 20)
    call.cancel()
    await asyncio.wait_for(ended.wait(), 20)
    await waiting
    await eventually(lambda: count(service, "GetJwks", "CANCELLED") == 1)


async def _ignoring(call: Any) -> None:
    try:
        await call
    except asyncio.CancelledError:
        return


async def test_calls_are_counted_by_method_and_code(service: Service) -> None:
    """Successful and refused calls have separate counts."""
    stub = service.stub(AuthStub)
    for _ in range(3):
        await stub.GetJwks(keys_pb2.GetJwksRequest())
    await me(service)
    # A call is counted after its response is sent, so the last count may be late.
    async with asyncio.timeout(20):
        while _counts(service) != (3, 1):  # noqa: ASYNC110 - the registry has no event
            await asyncio.sleep(0.01)


def _counts(service: Service) -> tuple[float | None, float | None]:
    return count(service, "GetJwks", "OK"), count(service, "GetMe", "UNAUTHENTICATED")


async def test_the_time_of_a_call_is_measured(service: Service, servicer: StubServicer) -> None:
    """The sum of the durations is that of the calls, in seconds."""

    async def work(_: Any) -> None:
        await asyncio.sleep(0.2)

    servicer.action = work
    started = time.perf_counter()
    await service.stub(AuthStub).GetJwks(keys_pb2.GetJwksRequest())
    await eventually(lambda: count(service, "GetJwks", "OK") == 1)
    labels = {
        "grpc_service": "coditect.auth.v5.KeysService",
        "grpc_method": "GetJwks",
        "grpc_type": "unary",
        "grpc_code": "OK",
    }
    registry = service.app.telemetry.registry
    seconds = registry.get_sample_value("grpc_server_handling_seconds_sum", labels)
    assert seconds is not None
    assert 0.15 < seconds < time.perf_counter() - started


async def test_calls_in_flight_are_counted(service: Service, servicer: StubServicer) -> None:
    """A call counts while it runs, and no longer after it has ended or failed."""
    telemetry, go = service.app.telemetry, asyncio.Event()

    async def work(_: Any) -> None:
        await go.wait()
        raise StorageUnavailable

    servicer.action = work
    before = telemetry.registry.get_sample_value("coditect_calls_in_flight")
    call = service.stub(AuthStub).GetJwks(keys_pb2.GetJwksRequest())
    await eventually(lambda: telemetry.in_flight == 1)
    during = telemetry.registry.get_sample_value("coditect_calls_in_flight")
    go.set()
    await failed(call)
    await eventually(lambda: telemetry.in_flight == 0)
    assert (before, during) == (0, 1)


class _Tenants(tenants_v5_grpc.TenantsServiceServicer):
    """UpdateTenant, which reports the role that the call needs."""

    def __init__(self) -> None:
        self.least_roles: list[Role] = []

    async def UpdateTenant(self, _: Any, __: Any) -> tenants_v5_pb2.UpdateTenantResponse:  # noqa: N802
        """Notes the least role."""
        self.least_roles.append(current_call().least_role)
        return tenants_v5_pb2.UpdateTenantResponse()


async def test_a_field_can_ask_for_a_higher_role(servicer: StubServicer, clock: FixedClock) -> None:
    """The call needs the highest role of the method and of the fields that it sets."""
    tenants, user = _Tenants(), somebody()
    app, tenant_id = app_of(servicer, clock), str(user.tenant_id)
    servicers = [*app.servicers, serve_methods(tenants)]
    async with serve("auth", app, settings_of(), clock, servicers=servicers) as service:
        update = service.stub(tenants_v5_grpc.TenantsServiceStub).UpdateTenant
        metadata = [("authorization", f"Bearer {service.mint.token(user)}")]
        for fields in ({"name": "Acme"}, {"state": "active"}, {"name": "Acme", "state": "active"}):
            request = tenants_v5_pb2.UpdateTenantRequest(tenant_id=tenant_id, **fields)
            await update(request, metadata=metadata)
    assert tenants.least_roles == [Role.ADMIN, Role.OWNER, Role.OWNER]


async def test_the_request_id_is_bound_to_the_call(
    service: Service, servicer: StubServicer
) -> None:
    """The caller's id, cut to 64 characters, or a new one; each call has its own."""
    seen: list[str] = []

    async def look(_: Any) -> None:
        seen.append(str(arrival.request_id()))

    servicer.action = look
    stub = service.stub(AuthStub)
    for metadata in ([("x-request-id", "mine")], [("x-request-id", "x" * 100)], [], []):
        await stub.GetJwks(keys_pb2.GetJwksRequest(), metadata=metadata)
    assert seen[:2] == ["mine", "x" * 64]
    assert UUID(seen[2]) != UUID(seen[3])


async def test_an_unknown_method(service: Service) -> None:
    """An unknown path or unimplemented method returns UNIMPLEMENTED and reaches none of our code."""
    channel = service._client._channel
    for path in ("/unknown.Service/Do", "/coditect.auth.v5.AccountsService/Nothing"):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await channel.unary_unary(path)(b"")
        assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED
