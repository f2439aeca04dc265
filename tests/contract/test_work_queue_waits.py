"""Work queues: how long a worker waits, for work and for a store that fails."""

import asyncio
from datetime import timedelta

import pytest

from kernel.errors import ServiceError, StorageConflict, StorageUnavailable
from kernel.storage import Store, Subspace
from kernel.storage.families import Value
from kernel.storage.recipes.expiry import milliseconds
from kernel.storage.recipes.work_queue import (
    FIRST_DELAY,
    LEASE,
    Timing,
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
)
from tests.support.clock import START, FixedClock
from tests.support.store import WatchedStore


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
    assert not await asyncio.wait_for(quick.work_on(store, fixed, claim, worker), 30)
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
