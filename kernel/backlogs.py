"""Measures what waits in the queues of a process.

Each replica measures the same rows, in the rhythm of its sweeper; rules take the maximum. A row of
an outbox does not say when it was put, so its age is the time for which this process has seen it as
the oldest: a process that starts begins at 0 again.
"""

import asyncio
from contextlib import suppress
from typing import NamedTuple

from kernel.clock import Clock
from kernel.errors import StorageConflict, StorageUnavailable
from kernel.storage import Backlog, Store
from kernel.telemetry import Telemetry


class _Oldest(NamedTuple):
    """The oldest row of an outbox, and when this process first saw it as that: monotonic seconds."""

    key: bytes
    since: float


class Backlogs:
    """Measures the queues that `Telemetry.delivering` was told of.

    Args:
        telemetry: Knows the queues, and shows what is measured.
        store: Where the queues are.
        clock: Tells ages.
        seconds: Time between two measurements.
    """

    def __init__(self, telemetry: Telemetry, store: Store, clock: Clock, seconds: float) -> None:
        self._telemetry = telemetry
        self._store = store
        self._clock = clock
        self._seconds = seconds
        self._oldest: dict[str, _Oldest] = {}

    async def run(self) -> None:
        """Measures forever. What cannot be read keeps its last value: the store has an alert of its own."""
        while True:
            with suppress(StorageUnavailable, StorageConflict):
                await self.measure()
            await asyncio.sleep(self._seconds)

    async def measure(self) -> None:
        """Measures each queue once. Raises `StorageUnavailable`."""
        for name, queue in self._telemetry.queues.items():
            found = await queue.backlog(self._store)
            self._telemetry.queue_depth.labels(name).set(found.depth)
            self._telemetry.queue_age.labels(name).set(self._age(name, found))

    def _age(self, name: str, found: Backlog) -> float:
        """How long the oldest row has waited, in seconds."""
        if found.put_time is not None:
            return max(0.0, (self._clock.now() - found.put_time).total_seconds())
        if found.first is None:
            return 0.0
        now = self._clock.monotonic()
        seen = self._oldest.get(name)
        if seen is None or seen.key != found.first:
            seen = self._oldest[name] = _Oldest(found.first, now)
        return now - seen.since
