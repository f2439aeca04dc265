"""Work queues: each item is done by one process at a time, and retried until it succeeds."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from kernel.storage import Backlog, Store, Write
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.work_queue import (
    AT_ONCE,
    FIRST_DELAY,
    LAST_DELAY,
    LEASE,
    WorkQueue,
)
from tests.contract.store import rows_of
from tests.contract.work import (
    AGE,
    BRIEF,
    StubWorker,
    due_times,
    put,
    running,
    until,
    until_empty,
    work_off,
)
from tests.support.clock import START, FixedClock
from tests.support.store import WatchedStore


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


async def test_a_backlog_is_what_waits(queue: WorkQueue, store: Store) -> None:
    """It has the number of items and when the oldest was put, also while that waits for a retry."""
    assert await queue.backlog(store) == Backlog(0)
    later = START + timedelta(minutes=1)
    await put(queue, store, b"old")
    await put(queue, store, b"new", now=later)
    assert await queue.backlog(store) == Backlog(2, put_time=START)
    await queue.claim(store, START, 1)  # the lease makes it due after the other one
    assert await queue.backlog(store) == Backlog(2, put_time=START)
