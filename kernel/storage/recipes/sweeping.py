"""Removes expired rows, in small transactions that do not block other work.

Readers ignore expired rows anyway; a sweep only frees their space.
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
"""The maximum rows of one kind to remove in one transaction."""

Batch: TypeAlias = Callable[[Write, datetime], Awaitable[int]]

_logger = log.get(__name__)


class Sweeper:
    """Sweeps one context periodically.

    Args:
        store: The store to sweep.
        clock: Tells what has expired.
        seconds: Time between two sweeps.
        batch: Removes at most `BATCH` rows of each kind that have expired by the given time,
            and returns the largest number removed of one kind.
    """

    def __init__(self, store: Store, clock: Clock, seconds: float, batch: Batch) -> None:
        self._store = store
        self._clock = clock
        self._seconds = seconds
        self._batch = batch

    async def run(self) -> None:
        """Sweeps forever; a failed sweep is retried in the next round."""
        while True:
            try:
                await self.sweep()
            except ServiceError as error:
                _logger.warning("sweep failed", reason=error.reason)
            await asyncio.sleep(self._seconds)

    async def sweep(self) -> None:
        """Removes everything that has expired by now."""
        now = self._clock.now()
        while await self._sweep_once(now) >= BATCH:
            pass

    async def _sweep_once(self, now: datetime) -> int:
        return await self._store.write(lambda tx: self._sweep_batch(tx, now), essential=True)

    async def _sweep_batch(self, tx: Write, now: datetime) -> int:
        return await self._batch(tx, now)
