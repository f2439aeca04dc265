"""Work queues: everything is done, by one process at a time, and again until it succeeds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from kernel.storage import Store, Subspace, Write
from kernel.storage.families import Value
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.work_queue import (
    AT_ONCE,
    FIRST_DELAY,
    LAST_DELAY,
    LEASE,
    Work,
    WorkQueue,
)
from tests.contract.store import rows_of
from tests.support.clock import START, FixedClock
from tests.support.store import WatchedStore

AGE = timedelta(days=2)
BRIEF = timedelta(milliseconds=50)


class Hands:
    """Does work, or not, as it is told.

    Attributes:
        begun: The payloads, in the order in which they were begun.
        done: Those that succeeded.
        most: So many were under way at the same time.
        failing: Those that fail.
        slow: Those that wait for `go_on`.
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
        """Does one thing."""
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
def fixed() -> FixedClock:
    """The clock of those who work."""
    return FixedClock()


@pytest.fixture
def hands() -> Hands:
    """Those who work."""
    return Hands()


async def put(queue: WorkQueue, store: Store, *payloads: bytes, now: datetime = START) -> None:
    """Puts work into a queue."""

    async def write(tx: Write) -> None:
        for payload in payloads:
            queue.put(tx, payload, now)

    await store.write(write)


async def due_times(queue: WorkQueue, store: Store) -> list[int]:
    """When the rows are due."""
    rows = await rows_of(store, *queue.rows.range())
    return [queue.rows.unpack(key)[0] for key, _ in rows]


async def work_off(queue: WorkQueue, store: Store, clock: FixedClock, work: Work) -> list[bool]:
    """Does what is due, one after the other; which of it succeeded."""
    found = []
    while claims := await queue.claim(store, clock.now(), 1):
        found.append(await queue.work_on(store, clock, claims[0], work))
    return found


async def until(condition: Callable[[], bool]) -> None:
    """Waits until something is so."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)


async def until_empty(queue: WorkQueue, store: Store) -> None:
    """Waits until nothing is left to do."""
    async with asyncio.timeout(5):
        while await due_times(queue, store):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(
    queue: WorkQueue, store: Store, clock: FixedClock, *works: Work
) -> AsyncIterator[None]:
    """Works as several processes do."""
    tasks = [asyncio.create_task(queue.run(store, clock, work)) for work in works]
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_work_of_a_transaction_that_fails_is_never_done(
    queue: WorkQueue, store: Store, fixed: FixedClock, hands: Hands
) -> None:
    """The row and its reason are written together or not at all."""

    async def write(tx: Write) -> None:
        queue.put(tx, b"never", START)
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(write)
    assert await work_off(queue, store, fixed, hands) == []


async def test_several_processes_do_everything_once(
    queue: WorkQueue, store: Store, fixed: FixedClock
) -> None:
    """What one has claimed no other takes, whether it was there before or comes while they work."""
    before, after = [b"a%d" % n for n in range(12)], [b"b%d" % n for n in range(12)]
    await put(queue, store, *before)
    replicas = [Hands() for _ in range(4)]
    async with running(queue, store, fixed, *replicas):
        for payload in after:
            await put(queue, store, payload)
        await until_empty(queue, store)
    begun = [payload for hands in replicas for payload in hands.begun]
    assert sorted(begun) == sorted(before + after)
    assert 1 <= max(hands.most for hands in replicas) <= AT_ONCE


async def test_work_that_waits_or_takes_long_holds_up_no_other(
    queue: WorkQueue, store: Store, fixed: FixedClock, hands: Hands
) -> None:
    """New work is begun at once."""
    hands.failing, hands.slow = {b"bad"}, {b"long"}
    await put(queue, store, b"bad", b"long")
    async with running(queue, store, fixed, hands):
        await until(lambda: len(hands.begun) == 2)
        await put(queue, store, b"new")
        await until(lambda: hands.done == [b"new"])
        hands.go_on.set()
        await until(lambda: hands.done == [b"new", b"long"])
    assert hands.begun.count(b"bad") == 1


async def test_failed_work_comes_again_later_and_later(
    queue: WorkQueue, store: Store, fixed: FixedClock, hands: Hands
) -> None:
    """After a minute, then two, and so on up to an hour; a bit more, lest all come at once."""
    hands.failing = {b"bad"}
    await put(queue, store, b"bad")
    for attempt in range(9):
        assert await work_off(queue, store, fixed, hands) == [False]
        (due,) = await due_times(queue, store)
        delay = min(FIRST_DELAY * 2**attempt, LAST_DELAY)
        late = timedelta(milliseconds=due - milliseconds(fixed.now()))
        assert delay - BRIEF <= late <= delay * 1.25
        fixed.advance(seconds=late.total_seconds() - 1)
        assert await work_off(queue, store, fixed, hands) == []
        fixed.advance(seconds=2)
    hands.failing.clear()
    assert await work_off(queue, store, fixed, hands) == [True]
    assert await due_times(queue, store) == []


async def test_the_success_of_one_hastens_no_other(
    queue: WorkQueue, store: Store, fixed: FixedClock, hands: Hands
) -> None:
    """Each waits for its own time."""
    hands.failing = {b"bad"}
    await put(queue, store, b"bad", b"a", b"b")
    assert sorted(await work_off(queue, store, fixed, hands)) == [False, True, True]
    assert hands.begun.count(b"bad") == 1


async def test_work_is_given_up(
    queue: WorkQueue, store: Store, fixed: FixedClock, hands: Hands
) -> None:
    """When it would come again after its age, and somebody is told."""
    hands.failing = {b"bad"}
    await put(queue, store, b"bad")
    fixed.advance(seconds=AGE.total_seconds() - 1)
    with capture_logs() as logs:
        assert await work_off(queue, store, fixed, hands) == [False]
    assert [line["event"] for line in logs] == ["work given up"]
    assert await due_times(queue, store) == []


async def test_the_work_of_a_process_that_died(
    queue: WorkQueue, store: Store, fixed: FixedClock, hands: Hands
) -> None:
    """Somebody else does it when the claim has run out, not before; the first comes too late."""
    await put(queue, store, b"a")
    (lost,) = await queue.claim(store, fixed.now(), 9)
    fixed.advance(seconds=LEASE.total_seconds() - 1)
    assert await queue.claim(store, fixed.now(), 9) == []
    fixed.advance(seconds=2)
    (claim,) = await queue.claim(store, fixed.now(), 9)
    assert (claim.item.payload, claim.item.attempts) == (b"a", 2)
    for succeeds in (True, False):
        hands.failing = set() if succeeds else {b"a"}
        assert await queue.work_on(store, fixed, lost, hands) is succeeds
        assert await rows_of(store, *queue.rows.range()) == [
            (claim.key, claim.item.SerializeToString())
        ]
    hands.failing.clear()
    assert await queue.work_on(store, fixed, claim, hands)
    assert await due_times(queue, store) == []


async def test_work_that_was_cut_off_is_done_again(
    queue: WorkQueue, store: Store, fixed: FixedClock, hands: Hands
) -> None:
    """A process that stops in the middle leaves the row to whoever comes next."""
    hands.slow = {b"a"}
    await put(queue, store, b"a")
    async with running(queue, store, fixed, hands):
        await until(lambda: hands.begun == [b"a"])
    assert await due_times(queue, store) == [milliseconds(START + LEASE)]


async def test_running_wakes_when_work_is_due(
    queue: WorkQueue, store: Store, fixed: FixedClock, hands: Hands
) -> None:
    """Nobody need put anything for that."""
    await put(queue, store, b"a", now=START + BRIEF)
    async with running(queue, store, fixed, hands):
        await asyncio.sleep(0.01)
        assert hands.begun == []
        fixed.advance(milliseconds=50)
        await until(lambda: hands.done == [b"a"])


async def test_running_rests_while_nothing_is_due(
    queue: WorkQueue, store: Store, fixed: FixedClock, hands: Hands
) -> None:
    """It neither writes nor looks again and again."""
    await put(queue, store, b"later", now=START + AGE)
    watched = WatchedStore(store)
    async with running(queue, watched, fixed, hands):
        await asyncio.sleep(0.3)
    assert (watched.writes, watched.reads, hands.begun) == (0, 1, [])


async def test_what_was_done_is_not_done_again_when_the_store_is_away(
    queue: WorkQueue, store: Store, fixed: FixedClock, hands: Hands
) -> None:
    """The row is removed when the store is back."""
    await put(queue, store, b"a")
    watched = WatchedStore(store)
    watched.failures = 1
    async with running(queue, watched, fixed, hands):
        await until(lambda: hands.begun == [b"a"])
        watched.failures = 2
        await until_empty(queue, store)
    assert hands.done == [b"a"]


async def test_damaged_work_stops_no_other(
    queue: WorkQueue, store: Store, fixed: FixedClock, hands: Hands
) -> None:
    """It is dropped, and somebody is told."""
    await put(queue, store, b"a", now=START - BRIEF)
    ((key, _),) = await rows_of(store, *queue.rows.range())

    async def damage(tx: Write) -> None:
        tx.set(key, b"\xff")

    await store.write(damage)
    await put(queue, store, b"b")
    with capture_logs() as logs:
        async with running(queue, store, fixed, hands):
            await until_empty(queue, store)
    assert hands.done == [b"b"]
    assert [line["event"] for line in logs] == ["work unreadable"]


async def test_work_that_nobody_takes_is_swept(
    queue: WorkQueue, store: Store, fixed: FixedClock
) -> None:
    """When it is too old to be done, and so many at a time."""
    await put(queue, store, b"a", b"b", b"c")
    await put(queue, store, b"young", now=START + BRIEF)
    now = START + AGE - BRIEF
    assert await store.write(lambda tx: queue.sweep(tx, now, 2)) == 0
    fixed.advance(days=2)
    for swept in (2, 1, 0):
        assert await store.write(lambda tx: queue.sweep(tx, fixed.now(), 2)) == swept
    assert await due_times(queue, store) == [milliseconds(START + BRIEF)]
