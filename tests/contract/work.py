"""A stand-in for a worker, and helpers to use work queues."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from kernel.storage import Store, Write
from kernel.storage.recipes.work_queue import (
    Work,
    WorkQueue,
)
from tests.contract.store import rows_of
from tests.support.clock import START, FixedClock

AGE = timedelta(days=2)
BRIEF = timedelta(milliseconds=50)


class StubWorker:
    """A worker that succeeds, fails or waits as the test decides.

    Attributes:
        begun: The payloads in the order in which they were started.
        done: The payloads that succeeded.
        most: The maximum number that ran at the same time.
        failing: The payloads that fail.
        slow: The payloads that wait for `go_on`.
    """

    def __init__(self) -> None:
        self.begun: list[bytes] = []
        self.done: list[bytes] = []
        self.most = 0
        self.failing: set[bytes] = set()
        self.slow: set[bytes] = set()
        self.go_on = asyncio.Event()
        self._now = 0

    async def __call__(self, payload: bytes) -> None:
        """Handles one payload."""
        self.begun.append(payload)
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            await (self.go_on.wait() if payload in self.slow else asyncio.sleep(0.01))
        finally:
            self._now -= 1
        if payload in self.failing:
            raise ConnectionError
        self.done.append(payload)


async def put(queue: WorkQueue, store: Store, *payloads: bytes, now: datetime = START) -> None:
    """Queues work."""

    async def write(tx: Write) -> None:
        for payload in payloads:
            queue.put(tx, payload, now)

    await store.write(write)


async def due_times(queue: WorkQueue, store: Store) -> list[int]:
    """The times at which the rows are due."""
    rows = await rows_of(store, *queue.rows.range())
    return [queue.rows.unpack(key)[0] for key, _ in rows]


async def work_off(queue: WorkQueue, store: Store, clock: FixedClock, work: Work) -> list[bool]:
    """Does the due work sequentially; returns for each item whether it succeeded."""
    found = []
    while claims := await queue.claim(store, clock.now(), 1):
        found.append(await queue.work_on(store, clock, claims[0], work))
    return found


async def until(condition: Callable[[], bool]) -> None:
    """Waits until a condition is true."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)


async def until_empty(queue: WorkQueue, store: Store) -> None:
    """Waits until the queue is empty."""
    async with asyncio.timeout(30):
        while await due_times(queue, store):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(
    queue: WorkQueue, store: Store, clock: FixedClock, *works: Work
) -> AsyncIterator[None]:
    """Runs several workers, like several processes."""
    tasks = [asyncio.create_task(queue.run(store, clock, work)) for work in works]
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
