"""What follows from a deleted organization: its rows are removed, and auth is told."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from kernel.errors import StorageConflict
from kernel.identity.callers import Caller
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.app import build
from services.tenants.organizations import repository
from tests.services.tenants.fakes import FakeServices
from tests.services.tenants.harness import TenantsHarness, call, make_settings
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import Service, serve
from tests.support.store import rows_between


@pytest.fixture
async def delivering(
    store: Store, clock: FixedClock, fakes: FakeServices
) -> AsyncIterator[Service]:
    """The running service, with the task that tells auth."""
    settings = make_settings(AUTH_ADDRESS=fakes.address, SESSIONS_ADDRESS=fakes.address)
    app = build(settings, store, clock, FixedIds())
    tasks = {"deliver_tenant_erasures": app.tasks["deliver_tenant_erasures"]}
    async with serve("tenants", app, settings, clock, tasks=tasks) as service:
        yield service


async def notices(store: Store) -> list[UUID]:
    """The organizations of which auth has yet to be told."""
    rows = await rows_between(store, *repository.TENANT_ERASURES.rows.range())
    return [repository.parse_erasure(value) for _, value in rows]


async def test_auth_is_told_once_all_rows_are_removed(
    store: Store, harness: TenantsHarness, sweeper: Sweeper, ada: Caller, acme: UUID
) -> None:
    """In the transaction that removes the last ones; another organization is no part of it."""
    await harness.found(ada, "Other")
    await harness.organizations.delete(call(ada, acme))
    assert await notices(store) == []
    for _ in range(2):
        await sweeper.sweep()
        assert await notices(store) == [acme]


async def test_an_organization_without_members_is_one(
    store: Store, harness: TenantsHarness, sweeper: Sweeper, ada: Caller, acme: UUID
) -> None:
    """The account of its only member was deleted."""
    await harness.erasure.erase(ada.user_id)
    await sweeper.sweep()
    assert await notices(store) == [acme]


@pytest.mark.usefixtures("delivering")
async def test_auth_learns_of_it_although_it_was_down(
    store: Store,
    harness: TenantsHarness,
    sweeper: Sweeper,
    ada: Caller,
    acme: UUID,
    fakes: FakeServices,
) -> None:
    """The notice waits until auth confirms it."""
    fakes.fails = StorageConflict()
    await harness.organizations.delete(call(ada, acme))
    await sweeper.sweep()
    await asyncio.sleep(0.1)
    assert (await notices(store), fakes.erased) == ([acme], [])
    fakes.fails = None

    async def is_told() -> bool:
        return fakes.erased != [] and await notices(store) == []

    async with asyncio.timeout(30):
        while not await is_told():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
    assert set(fakes.erased) == {acme}
