"""Removes what has expired, in small transactions, so that it is in nobody's way.

Nobody sees what has expired even before that; a sweep only gives back the room.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias

from kernel import log
from kernel.clock import Clock
from kernel.errors import ServiceError
from kernel.storage.port import Store, Write

BATCH = 100
"""The most things of one kind to remove in one transaction."""

Batch: TypeAlias = Callable[[Write, datetime], Awaitable[int]]

_logger = log.get(__name__)


class Sweeper:
    """Sweeps one context again and again.

    Args:
        store: What is swept.
        clock: Tells what has expired.
        seconds: Time between two rounds.
        batch: Removes at most `BATCH` things of each kind that have expired by the time given,
            and gives the number of the kind with the most.
    """

    def __init__(self, store: Store, clock: Clock, seconds: float, batch: Batch) -> None:
        self._store = store
        self._clock = clock
        self._seconds = seconds
        self._batch = batch

    async def run(self) -> None:
        """Sweeps for ever; what fails is tried again in the next round."""
        while True:
            try:
                await self.sweep()
            except ServiceError as error:
                _logger.warning("sweep failed", reason=error.reason)
            await asyncio.sleep(self._seconds)

    async def sweep(self) -> None:
        """Removes all that has expired by now."""
        now = self._clock.now()
        while await self._store.write(lambda tx: self._one(tx, now)) >= BATCH:
            pass

    async def _one(self, tx: Write, now: datetime) -> int:
        return await self._batch(tx, now)
