"""The server: what it refuses to serve, how it reports readiness, how it stops."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from structlog.testing import capture_logs

from coditect.auth.v5 import keys_pb2, keys_pb2_grpc, logins_pb2
from kernel.errors import StorageFull, StorageUnavailable
from kernel.identity.access_rules import RuleMissing
from kernel.rpc.listening import CannotListen
from kernel.rpc.methods import methods_of
from kernel.rpc.server import ALIVE, Server, Servicer, serve
from kernel.storage import Usage
from kernel.telemetry import Telemetry
from tests.kernel.rpc.stub_service import AUTH, TENANTS, StubServicer, app_of, serving, settings_of
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.stubs import AuthStub

JWKS = keys_pb2.GetJwksRequest()
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def unruled() -> Servicer:
    """A service with two methods without access rules."""
    file = FileDescriptorProto(name="unruled.proto", package="unruled", syntax="proto3")
    file.message_type.add(name="M")
    service = file.service.add(name="Service")
    for name in ("One", "Two"):
        service.method.add(name=name, input_type=".unruled.M", output_type=".unruled.M")
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
    return Servicer("unruled.Service", lambda *_: None, None)


async def health(port: int, name: str = "") -> int:
    """The health status of the server."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        answer = await stub.Check(health_pb2.HealthCheckRequest(service=name))
        return int(answer.status)


async def becomes(port: int, status: int) -> None:
    """Waits until the server has a health status."""
    async with asyncio.timeout(20):
        while await health(port) != status:  # noqa: ASYNC110 - it is asked over the wire
            await asyncio.sleep(0.01)


def test_a_method_without_a_rule_is_not_served(servicer: StubServicer, clock: FixedClock) -> None:
    """Creating the server fails, and the error names every such method."""
    app = app_of(servicer, clock)
    with pytest.raises(RuleMissing) as error:
        Server(replace(app, servicers=[*app.servicers, unruled()]), settings_of())
    assert "unruled.Service.One" in str(error.value)
    assert "unruled.Service.Two" in str(error.value)


def test_every_method_has_its_rule(servicer: StubServicer, clock: FixedClock) -> None:
    """Rules are stored by the gRPC path of the method."""
    servicers = app_of(servicer, clock).servicers
    methods = methods_of([one.full_name for one in servicers])
    assert methods["/coditect.auth.v5.KeysService/GetJwks"].rule.public
    assert methods["/coditect.auth.v5.AccountsService/GetMe"].rule.user
    assert methods[f"/{TENANTS}/EraseUser"].rule.services == {"auth"}


async def test_a_busy_port(servicer: StubServicer, clock: FixedClock) -> None:
    """A second server on a port fails, instead of taking half of the calls."""
    async with serving(servicer, clock) as first:
        second = Server(app_of(servicer, clock), settings_of(LISTEN=f"127.0.0.1:{first.port}"))
        with pytest.raises(CannotListen, match=f"127.0.0.1:{first.port}"):
            await second.start()


async def test_reflection_lists_the_services(servicer: StubServicer, clock: FixedClock) -> None:
    """Any client of the port can list the services."""
    async with (
        serving(servicer, clock) as service,
        grpc.aio.insecure_channel(f"127.0.0.1:{service.port}") as channel,
    ):
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        async for answer in stub.ServerReflectionInfo(iter([request])):
            names = {listed.name for listed in answer.list_services_response.service}
            break
    assert names == {
        *AUTH, TENANTS, "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection",
    }  # fmt: skip


async def test_readiness_follows_the_checks(servicer: StubServicer, clock: FixedClock) -> None:
    """Not serving while a check fails or hangs; serving once all of them pass."""
    ready = asyncio.Event()

    async def check() -> None:
        if not ready.is_set():
            raise StorageUnavailable

    app = app_of(servicer, clock, checks=[check])
    server = Server(app, settings_of(STOP_SECONDS="0"))
    await server.start()
    await asyncio.sleep(0.05)
    assert await health(server.port) == NOT_SERVING
    # Liveness stays positive, because a restart would not bring the store back.
    assert await health(server.port, ALIVE) == SERVING
    with capture_logs() as logs:
        ready.set()
        await becomes(server.port, SERVING)
    assert [line["event"] for line in logs] == ["serving"]
    await server.stop()


async def test_a_task_that_survives_a_cancellation_does_not_survive_the_next(
    servicer: StubServicer, clock: FixedClock
) -> None:
    """A server stops, although a call of a background task has swallowed its cancellation."""
    cancelled = 0

    async def follow() -> None:
        nonlocal cancelled
        while cancelled < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled += 1

    server = Server(
        app_of(servicer, clock, tasks={"follow": follow}), settings_of(STOP_SECONDS="0")
    )
    await server.start()
    await becomes(server.port, SERVING)
    await asyncio.wait_for(server.stop(), 20)
    assert cancelled == 2


async def test_a_full_store_is_the_reason_once(
    servicer: StubServicer, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server on a full store is not ready; log and metrics say why, and how full the store is."""
    monkeypatch.setattr("kernel.rpc.server._CHECK_SECONDS", 0.01)
    full = False

    async def check() -> None:
        if full:
            raise StorageFull

    telemetry = Telemetry()
    app = app_of(servicer, clock, checks=[check], telemetry=telemetry, usage=lambda: Usage(50, 100))
    server = Server(app, settings_of(STOP_SECONDS="0"))
    await server.start()
    await becomes(server.port, SERVING)
    with capture_logs() as logs:
        full = True
        await becomes(server.port, NOT_SERVING)
        await asyncio.sleep(0.1)
    assert [(line["event"], line["problem"]) for line in logs] == [("not serving", "STORAGE_FULL")]
    shown = telemetry.registry.get_sample_value
    assert shown("coditect_service_problem", {"reason": "STORAGE_FULL"}) == 1
    assert (shown("coditect_store_used_bytes"), shown("coditect_store_limit_bytes")) == (50, 100)
    await server.stop()


async def test_the_time_of_the_newest_backup_is_shown(
    servicer: StubServicer, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is not known, the last known one stays."""
    monkeypatch.setattr("kernel.rpc.server._BACKUP_SECONDS", 0.01)
    ages: list[float | None] = [None, 100.0, None]

    async def age() -> float | None:
        if len(ages) == 1:
            raise StorageUnavailable
        return ages.pop(0)

    telemetry = Telemetry()
    server = Server(app_of(servicer, clock, telemetry=telemetry, backup_age=age), settings_of())
    await server.start()
    await eventually(lambda: len(ages) == 1)
    shown = telemetry.registry.get_sample_value("coditect_backup_last_success_timestamp_seconds")
    assert shown is not None
    assert time.time() - 200 < shown < time.time() - 99
    await server.stop()


async def test_readiness_is_lost_again(
    servicer: StubServicer, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that starts to fail or hang makes the server not ready, and is named in the log."""
    monkeypatch.setattr("kernel.rpc.server._CHECK_SECONDS", 0.01)
    good = True

    async def check() -> None:
        if not good:
            await asyncio.sleep(30)

    server = Server(
        app_of(servicer, clock, checks=[check]), settings_of(STOP_SECONDS="0", CALL_SECONDS="0.02")
    )
    await server.start()
    await becomes(server.port, SERVING)
    with capture_logs() as logs:
        good = False
        await becomes(server.port, NOT_SERVING)
    assert [(line["event"], line["problem"]) for line in logs] == [("not serving", "TIMEOUT")]
    await server.stop()


async def test_a_server_that_never_gets_ready_says_why(
    servicer: StubServicer, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a start the checks may fail for a while without a word; later the log has one line."""
    monkeypatch.setattr("kernel.rpc.server.START_SECONDS", 0.2)
    monkeypatch.setattr("kernel.rpc.server._CHECK_SECONDS", 0.01)

    async def check() -> None:
        raise StorageUnavailable

    server = Server(app_of(servicer, clock, checks=[check]), settings_of(STOP_SECONDS="0"))
    began = time.monotonic()
    with capture_logs() as logs:
        await server.start()
        await eventually(lambda: len(logs) > 1)
        assert time.monotonic() - began > 0.2
        await asyncio.sleep(0.1)  # for a second line, if there were one
    assert [line["event"] for line in logs] == ["listening", "not serving"]
    assert logs[-1]["problem"] == "STORAGE_UNAVAILABLE"
    await server.stop()


async def test_an_unavailable_store_is_waited_for(
    servicer: StubServicer, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster may start after its clients; until then the log has the cause."""
    monkeypatch.setattr("kernel.rpc.server._CHECK_SECONDS", 0.001)
    tries: list[int] = []

    async def prepare() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise StorageUnavailable from OSError(113, "no route")

    server = Server(app_of(servicer, clock, prepare=[prepare]), settings_of(STOP_SECONDS="0"))
    with capture_logs() as logs:
        await server.start()
    waiting = [line["cause"] for line in logs if line["event"] == "waiting for the store"]
    assert waiting == ["OSError: [Errno 113] no route"] * 2
    assert server.port
    await server.stop()


async def test_the_app_is_prepared_first(servicer: StubServicer, clock: FixedClock) -> None:
    """The server listens only after the app is prepared; if that fails, it never listens."""
    done: list[int] = []

    async def prepare() -> None:
        done.append(server.port)

    server = Server(app_of(servicer, clock, prepare=[prepare, prepare]), settings_of())
    await server.start()
    assert done == [0, 0]
    await server.stop()


async def test_a_stop_lets_a_running_call_finish(servicer: StubServicer, clock: FixedClock) -> None:
    """A running call gets its response, a new one does not, and everything is closed afterwards."""
    begun, go_on, order = asyncio.Event(), asyncio.Event(), []

    async def work(_: Any) -> None:
        begun.set()
        await go_on.wait()
        order.append("answered")

    async def close() -> None:
        order.append("closed")

    servicer.action = work
    app = app_of(servicer, clock, stoppers=[lambda: order.append("stopping")], closers=[close])
    server = Server(app, settings_of(STOP_SECONDS="5"))
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        call = asyncio.ensure_future(_answer(AuthStub(channel)))
        await begun.wait()
        stopping = asyncio.create_task(server.stop())
        await asyncio.sleep(0.02)
        assert not stopping.done()
        with pytest.raises(grpc.aio.AioRpcError):
            await _another(server.port)
        go_on.set()
        assert await asyncio.wait_for(call, 20) == keys_pb2.GetJwksResponse()
        await asyncio.wait_for(stopping, 20)
    assert order == ["stopping", "answered", "closed"]


async def test_a_stop_gives_callers_time_to_leave(
    servicer: StubServicer, clock: FixedClock
) -> None:
    """While it drains, it is not healthy but serves calls; then it accepts none."""
    server = Server(app_of(servicer, clock), settings_of(DRAIN_SECONDS="3", STOP_SECONDS="1"))
    await server.start()
    await becomes(server.port, SERVING)
    stopping = asyncio.create_task(server.stop())
    await becomes(server.port, NOT_SERVING)
    await _another(server.port)
    assert not stopping.done()
    await asyncio.wait_for(stopping, 20)
    with pytest.raises(grpc.aio.AioRpcError):
        await _another(server.port)


async def _answer(stub: Any) -> Any:
    return await stub.GetJwks(JWKS)


async def _another(port: int) -> None:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        await AuthStub(channel).GetJwks(JWKS, timeout=30)


async def test_a_stop_takes_bounded_time(servicer: StubServicer, clock: FixedClock) -> None:
    """A call that does not end is cancelled, and the caller gets an error."""

    async def work(_: Any) -> None:
        await asyncio.sleep(30)

    servicer.action = work
    server = Server(app_of(servicer, clock), settings_of(STOP_SECONDS="0.05"))
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
        call = asyncio.ensure_future(_answer(AuthStub(channel)))
        await asyncio.sleep(0.05)
        await asyncio.wait_for(server.stop(), 20)
        with pytest.raises(grpc.aio.AioRpcError):
            await call


async def test_a_background_task_that_dies_ends_the_process(
    servicer: StubServicer, clock: FixedClock
) -> None:
    """The server stops in order, and raises the task's error."""
    closed = []

    async def die() -> None:
        raise LookupError("why")

    async def end() -> None:
        await asyncio.sleep(0)

    async def close() -> None:
        closed.append(1)

    for task, error in ((die, LookupError), (end, RuntimeError)):
        server = Server(
            app_of(servicer, clock, tasks={"task": task}, closers=[close]),
            settings_of(STOP_SECONDS="0"),
        )
        await server.start()
        with pytest.raises(error):
            await asyncio.wait_for(server.run(asyncio.Event()), 20)
    assert closed == [1, 1]


async def test_it_runs_until_it_is_stopped(servicer: StubServicer, clock: FixedClock) -> None:
    """A requested stop is not an error."""
    stop = asyncio.Event()
    server = Server(app_of(servicer, clock), settings_of(STOP_SECONDS="0"))
    await server.start()
    running = asyncio.create_task(server.run(stop))
    await asyncio.sleep(0.02)
    assert not running.done()
    stop.set()
    await asyncio.wait_for(running, 20)


async def test_a_message_that_is_too_large(servicer: StubServicer, clock: FixedClock) -> None:
    """A message over the limit does not reach the method."""
    async with serving(servicer, clock) as service:
        large = logins_pb2.LoginRequest(email="x" * ((1 << 20) + 1))
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await service.stub(AuthStub).Login(large)
    assert error.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert servicer.calls == 0


def test_a_servicer_is_served_under_the_name_of_the_contract() -> None:
    """The generated base class determines which service it implements, and how it is added."""

    class Keys(keys_pb2_grpc.KeysServiceServicer):
        """Implements coditect.auth.v5.KeysService."""

    found = serve(keys := Keys())
    assert (found.full_name, found.implementation) == ("coditect.auth.v5.KeysService", keys)
    assert found.add is keys_pb2_grpc.add_KeysServiceServicer_to_server
