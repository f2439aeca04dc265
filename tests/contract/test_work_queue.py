"""Work queues: each item is done by one process at a time, and retried until it succeeds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from kernel.errors import ServiceError, StorageConflict, StorageUnavailable
from kernel.storage import Store, Subspace, Write
from kernel.storage.families import Value
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.work_queue import (
    AT_ONCE,
    FIRST_DELAY,
    LAST_DELAY,
    LEASE,
    Timing,
    Work,
    WorkQueue,
)
from tests.contract.store import rows_of
from tests.support.clock import START, FixedClock
from tests.support.store import WatchedStore

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


@pytest.fixture
def queue(space: Subspace) -> WorkQueue:
    """A queue that no other test uses."""
    return WorkQueue(space, Value("a number", 10), AGE)


@pytest.fixture
def quick(space: Subspace) -> WorkQueue:
    """A queue that waits only for moments."""
    return WorkQueue(space, Value("a number", 10), AGE, Timing(work=0.1, poll=0.05, retry=0.01))


@pytest.fixture
def fixed() -> FixedClock:
    """The workers' clock."""
    return FixedClock()


@pytest.fixture
def worker() -> StubWorker:
    """A worker."""
    return StubWorker()


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
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)


async def until_empty(queue: WorkQueue, store: Store) -> None:
    """Waits until the queue is empty."""
    async with asyncio.timeout(5):
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


async def test_work_of_a_transaction_that_fails_is_never_done(
    queue: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """The row and its reason are written together or not at all."""

    async def write(tx: Write) -> None:
        queue.put(tx, b"never", START)
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(write)
    assert await work_off(queue, store, fixed, worker) == []


async def test_several_processes_do_everything_once(
    queue: WorkQueue, store: Store, fixed: FixedClock
) -> None:
    """No worker takes an item that another has claimed, whether queued before or during the work."""
    before, after = [b"a%d" % n for n in range(12)], [b"b%d" % n for n in range(12)]
    await put(queue, store, *before)
    replicas = [StubWorker() for _ in range(4)]
    async with running(queue, store, fixed, *replicas):
        for payload in after:
            await put(queue, store, payload)
        await until_empty(queue, store)
    begun = [payload for worker in replicas for payload in worker.begun]
    assert sorted(begun) == sorted(before + after)
    assert 1 <= max(worker.most for worker in replicas) <= AT_ONCE


async def test_failing_or_long_work_does_not_block_other_work(
    queue: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """New work starts at once, although other work fails or takes long."""
    worker.failing, worker.slow = {b"bad"}, {b"long"}
    await put(queue, store, b"bad", b"long")
    async with running(queue, store, fixed, worker):
        await until(lambda: len(worker.begun) == 2)
        await put(queue, store, b"new")
        await until(lambda: worker.done == [b"new"])
        worker.go_on.set()
        await until(lambda: worker.done == [b"new", b"long"])
    assert worker.begun.count(b"bad") == 1


async def test_failed_work_is_retried_with_growing_delays(
    queue: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """Retries follow after one minute, then two, up to an hour, with jitter."""
    worker.failing = {b"bad"}
    await put(queue, store, b"bad")
    for attempt in range(9):
        assert await work_off(queue, store, fixed, worker) == [False]
        (due,) = await due_times(queue, store)
        delay = min(FIRST_DELAY * 2**attempt, LAST_DELAY)
        late = timedelta(milliseconds=due - milliseconds(fixed.now()))
        assert delay - BRIEF <= late <= delay * 1.25
        fixed.advance(seconds=late.total_seconds() - 1)
        assert await work_off(queue, store, fixed, worker) == []
        fixed.advance(seconds=2)
    worker.failing.clear()
    assert await work_off(queue, store, fixed, worker) == [True]
    assert await due_times(queue, store) == []


async def test_a_success_does_not_hasten_other_work(
    queue: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """A success does not make other items due earlier."""
    worker.failing = {b"bad"}
    await put(queue, store, b"bad", b"a", b"b")
    assert sorted(await work_off(queue, store, fixed, worker)) == [False, True, True]
    assert worker.begun.count(b"bad") == 1


async def test_work_is_given_up(
    queue: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """Work is dropped and logged when its next retry would exceed the maximum age."""
    worker.failing = {b"bad"}
    await put(queue, store, b"bad")
    fixed.advance(seconds=AGE.total_seconds() - 1)
    with capture_logs() as logs:
        assert await work_off(queue, store, fixed, worker) == [False]
    assert [line["event"] for line in logs] == ["work given up"]
    assert await due_times(queue, store) == []


async def test_the_work_of_a_process_that_died(
    queue: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """Another process does it after the claim has expired, not before; the first one's result is ignored."""
    await put(queue, store, b"a")
    (lost,) = await queue.claim(store, fixed.now(), 9)
    fixed.advance(seconds=LEASE.total_seconds() - 1)
    assert await queue.claim(store, fixed.now(), 9) == []
    fixed.advance(seconds=2)
    (claim,) = await queue.claim(store, fixed.now(), 9)
    assert (claim.item.payload, claim.item.attempts) == (b"a", 2)
    for succeeds in (True, False):
        worker.failing = set() if succeeds else {b"a"}
        assert await queue.work_on(store, fixed, lost, worker) is succeeds
        assert await rows_of(store, *queue.rows.range()) == [
            (claim.key, claim.item.SerializeToString())
        ]
    worker.failing.clear()
    assert await queue.work_on(store, fixed, claim, worker)
    assert await due_times(queue, store) == []


async def test_interrupted_work_is_done_again(
    queue: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """A process that stops in the middle leaves the row for the next one."""
    worker.slow = {b"a"}
    await put(queue, store, b"a")
    async with running(queue, store, fixed, worker):
        await until(lambda: worker.begun == [b"a"])
    assert await due_times(queue, store) == [milliseconds(START + LEASE)]


async def test_running_wakes_when_work_is_due(
    queue: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """Running workers wake up when work becomes due, without new work."""
    await put(queue, store, b"a", now=START + BRIEF)
    async with running(queue, store, fixed, worker):
        await asyncio.sleep(0.01)
        assert worker.begun == []
        fixed.advance(milliseconds=50)
        await until(lambda: worker.done == [b"a"])


async def test_running_does_not_poll_while_nothing_is_due(
    queue: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """Idle workers neither write nor poll."""
    await put(queue, store, b"later", now=START + AGE)
    watched = WatchedStore(store)
    async with running(queue, watched, fixed, worker):
        await asyncio.sleep(0.3)
    assert (watched.writes, watched.reads, worker.begun) == (0, 1, [])


async def test_finished_work_is_not_repeated_after_an_outage(
    queue: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """The row is removed when the store is available again."""
    await put(queue, store, b"a")
    watched = WatchedStore(store)
    watched.failures = 1
    async with running(queue, watched, fixed, worker):
        await until(lambda: worker.begun == [b"a"])
        watched.failures = 2
        await until_empty(queue, store)
    assert worker.done == [b"a"]


@pytest.mark.parametrize("error", [StorageUnavailable, StorageConflict])
async def test_an_error_of_the_store_stops_no_worker(
    quick: WorkQueue,
    store: Store,
    fixed: FixedClock,
    worker: StubWorker,
    error: type[ServiceError],
) -> None:
    """A worker goes on after an error while it looks for work or claims it."""
    await put(quick, store, b"a")
    watched = WatchedStore(store)
    watched.failures, watched.error = 3, error
    async with running(quick, watched, fixed, worker):
        await until(lambda: worker.done == [b"a"])
        await until_empty(quick, store)


@pytest.mark.parametrize("error", [StorageUnavailable, StorageConflict])
@pytest.mark.parametrize("succeeds", [True, False])
async def test_an_error_of_the_store_repeats_no_work(
    quick: WorkQueue,
    store: Store,
    fixed: FixedClock,
    worker: StubWorker,
    error: type[ServiceError],
    succeeds: bool,
) -> None:
    """A worker tries to end its claim until the store takes that."""
    worker.failing = set() if succeeds else {b"a"}
    await put(quick, store, b"a")
    (claim,) = await quick.claim(store, fixed.now(), 1)
    watched = WatchedStore(store)
    watched.failures, watched.error = 3, error
    assert await quick.work_on(watched, fixed, claim, worker) is succeeds
    assert watched.failures == 0
    assert worker.begun == [b"a"]
    assert len(await due_times(quick, store)) == (0 if succeeds else 1)
    assert await rows_of(store, claim.key, claim.key + b"\x00") == []


async def test_an_unavailable_store_is_not_asked_in_a_tight_loop(
    space: Subspace, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """Between two attempts a worker waits for the retry time."""
    patient = WorkQueue(space, Value("a number", 10), AGE, Timing(retry=0.1))
    watched = WatchedStore(store)
    watched.failures = 1000
    async with running(patient, watched, fixed, worker):
        await asyncio.sleep(0.35)
    assert 1 <= 1000 - watched.failures <= 4


async def test_work_that_takes_too_long_is_cut_off(
    quick: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """Work that exceeds its time is cancelled, has failed, and is retried like other failed work."""
    worker.slow = {b"slow"}
    await put(quick, store, b"slow")
    (claim,) = await quick.claim(store, fixed.now(), 1)
    assert not await asyncio.wait_for(quick.work_on(store, fixed, claim, worker), 5)
    assert (worker.done, worker._now) == ([], 0)
    (due,) = await due_times(quick, store)
    assert START + timedelta(milliseconds=due - milliseconds(START)) >= START + FIRST_DELAY - BRIEF


def test_work_ends_before_its_lease() -> None:
    """By default work is cut off while its lease still has half of its time, for clocks differ."""
    assert timedelta(seconds=Timing().work) <= LEASE / 2


async def test_a_clock_that_was_set_is_noticed(
    quick: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """Work that is due in a day is done soon after the clock was set a day ahead."""
    await put(quick, store, b"a", now=START + timedelta(days=1))
    async with running(quick, store, fixed, worker):
        await asyncio.sleep(0.02)
        assert worker.begun == []
        fixed.advance(days=1)
        await until(lambda: worker.done == [b"a"])


async def test_an_empty_queue_is_not_polled(
    queue: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """Workers without any work read once, and then wait for a put."""
    watched = WatchedStore(store)
    async with running(queue, watched, fixed, worker):
        await asyncio.sleep(0.3)
        assert (watched.writes, watched.reads) == (0, 1)
        await put(queue, store, b"a")
        await until(lambda: worker.done == [b"a"])


async def test_a_worker_waits_until_the_next_work_is_due(
    queue: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """It looks again when that time has passed, not earlier."""
    await put(queue, store, b"a", now=START + timedelta(milliseconds=300))
    watched = WatchedStore(store)
    async with running(queue, watched, fixed, worker):
        await asyncio.sleep(0.15)
        assert (watched.writes, watched.reads) == (0, 1)
        fixed.advance(milliseconds=300)
        await until(lambda: worker.done == [b"a"])


async def test_damaged_work_does_not_block_other_work(
    queue: WorkQueue, store: Store, fixed: FixedClock, worker: StubWorker
) -> None:
    """Damaged work is dropped and logged."""
    await put(queue, store, b"a", now=START - BRIEF)
    ((key, _),) = await rows_of(store, *queue.rows.range())

    async def damage(tx: Write) -> None:
        tx.set(key, b"\xff")

    await store.write(damage)
    await put(queue, store, b"b")
    with capture_logs() as logs:
        async with running(queue, store, fixed, worker):
            await until_empty(queue, store)
    assert worker.done == [b"b"]
    assert [line["event"] for line in logs] == ["work unreadable"]


async def test_expired_work_is_swept(queue: WorkQueue, store: Store, fixed: FixedClock) -> None:
    """Work over its maximum age is removed, in bounded batches."""
    await put(queue, store, b"a", b"b", b"c")
    await put(queue, store, b"young", now=START + BRIEF)
    now = START + AGE - BRIEF
    assert await store.write(lambda tx: queue.sweep(tx, now, 2)) == 0
    fixed.advance(days=2)
    for swept in (2, 1, 0):
        assert await store.write(lambda tx: queue.sweep(tx, fixed.now(), 2)) == swept
    assert await due_times(queue, store) == [milliseconds(START + BRIEF)]
