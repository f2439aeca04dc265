"""Sweeps: how long ago the last one succeeded."""

from datetime import datetime

import pytest

from kernel.errors import StorageUnavailable
from kernel.storage import Store, Write
from kernel.storage.recipes.sweeping import BATCH, Sweeper
from kernel.telemetry import Telemetry
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore


async def test_the_age_of_a_sweep_is_shown(store: Store) -> None:
    """It grows from the start, also while sweeps fail, and begins anew after one that removed all."""
    clock, watched, left = FixedClock(), WatchedStore(store), [BATCH, 3]

    async def batch(_: Write, __: datetime, ___: datetime) -> int:
        clock.advance(seconds=1)
        return left.pop(0)

    sweeper, telemetry = Sweeper(watched, clock, 10, batch), Telemetry()
    telemetry.sweeping(sweeper)

    def shown() -> float | None:
        return telemetry.registry.get_sample_value("coditect_sweep_age_seconds")

    clock.advance(seconds=60)
    watched.failures = 1
    with pytest.raises(StorageUnavailable):
        await sweeper.sweep()
    assert shown() == 60
    await sweeper.sweep()
    clock.advance(seconds=5)
    assert (shown(), left) == (5, [])
