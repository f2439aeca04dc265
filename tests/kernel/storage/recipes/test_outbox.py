"""The outbox: messages that are delivered after a commit."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from kernel.errors import StorageUnavailable
from kernel.storage import Store, Subspace, Write
from kernel.storage.families import Value
from kernel.storage.recipes.outbox import ROWS_AT_ONCE, Outbox
from tests.contract.store import rows_of

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


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.005)


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
        await _until(lambda: receiver.taken == [b"before"])
        await _put(store, b"after")
        await _until(lambda: receiver.taken == [b"before", b"after"])
        async with asyncio.timeout(5):
            while await _left(store):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.005)


async def test_running_tries_again_after_a_while(store: Store) -> None:
    """Failures are retried with growing delays, not in a tight loop."""
    await _put(store, b"poison")
    receiver = Receiver(b"poison")
    async with _running(store, receiver):
        await asyncio.sleep(0.3)
        assert 2 <= receiver.tried <= 4
        receiver.refused.clear()
        await _until(lambda: receiver.taken == [b"poison"])


class Flaky:
    """A store whose reads fail a few times."""

    def __init__(self, store: Store, failures: int) -> None:
        self.store = store
        self.failures = failures
        self.write, self.watch = store.write, store.watch

    async def read(self, fn: object) -> object:
        """Fails the given number of times, then reads."""
        if self.failures:
            self.failures -= 1
            raise StorageUnavailable
        return await self.store.read(fn)  # type: ignore[arg-type]


async def test_running_survives_an_unavailable_store(store: Store) -> None:
    """Delivery resumes when the store is available again."""
    await _put(store, b"a")
    receiver = Receiver()
    async with _running(Flaky(store, 2), receiver):  # type: ignore[arg-type]
        await _until(lambda: receiver.taken == [b"a"])
