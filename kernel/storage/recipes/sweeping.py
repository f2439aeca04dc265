"""Removes expired rows, in small transactions that do not block other work.

Readers ignore expired rows anyway; a sweep only frees their space. A row whose early loss would let
something in, such as a revocation, goes by the `SettledTime`, which no jump of a clock deceives.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias

from kernel import log
from kernel.clock import Clock
from kernel.errors import ServiceError
from kernel.settled_time import SettledTime
from kernel.storage.port import Store, Write

BATCH = 100
"""The maximum rows of one kind to remove in one transaction."""

Batch: TypeAlias = Callable[[Write, datetime, datetime], Awaitable[int]]

_logger = log.get(__name__)


class Sweeper:
    """Sweeps one context periodically.

    Args:
        store: The store to sweep.
        clock: Tells what has expired.
        seconds: Time between two sweeps.
        batch: Removes at most `BATCH` rows of each kind that have expired by the current time or,
            where an early loss would do harm, by the settled time. It gets both, and returns the
            largest number removed of one kind.
    """

    def __init__(self, store: Store, clock: Clock, seconds: float, batch: Batch) -> None:
        self._store = store
        self._clock = clock
        self._settled = SettledTime(clock)
        self._seconds = seconds
        self._batch = batch
        self._swept = clock.monotonic()

    def age(self) -> float:
        """Seconds since a sweep last removed all that had expired, or since the start."""
        return self._clock.monotonic() - self._swept

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
        now, settled = self._clock.now(), self._settled.read()
        while await self._sweep_once(now, settled) >= BATCH:
            pass
        self._swept = self._clock.monotonic()

    async def _sweep_once(self, now: datetime, settled: datetime) -> int:
        return await self._store.write(
            lambda tx: self._sweep_batch(tx, now, settled), essential=True
        )

    async def _sweep_batch(self, tx: Write, now: datetime, settled: datetime) -> int:
        return await self._batch(tx, now, settled)
