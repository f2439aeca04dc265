"""The sessions app, wired as in production."""

import asyncio

import pytest

from coditect.sessions.v5 import sessions_pb2 as pb
from coditect.sessions.v5.sessions_pb2_grpc import SessionsServiceStub
from kernel.errors import Kind, RevocationsStale, ServiceError
from kernel.storage import Store
from services.sessions.app import build
from services.sessions.settings import SessionsSettings
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import serve
from tests.support.tokens import somebody


async def test_trusts_no_token_without_auth(
    store: Store, clock: FixedClock, settings: SessionsSettings
) -> None:
    """If auth is silent for too long, the service trusts no token and is not ready."""
    app = build(settings, store, clock, FixedIds())
    async with serve("sessions", app, settings, clock, tasks=app.tasks) as service:
        method = service.stub(SessionsServiceStub).ListSessions
        request = pb.ListSessionsRequest()
        await service.call(method, request, user=somebody())
        for check in app.checks:
            await check()

        clock.advance(seconds=6)
        with pytest.raises(ServiceError) as error:
            await service.call(method, request, user=somebody())
        assert (error.value.kind, error.value.reason) == (Kind.UNAVAILABLE, "REVOCATIONS_STALE")
        trusting, *_ = app.checks
        with pytest.raises(RevocationsStale):
            await trusting()


async def test_background_tasks_keep_running(
    store: Store, clock: FixedClock, settings: SessionsSettings
) -> None:
    """While auth is unreachable, the feed keeps retrying and the sweeper keeps sweeping."""
    app = build(settings, store, clock, FixedIds())
    running = [asyncio.create_task(task()) for task in app.tasks.values()]
    done, _ = await asyncio.wait(running, timeout=0.3)
    assert not done
    for task in running:
        task.cancel()
    for close in app.closers:
        await close()
