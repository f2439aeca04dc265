"""Interceptors around a streamed response: they do the same as around any other call."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from typing import Any

import grpc
import pytest
from google.api.httpbody_pb2 import HttpBody
from structlog.testing import capture_logs

from coditect.auth.v5 import accounts_pb2
from coditect.tenants.v5 import audit_pb2, audit_pb2_grpc
from kernel.errors import (
    DownloadLimitReached,
    Internal,
    Kind,
    RevocationsStale,
    StorageUnavailable,
)
from kernel.identity.callers import Role, current_call
from kernel.identity.revocations import Revocation
from kernel.rpc import arrival
from kernel.rpc.errors import RemoteError, from_call
from kernel.rpc.interceptors import CallInterceptor
from kernel.rpc.server import Servicer
from tests.kernel.rpc.stub_service import StubServicer, app_of, count, serving, settings_of
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.service import Service, serve
from tests.support.stubs import AuthStub
from tests.support.tokens import User, somebody

SECRET = "the innermost secret"
EXPORT = accounts_pb2.ExportMeRequest()
AUDIT = "coditect.tenants.v5.AuditService"

Metadata = list[tuple[str, str]]


class Audit(audit_pb2_grpc.AuditServiceServicer):
    """ExportAudit, about the tenant that its request names."""

    async def ExportAudit(self, _: Any, __: Any) -> AsyncIterator[HttpBody]:  # noqa: N802
        """Returns that tenant, and the role that the caller needs in it."""
        call = current_call()
        yield HttpBody(data=f"{call.caller.user_id} {call.tenant_id} {call.least_role}".encode())


def bearer(service: Service, user: User | None = None) -> Metadata:
    """The token of a user."""
    return [("authorization", f"Bearer {service.mint.token(user or somebody())}")]


def failing(error: Exception) -> Callable[[], AsyncIterator[bytes]]:
    """A file that breaks after its first piece."""

    async def give() -> AsyncIterator[bytes]:
        yield b"1"
        raise error

    return give


async def pieces(service: Service, metadata: Metadata | None = None) -> list[bytes]:
    """The pieces that ExportMe returns."""
    stub = service.stub(AuthStub)
    call = stub.ExportMe(EXPORT, metadata=bearer(service) if metadata is None else metadata)
    return [piece.data async for piece in call]


async def broken(service: Service, metadata: Metadata | None = None) -> tuple[list[bytes], Any]:
    """The pieces that ExportMe returns before it fails, and its error."""
    stub = service.stub(AuthStub)
    call = stub.ExportMe(EXPORT, metadata=bearer(service) if metadata is None else metadata)
    found: list[bytes] = []
    try:
        async with asyncio.timeout(20):  # one that begins to wait is to fail, not to hang
            async for piece in call:
                found.append(piece.data)  # noqa: PERF401 - what came before the error counts
    except grpc.aio.AioRpcError as error:
        return found, from_call(error)
    raise AssertionError("it did not fail")


async def test_the_pieces_come_in_order(service: Service, servicer: StubServicer) -> None:
    """All pieces arrive at the user; the call is counted once, after the last piece."""
    user, seen = somebody(), []

    async def give() -> AsyncIterator[bytes]:
        seen.append((current_call().caller.user_id, arrival.request_id()))
        for number in range(100):
            assert count(service, "ExportMe", "OK") is None
            yield b"%d" % number

    servicer.chunks = give
    metadata = [*bearer(service, user), ("x-request-id", "mine")]
    assert await pieces(service, metadata) == [b"%d" % number for number in range(100)]
    assert seen == [(user.user_id, "mine")]
    await eventually(lambda: count(service, "ExportMe", "OK") == 1)


async def test_an_unauthorized_caller_gets_no_piece(
    service: Service, servicer: StubServicer
) -> None:
    """The caller is authorized before the method runs, and the refusal is counted."""
    found, error = await broken(service, [])
    assert (found, error.reason, error.kind) == ([], "ACCESS_TOKEN_MISSING", Kind.UNAUTHENTICATED)
    assert servicer.calls == 0
    await eventually(lambda: count(service, "ExportMe", "UNAUTHENTICATED") == 1)


async def test_authorization_comes_before_parsing(service: Service) -> None:
    """An unauthorized caller does not learn whether its message was valid."""
    raw = service._client._channel.unary_stream("/coditect.auth.v5.AccountsService/ExportMe")
    for metadata, reason in (([], "ACCESS_TOKEN_MISSING"), (bearer(service), "INVALID_REQUEST")):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await raw(b"\xff\xff", metadata=metadata).read()
        assert from_call(error.value).reason == reason


async def test_the_tenant_of_the_request(servicer: StubServicer, clock: FixedClock) -> None:
    """The method gets caller, tenant and least role; with a bad tenant it is not called."""
    app = app_of(servicer, clock)
    add = audit_pb2_grpc.add_AuditServiceServicer_to_server
    servicers = [*app.servicers, Servicer(AUDIT, add, Audit())]
    user = somebody(role=Role.MEMBER)
    async with serve("auth", app, settings_of(), clock, servicers=servicers) as service:
        stub = service.stub(audit_pb2_grpc.AuditServiceStub)
        request = audit_pb2.ExportAuditRequest(tenant_id=str(user.tenant_id))
        answer = await stub.ExportAudit(request, metadata=bearer(service, user)).read()
        assert answer.data.decode() == f"{user.user_id} {user.tenant_id} {Role.ADMIN}"
        request.tenant_id = "mine"
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await stub.ExportAudit(request, metadata=bearer(service, user)).read()
        assert from_call(error.value).reason == "INVALID_REQUEST"


async def test_an_error_before_the_first_piece(service: Service, servicer: StubServicer) -> None:
    """The error becomes the status of the call, with its reason."""

    async def fail(_: Any) -> None:
        raise RevocationsStale

    servicer.action = fail
    found, error = await broken(service)
    assert (found, error.reason, error.kind) == ([], "REVOCATIONS_STALE", Kind.UNAVAILABLE)
    await eventually(lambda: count(service, "ExportMe", "UNAVAILABLE") == 1)


async def test_an_error_in_the_middle(service: Service, servicer: StubServicer) -> None:
    """The error becomes the status of the call after the pieces sent so far."""
    servicer.chunks = failing(StorageUnavailable())
    found, error = await broken(service)
    assert (found, error.reason, error.kind) == ([b"1"], "STORAGE_UNAVAILABLE", Kind.UNAVAILABLE)
    await eventually(lambda: count(service, "ExportMe", "UNAVAILABLE") == 1)
    assert count(service, "ExportMe", "OK") is None


async def test_an_unexpected_error_reveals_nothing(
    service: Service, servicer: StubServicer
) -> None:
    """An unknown exception in the middle becomes INTERNAL; the log has the details."""
    servicer.chunks = failing(LookupError(SECRET))
    with capture_logs() as logs:
        found, error = await broken(service)
    assert isinstance(error, RemoteError)
    assert (found, error.reason, error.message) == (
        [b"1"],
        "INTERNAL",
        Internal.message,
    )
    (line,) = [line for line in logs if line["log_level"] == "error"]
    assert str(line["exc_info"]) == SECRET


async def test_a_timeout_inside(service: Service, servicer: StubServicer) -> None:
    """A TimeoutError of the method is a timeout, not a disconnected caller."""
    servicer.chunks = failing(TimeoutError())
    found, error = await broken(service)
    assert (found, error.reason, error.kind) == ([b"1"], "DEADLINE_EXCEEDED", Kind.TIMEOUT)


async def test_a_download_has_no_time_limit(servicer: StubServicer, clock: FixedClock) -> None:
    """The time limit of calls without a deadline does not apply to downloads."""

    async def give() -> AsyncIterator[bytes]:
        for _ in range(3):
            await asyncio.sleep(0.05)
            yield b"x"

    servicer.chunks = give
    async with serving(servicer, clock, CALL_SECONDS="0.05") as service:
        assert await pieces(service) == [b"x"] * 3


@pytest.mark.parametrize("waiting", ["for the next piece", "for the reader"])
async def test_a_disconnected_caller_ends_the_work(
    service: Service, servicer: StubServicer, waiting: str
) -> None:
    """Whatever the method waits for, it ends and cleans up; the call counts as cancelled."""
    ended = asyncio.Event()

    async def give() -> AsyncIterator[bytes]:
        try:
            yield b"1"
            while waiting == "for the reader":
                yield b"x" * 65_536
            await asyncio.sleep(30)
        finally:
            ended.set()

    servicer.chunks = give
    stub = service.stub(AuthStub)
    call = stub.ExportMe(EXPORT, metadata=bearer(service))
    assert (await call.read()).data == b"1"
    await asyncio.sleep(0.1)
    assert not ended.is_set()
    call.cancel()
    await asyncio.wait_for(ended.wait(), 20)
    await eventually(lambda: count(service, "ExportMe", "CANCELLED") == 1)


async def test_a_slow_reader_pauses_the_method(service: Service, servicer: StubServicer) -> None:
    """The method waits for the reader, instead of producing more pieces."""
    made = 0

    async def give() -> AsyncIterator[bytes]:
        nonlocal made
        for _ in range(3200):
            made += 1
            yield b"x" * 65_536

    servicer.chunks = give
    call = service.stub(AuthStub).ExportMe(EXPORT, metadata=bearer(service))
    await call.read()
    await asyncio.sleep(0.5)
    assert made < 1000
    call.cancel()


async def test_a_token_revoked_during_a_download(
    service: Service, servicer: StubServicer, clock: FixedClock
) -> None:
    """A logout ends the token's running downloads before the next piece."""
    user, made = somebody(), 0

    async def give() -> AsyncIterator[bytes]:
        nonlocal made
        for made in (1, 2):
            yield b"%d" % made
            revocation = Revocation(user.user_id, clock.now(), source_id=user.login_id)
            service.app.authorizer.revocations.add([revocation])

    servicer.chunks = give
    found, error = await broken(service, bearer(service, user))
    assert (found[0], error.reason) == (b"1", "ACCESS_TOKEN_REVOKED")
    assert made == 2


async def test_concurrent_downloads_are_limited_per_user(
    service: Service, servicer: StubServicer
) -> None:
    """A user's third concurrent download is refused, over all logins; other users are not affected."""
    go = asyncio.Event()

    async def give() -> AsyncIterator[bytes]:
        yield b"1"
        await go.wait()

    servicer.chunks = give
    user = somebody()
    stub = service.stub(AuthStub)
    calls = [stub.ExportMe(EXPORT, metadata=bearer(service, user)) for _ in range(2)]
    assert [(await call.read()).data for call in calls] == [b"1", b"1"]
    found, error = await broken(service, bearer(service, user))
    assert (found, error.reason, error.retry_after) == ([], "DOWNLOAD_LIMIT_REACHED", 1)
    other = stub.ExportMe(EXPORT, metadata=bearer(service))
    assert (await other.read()).data == b"1"
    calls[0].cancel()
    await eventually(lambda: count(service, "ExportMe", "CANCELLED") == 1)
    go.set()
    assert await pieces(service, bearer(service, user)) == [b"1"]


async def test_each_ended_download_makes_room_for_one(
    service: Service, servicer: StubServicer
) -> None:
    """After one of two downloads has ended, its user may begin one more, and not two."""

    async def give() -> AsyncIterator[bytes]:
        yield b"1"
        await asyncio.sleep(30)

    servicer.chunks = give
    user = somebody()
    stub = service.stub(AuthStub)
    calls = [stub.ExportMe(EXPORT, metadata=bearer(service, user)) for _ in range(2)]
    assert [(await call.read()).data for call in calls] == [b"1", b"1"]
    calls[0].cancel()
    await eventually(lambda: count(service, "ExportMe", "CANCELLED") == 1)
    calls.append(stub.ExportMe(EXPORT, metadata=bearer(service, user)))
    assert (await calls[2].read()).data == b"1"
    found, error = await broken(service, bearer(service, user))
    assert (found, error.reason) == ([], "DOWNLOAD_LIMIT_REACHED")
    for call in calls[1:]:
        call.cancel()


def test_downloads_without_a_user_are_limited_in_total_only(
    servicer: StubServicer, clock: FixedClock
) -> None:
    """Those of a public method do not count as one user's."""
    app = app_of(servicer, clock)
    interceptor = CallInterceptor({}, app.authorizer, app.telemetry, call_seconds=1)
    with ExitStack() as downloads:
        for _ in range(64):
            downloads.enter_context(interceptor._downloading(None))
        with pytest.raises(DownloadLimitReached):
            downloads.enter_context(interceptor._downloading(None))
    with interceptor._downloading(None):
        assert interceptor._downloads.total() == 1
    assert interceptor._downloads.total() == 0


async def test_concurrent_downloads_are_limited_in_total(
    service: Service, servicer: StubServicer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow readers cannot use up the server: over the limit a download is refused, calls still work."""
    monkeypatch.setattr("kernel.rpc.interceptors._DOWNLOADS", 3)
    go = asyncio.Event()

    async def give() -> AsyncIterator[bytes]:
        yield b"1"
        await go.wait()

    servicer.chunks = give
    stub = service.stub(AuthStub)
    calls = [stub.ExportMe(EXPORT, metadata=bearer(service)) for _ in range(3)]
    assert [(await call.read()).data for call in calls] == [b"1"] * 3
    found, error = await broken(service, bearer(service))
    assert (found, error.reason, error.retry_after) == ([], "DOWNLOAD_LIMIT_REACHED", 1)
    go.set()
    assert [await call.read() for call in calls] == [grpc.aio.EOF] * 3
    assert await pieces(service, bearer(service)) == [b"1"]
