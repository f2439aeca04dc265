"""What happens around a call that is answered piece by piece: the same as around any other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest
import structlog
from google.api.httpbody_pb2 import HttpBody
from structlog.testing import capture_logs

from coditect.auth.v5 import accounts_pb2
from coditect.tenants.v5 import audit_pb2, audit_pb2_grpc
from kernel.errors import Internal, Kind, RevocationsStale, StorageUnavailable
from kernel.identity.callers import Role, current_call
from kernel.identity.revocations import Revocation
from kernel.rpc.errors import RemoteError, from_call
from kernel.rpc.server import Servicer
from tests.kernel.rpc.stub_service import StubServicer, app_of, serving, settings_of
from tests.kernel.rpc.test_interceptors import count
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
        """Says which tenant that is, and what the caller must be in it."""
        call = current_call()
        yield HttpBody(data=f"{call.caller.user_id} {call.tenant_id} {call.least_role}".encode())


def bearer(service: Service, user: User | None = None) -> Metadata:
    """The token of somebody."""
    return [("authorization", f"Bearer {service.mint.token(user or somebody())}")]


def failing(error: Exception) -> Callable[[], AsyncIterator[bytes]]:
    """A file that breaks after its first piece."""

    async def give() -> AsyncIterator[bytes]:
        yield b"1"
        raise error

    return give


async def pieces(service: Service, metadata: Metadata | None = None) -> list[bytes]:
    """What ExportMe gives to somebody."""
    stub = service.stub(AuthStub)
    call = stub.ExportMe(EXPORT, metadata=bearer(service) if metadata is None else metadata)
    return [piece.data async for piece in call]


async def broken(service: Service, metadata: Metadata | None = None) -> tuple[list[bytes], Any]:
    """What ExportMe gives before it fails, and what it fails with."""
    stub = service.stub(AuthStub)
    call = stub.ExportMe(EXPORT, metadata=bearer(service) if metadata is None else metadata)
    found: list[bytes] = []
    try:
        async for piece in call:
            found.append(piece.data)  # noqa: PERF401 - what came before the error counts
    except grpc.aio.AioRpcError as error:
        return found, from_call(error)
    raise AssertionError("it did not fail")


async def test_the_pieces_come_in_order(service: Service, servicer: StubServicer) -> None:
    """All of them, to the user whom the method sees; counted once, when the last has gone."""
    user, seen = somebody(), []

    async def give() -> AsyncIterator[bytes]:
        seen.append((current_call().caller.user_id, structlog.contextvars.get_contextvars()))
        for number in range(100):
            assert count(service, "ExportMe", "OK") is None
            yield b"%d" % number

    servicer.chunks = give
    metadata = [*bearer(service, user), ("x-request-id", "mine")]
    assert await pieces(service, metadata) == [b"%d" % number for number in range(100)]
    ((user_id, bound),) = seen
    assert (user_id, bound["request_id"]) == (user.user_id, "mine")
    await eventually(lambda: count(service, "ExportMe", "OK") == 1)


async def test_who_may_not_gets_no_piece(service: Service, servicer: StubServicer) -> None:
    """The caller is checked before anything is done, and the refusal is counted."""
    found, error = await broken(service, [])
    assert (found, error.reason, error.kind) == ([], "ACCESS_TOKEN_MISSING", Kind.UNAUTHENTICATED)
    assert servicer.calls == 0
    await eventually(lambda: count(service, "ExportMe", "UNAUTHENTICATED") == 1)


async def test_admission_comes_before_parsing(service: Service) -> None:
    """Who may not call does not learn whether the message was good."""
    raw = service._client._channel.unary_stream("/coditect.auth.v5.AccountsService/ExportMe")
    for metadata, reason in (([], "ACCESS_TOKEN_MISSING"), (bearer(service), "INVALID_REQUEST")):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await raw(b"\xff\xff", metadata=metadata).read()
        assert from_call(error.value).reason == reason


async def test_the_tenant_of_the_request(servicer: StubServicer, clock: FixedClock) -> None:
    """The method gets caller, tenant and least role, or is not called."""
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
    """It becomes the status of the call, with its reason."""

    async def fail(_: Any) -> None:
        raise RevocationsStale

    servicer.action = fail
    found, error = await broken(service)
    assert (found, error.reason, error.kind) == ([], "REVOCATIONS_STALE", Kind.UNAVAILABLE)
    await eventually(lambda: count(service, "ExportMe", "UNAVAILABLE") == 1)


async def test_an_error_in_the_middle(service: Service, servicer: StubServicer) -> None:
    """It becomes the status of the call after what has been given."""
    servicer.chunks = failing(StorageUnavailable())
    found, error = await broken(service)
    assert (found, error.reason, error.kind) == ([b"1"], "STORAGE_UNAVAILABLE", Kind.UNAVAILABLE)
    await eventually(lambda: count(service, "ExportMe", "UNAVAILABLE") == 1)
    assert count(service, "ExportMe", "OK") is None


async def test_the_unforeseen_stays_inside(service: Service, servicer: StubServicer) -> None:
    """An unknown exception in the middle is INTERNAL; the log has the rest."""
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
    """A time-out of something inside is a time-out, not a caller who has gone."""
    servicer.chunks = failing(TimeoutError())
    found, error = await broken(service)
    assert (found, error.reason, error.kind) == ([b"1"], "DEADLINE_EXCEEDED", Kind.TIMEOUT)


async def test_it_may_take_its_time(servicer: StubServicer, clock: FixedClock) -> None:
    """The limit of a call without a deadline is none of a file's."""

    async def give() -> AsyncIterator[bytes]:
        for _ in range(3):
            await asyncio.sleep(0.05)
            yield b"x"

    servicer.chunks = give
    async with serving(servicer, clock, CALL_SECONDS="0.05") as service:
        assert await pieces(service) == [b"x"] * 3


@pytest.mark.parametrize("waiting", ["for the next piece", "for the reader"])
async def test_a_caller_that_goes_away_ends_the_work(
    service: Service, servicer: StubServicer, waiting: str
) -> None:
    """Whatever the method waits for, it ends and cleans up; that is counted as cancelled."""
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
    await asyncio.wait_for(ended.wait(), 5)
    await eventually(lambda: count(service, "ExportMe", "CANCELLED") == 1)


async def test_a_reader_holds_up_the_method(service: Service, servicer: StubServicer) -> None:
    """What nobody reads is not made: the method waits for the reader."""
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


async def test_a_token_that_is_refused_meanwhile(
    service: Service, servicer: StubServicer, clock: FixedClock
) -> None:
    """A logout ends what its token has begun, before another piece is made."""
    user, made = somebody(), 0

    async def give() -> AsyncIterator[bytes]:
        nonlocal made
        for made in (1, 2):
            yield b"%d" % made
            revocation = Revocation(user.user_id, clock.now(), login_id=user.login_id)
            service.app.authorizer.revocations.add([revocation])

    servicer.chunks = give
    found, error = await broken(service, bearer(service, user))
    assert (found[0], error.reason) == (b"1", "ACCESS_TOKEN_REVOKED")
    assert made == 2


async def test_two_at_once_for_a_user(service: Service, servicer: StubServicer) -> None:
    """A third is refused, whatever the login; others are not in its way, and one that ends frees."""
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


async def test_so_many_at_once_for_everybody(
    service: Service, servicer: StubServicer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow readers, each with a few, leave room for calls; another one is told to wait."""
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
