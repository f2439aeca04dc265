"""Tenants, wired as in production."""

import asyncio

import pytest

from coditect.tenants.v5 import tenants_pb2
from kernel.errors import Kind, RevocationsStale, ServiceError
from kernel.storage import Store
from services.tenants.app import build
from services.tenants.settings import TenantsSettings
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import serve
from tests.support.stubs import TenantsStub
from tests.support.tokens import somebody


async def test_without_auth_the_service_trusts_no_token(
    store: Store, clock: FixedClock, settings: TenantsSettings
) -> None:
    """If auth is silent for six seconds, calls are refused and the service is not ready."""
    app = build(settings, store, clock, FixedIds())
    async with serve("tenants", app, settings, clock, tasks=app.tasks) as service:
        method = service.stub(TenantsStub).ListTenants
        request = tenants_pb2.ListTenantsRequest()
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


async def test_background_tasks_keep_running_without_auth(
    store: Store, clock: FixedClock, settings: TenantsSettings
) -> None:
    """None of the tasks ends while auth is unreachable."""
    app = build(settings, store, clock, FixedIds())
    running = [asyncio.create_task(task()) for task in app.tasks.values()]
    done, _ = await asyncio.wait(running, timeout=0.3)
    assert not done
    for task in running:
        task.cancel()
    for close in app.closers:
        await close()
