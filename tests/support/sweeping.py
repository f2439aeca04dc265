"""Sweeps of what is kept until no clock can be wrong about it any more."""

from kernel.storage.recipes.sweeping import Sweeper
from tests.support.clock import FixedClock


async def sweep_settled(sweeper: Sweeper, clock: FixedClock) -> None:
    """Removes what has expired by now even by the settled time, and lets an hour pass for it."""
    await sweeper.sweep()
    clock.advance(hours=1)
    await sweeper.sweep()
