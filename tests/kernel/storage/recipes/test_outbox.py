"""The outbox: messages that are delivered after a commit."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from kernel.errors import ServiceError, StorageConflict, StorageUnavailable
from kernel.storage import Store, Subspace, Write
from kernel.storage.families import Value
from kernel.storage.recipes.outbox import FIRST_DELAY, LAST_DELAY, ROWS_AT_ONCE, Outbox
from tests.contract.store import rows_of
from tests.support.eventually import eventually
from tests.support.store import WatchedStore

SPACE = Subspace(("test", "outbox"))
OUTBOX = Outbox(SPACE, Value("a number", 10))


class Receiver:
    """Accepts payloads, except the given ones."""

    def __init__(self, *refused: bytes) -> None:
        self.refused = set(refused)
        self.taken: list[bytes] = []
        self.tried = 0

    async def __call__(self, payload: bytes) -> None:
        """Accepts or refuses one payload."""
        self.tried += 1
        await asyncio.sleep(0)
        if payload in self.refused:
            raise ConnectionError
        self.taken.append(payload)


async def _put(store: Store, *payloads: bytes) -> None:
    async def write(tx: Write) -> None:
        for payload in payloads:
            OUTBOX.put(tx, payload)

    await store.write(write)


async def _left(store: Store) -> list[bytes]:
    return [value for _, value in await rows_of(store, *SPACE.range(("row",)))]


@asynccontextmanager
async def _running(
    store: Store, deliver: Callable[[bytes], Awaitable[None]]
) -> AsyncIterator[None]:
    task = asyncio.create_task(OUTBOX.run(store, deliver))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_rows_are_delivered_in_order_and_removed(store: Store) -> None:
    """Existing rows are delivered once, in commit order, over several reads."""
    expected = [b"%d" % number for number in range(ROWS_AT_ONCE + 10)]
    for start in range(0, len(expected), 55):
        await _put(store, *expected[start : start + 55])
    receiver = Receiver()
    assert await OUTBOX.drain(store, receiver) == (len(expected), 0)
    assert receiver.taken == expected
    assert await _left(store) == []
    assert await OUTBOX.drain(store, receiver) == (0, 0)


async def test_a_row_of_a_failed_transaction_is_never_delivered(store: Store) -> None:
    """The row and its reason are written together or not at all."""

    async def write(tx: Write) -> None:
        OUTBOX.put(tx, b"never")
        raise LookupError

    with pytest.raises(LookupError):
        await store.write(write)
    assert await OUTBOX.drain(store, Receiver()) == (0, 0)


async def test_a_failing_row_stays_and_does_not_block_others(store: Store) -> None:
    """Rows behind a failing one are delivered, and the failing one is retried the next time."""
    await _put(store, b"a", b"poison", b"b")
    receiver = Receiver(b"poison")
    assert await OUTBOX.drain(store, receiver) == (2, 1)
    assert receiver.taken == [b"a", b"b"]
    assert await _left(store) == [b"poison"]
    receiver.refused.clear()
    assert await OUTBOX.drain(store, receiver) == (1, 0)
    assert await _left(store) == []


async def test_a_row_stays_until_its_delivery_has_ended(store: Store) -> None:
    """If the process dies during a delivery, the row is delivered again."""
    await _put(store, b"a")
    under_way = asyncio.Event()

    async def hang(_: bytes) -> None:
        under_way.set()
        await asyncio.Event().wait()

    drain = asyncio.create_task(OUTBOX.drain(store, hang))
    await under_way.wait()
    drain.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drain
    assert await _left(store) == [b"a"]


async def test_concurrent_drains_miss_no_row(store: Store) -> None:
    """Rows may be delivered twice, but each is delivered, and the outbox ends up empty."""
    expected = [b"%d" % number for number in range(30)]
    await _put(store, *expected)
    first, second = Receiver(), Receiver()
    await asyncio.gather(OUTBOX.drain(store, first), OUTBOX.drain(store, second))
    assert set(first.taken) | set(second.taken) == set(expected)
    assert await _left(store) == []


async def test_running_delivers_existing_and_new_rows(store: Store) -> None:
    """A row is delivered soon after its commit."""
    await _put(store, b"before")
    receiver = Receiver()
    async with _running(store, receiver):
        await eventually(lambda: receiver.taken == [b"before"])
        await _put(store, b"after")
        await eventually(lambda: receiver.taken == [b"before", b"after"])
        async with asyncio.timeout(30):
            while await _left(store):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.005)


class Pauses:
    """Takes the place of waiting, and notes for how long it should have waited."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        """Passes at once."""
        self.seconds.append(seconds)
        await asyncio.sleep(0)


@asynccontextmanager
async def _retrying(
    store: Store, deliver: Callable[[bytes], Awaitable[None]], pauses: Pauses | None = None
) -> AsyncIterator[Pauses]:
    pauses = pauses or Pauses()
    task = asyncio.create_task(OUTBOX.run(store, deliver, pauses))
    yield pauses
    assert not task.done(), task.exception()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _is_delay(seconds: float, failures: int) -> bool:
    """Whether a pause is as long as after this number of failures in a row."""
    longest = min(FIRST_DELAY * 2 ** (failures - 1), LAST_DELAY)
    return longest / 2 <= seconds <= longest


async def test_running_retries_after_growing_delays(store: Store) -> None:
    """The delays double from `FIRST_DELAY` to `LAST_DELAY`, each shortened by a random part."""
    await _put(store, b"poison")
    receiver = Receiver(b"poison")
    async with _retrying(store, receiver) as pauses:
        await eventually(lambda: len(pauses.seconds) >= 12)
        receiver.refused.clear()
        await eventually(lambda: receiver.taken == [b"poison"])
    assert all(_is_delay(one, number) for number, one in enumerate(pauses.seconds[:12], 1))
    assert len(set(pauses.seconds[8:12])) == 4


async def test_a_delivery_shortens_the_delay_of_others(store: Store) -> None:
    """After a delivery, a row that still fails is retried after the first delay again."""
    await _put(store, b"poison", b"later")
    receiver, pauses, before = Receiver(b"poison", b"later"), Pauses(), 0

    async def deliver(payload: bytes) -> None:
        nonlocal before
        await receiver(payload)
        before = len(pauses.seconds)

    async with _retrying(store, deliver, pauses):
        await eventually(lambda: len(pauses.seconds) >= 5)
        receiver.refused.discard(b"later")
        await eventually(lambda: 0 < before <= len(pauses.seconds) - 3)
    assert _is_delay(pauses.seconds[before], 1)
    assert _is_delay(pauses.seconds[before + 1], 2)


async def test_a_success_resets_the_delay(store: Store) -> None:
    """When everything was delivered, the next failure is retried after the first delay."""
    await _put(store, b"a")
    receiver = Receiver(b"a")
    async with _retrying(store, receiver) as pauses:
        await eventually(lambda: len(pauses.seconds) >= 5)
        receiver.refused.clear()
        await eventually(lambda: receiver.taken == [b"a"])
        before = len(pauses.seconds)
        receiver.refused.add(b"b")
        await _put(store, b"b")
        await eventually(lambda: len(pauses.seconds) > before)
    assert _is_delay(pauses.seconds[before], 1)


@pytest.mark.parametrize("error", [StorageUnavailable, StorageConflict])
async def test_running_survives_a_store_that_fails(store: Store, error: type[ServiceError]) -> None:
    """After an error of the store, delivery is retried after growing delays."""
    await _put(store, b"a")
    receiver = Receiver()
    flaky = WatchedStore(store)
    flaky.failures, flaky.error = 3, error
    async with _retrying(flaky, receiver) as pauses:
        await eventually(lambda: receiver.taken == [b"a"])
    assert [_is_delay(one, number) for number, one in enumerate(pauses.seconds, 1)] == [True] * 3


async def test_running_survives_a_store_that_fails_after_the_delivery(store: Store) -> None:
    """A row that could not be removed is delivered again."""
    await _put(store, b"a")
    flaky = WatchedStore(store)
    taken: list[bytes] = []

    async def deliver(payload: bytes) -> None:
        taken.append(payload)
        if len(taken) == 1:
            flaky.failures, flaky.error = 1, StorageConflict

    async with _retrying(flaky, deliver):
        await eventually(lambda: len(taken) == 2)
        async with asyncio.timeout(30):
            while await _left(store):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.005)


async def _remove(store: Store, payload: bytes) -> None:
    """Removes a row, as another process does after its delivery."""
    rows = await rows_of(store, *SPACE.range(("row",)))

    async def write(tx: Write) -> None:
        for key, value in rows:
            if value == payload:
                tx.clear(key)

    await store.write(write)


@pytest.mark.parametrize("order", [(b"a", b"b", b"c"), (b"c", b"b", b"a")])
async def test_settling_waits_for_all_present_rows(store: Store, order: tuple[bytes, ...]) -> None:
    """It ends when the last of the rows that were present is gone, whichever that is."""
    for payload in (b"a", b"b", b"c"):
        await _put(store, payload)
    settling = asyncio.create_task(OUTBOX.settle(store, 60))
    for payload in order:
        await asyncio.sleep(0.03)
        assert not settling.done()
        await _remove(store, payload)
    await asyncio.wait_for(settling, 30)


async def test_settling_does_not_wait_for_later_rows(store: Store) -> None:
    """A row that was put after the call began is not waited for."""
    await _put(store, b"a")
    watched = WatchedStore(store)
    settling = asyncio.create_task(OUTBOX.settle(watched, 60))
    await eventually(lambda: watched.reads >= 2)
    await _put(store, b"late")
    await _remove(store, b"a")
    await asyncio.wait_for(settling, 30)
    assert await _left(store) == [b"late"]


async def test_settling_an_empty_outbox_returns_at_once(store: Store) -> None:
    """Without rows there is nothing to wait for."""
    await asyncio.wait_for(OUTBOX.settle(store, 60), 30)


async def test_settling_is_bounded(store: Store) -> None:
    """It returns after the given time, although a row is still there."""
    await _put(store, b"a")
    began = time.monotonic()
    await asyncio.wait_for(OUTBOX.settle(store, 0.1), 30)
    assert time.monotonic() - began >= 0.09
    assert await _left(store) == [b"a"]


@pytest.mark.parametrize("error", [StorageUnavailable, StorageConflict])
async def test_settling_never_fails(store: Store, error: type[ServiceError]) -> None:
    """If the store fails, it returns: the rows are delivered later."""
    await _put(store, b"a")
    flaky = WatchedStore(store)
    flaky.failures, flaky.error = 1, error
    await asyncio.wait_for(OUTBOX.settle(flaky, 60), 30)
