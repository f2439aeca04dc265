"""The sweeper removes expired rows in bounded pieces, and survives a failing store."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from kernel.errors import StorageUnavailable
from kernel.storage import Read, Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants import keys
from services.tenants import sweeper as sweeping
from services.tenants.settings import TenantsSettings
from tests.services.tenants.harness import TenantsHarness
from tests.support.clock import FixedClock
from tests.support.sweeping import sweep_settled


async def rows(store: Store) -> int:
    """The number of rows of tenants."""

    async def read(tx: Read) -> int:
        return len(await tx.get_range(*keys.TENANTS.range(), limit=1000))

    return await store.read(read)


async def test_one_sweep_removes_all_expired_rows(
    store: Store, harness: TenantsHarness, sweeper: Sweeper, clock: FixedClock
) -> None:
    """There are more expired tombstones than one transaction takes."""
    await asyncio.gather(*(harness.erasure.erase(uuid4()) for _ in range(150)))
    clock.advance(days=2)
    await harness.erasure.erase(uuid4())
    assert await rows(store) == 302
    await sweep_settled(sweeper, clock)
    assert await rows(store) == 2


class _Passing:
    """A store whose first two writes fail."""

    def __init__(self, store: Store) -> None:
        self.failures = 0
        self.answered = asyncio.Event()
        self._store = store

    async def write(self, fn: Any, *, essential: bool = False) -> Any:
        if self.failures < 2:
            self.failures += 1
            raise StorageUnavailable
        result = await self._store.write(fn, essential=essential)
        self.answered.set()
        return result


async def test_the_sweeper_survives_a_failing_store(
    store: Store, harness: TenantsHarness, clock: FixedClock, settings: TenantsSettings
) -> None:
    """It repeats a failed sweep in the next round."""
    await harness.erasure.erase(uuid4())
    clock.advance(days=2)
    passing: Any = _Passing(store)
    sweeper = sweeping.sweeper(passing, clock, settings.model_copy(update={"sweep_seconds": 0.001}))
    with pytest.raises(StorageUnavailable):
        await sweeper.sweep()
    passing.failures = 0
    clock.advance(hours=1)
    running = asyncio.create_task(sweeper.run())
    await passing.answered.wait()
    assert await rows(store) == 0
    assert passing.failures == 2
    assert not running.done()
    running.cancel()
