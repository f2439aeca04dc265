"""The conformance suite of the storage port: what a transaction must not do, and its size limits."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from kernel.storage import (
    KEY_BYTES,
    RANGE_ROWS,
    VALUE_BYTES,
    ForeignAwait,
    LimitExceeded,
    Read,
    Store,
    Subspace,
    TransactionEnded,
    Write,
)
from tests.contract.store import Backend, Clock, get, put, rows_of


async def _pending(_: Read, __: Store) -> None:
    await asyncio.get_running_loop().create_future()


async def _sleep(_: Read, __: Store) -> None:
    await asyncio.sleep(1)


async def _pass(_: Read, __: Store) -> None:
    await asyncio.sleep(0)


async def _event(_: Read, __: Store) -> None:
    await asyncio.Event().wait()


async def _task(_: Read, __: Store) -> None:
    task = asyncio.current_task()
    await asyncio.gather(asyncio.Future(), task or asyncio.Future())


async def _read_elsewhere(_: Read, store: Store) -> None:
    await get(store, b"a")


async def _write_elsewhere(_: Read, store: Store) -> None:
    await put(store, (b"elsewhere", b""))


async def _watch_elsewhere(_: Read, store: Store) -> None:
    await store.watch(b"a", b"")


async def _stubborn(_: Read, __: Store) -> None:
    try:
        await asyncio.sleep(0)
    finally:
        await asyncio.sleep(0)


FOREIGN = [
    _pending,
    _sleep,
    _pass,
    _event,
    _task,
    _read_elsewhere,
    _write_elsewhere,
    _watch_elsewhere,
]


@pytest.mark.parametrize("foreign", FOREIGN)
async def test_a_transaction_awaits_only_its_own_reads(
    backend: Backend,
    store: Store,
    space: Subspace,
    tmp_path: Path,
    foreign: Callable[[Read, Store], Coroutine[Any, Any, None]],
) -> None:
    """Awaiting anything but the transaction's own reads is refused, and nothing is written."""
    key = space.pack(("a",))
    other = backend.open(tmp_path / "other", time.monotonic)
    closed = []

    async def write(tx: Write) -> None:
        tx.set(key, b"")
        await foreign(tx, other)

    async def read(tx: Read) -> None:
        try:
            await foreign(tx, other)
        finally:
            closed.append(True)

    with pytest.raises(ForeignAwait):
        await store.write(write)
    with pytest.raises(ForeignAwait):
        await store.read(read)
    assert closed
    assert await get(store, key) is None
    assert await get(other, b"elsewhere") is None
    await other.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_transaction_that_ignores_its_closing_is_refused(
    store: Store,
) -> None:
    """A transaction that ignores its closing is refused, too; cleanup code must not wait either."""
    with pytest.raises(ForeignAwait):
        await store.read(lambda tx: _stubborn(tx, store))
    with pytest.raises(ForeignAwait):
        await store.write(lambda tx: _stubborn(tx, store))


async def test_a_transaction_cannot_be_used_after_its_end(store: Store, space: Subspace) -> None:
    """Using a transaction after its end is an error, whether it was committed or not."""
    kept: list[Write] = []
    key = space.pack(("a",))

    async def commit(tx: Write) -> None:
        kept.append(tx)

    async def fail(tx: Write) -> None:
        kept.append(tx)
        raise LookupError

    await store.write(commit)
    with pytest.raises(LookupError):
        await store.write(fail)
    for tx in kept:
        for late in (lambda tx=tx: tx.set(key, b""), lambda tx=tx: tx.clear(key)):
            with pytest.raises(TransactionEnded):
                late()
        with pytest.raises(TransactionEnded):
            tx.set_versionstamped_key(key, b"")
        with pytest.raises(TransactionEnded):
            await tx.get(key)
        with pytest.raises(TransactionEnded):
            await tx.get_many([])


async def test_keys_and_values_up_to_their_limits_are_taken(store: Store, space: Subspace) -> None:
    """The longest key and the largest value are read back unchanged."""
    key = space.prefix.ljust(KEY_BYTES, b"k")
    await put(store, (key, b"v" * VALUE_BYTES))
    assert await get(store, key) == b"v" * VALUE_BYTES
    assert await rows_of(store, key, key + b"\x00") == [(key, b"v" * VALUE_BYTES)]


@pytest.mark.parametrize("key", [b"", b"k" * (KEY_BYTES + 1), b"\xfe", b"\xff/ping"])
async def test_keys_beyond_the_limits_are_refused(store: Store, key: bytes) -> None:
    """Every call that takes a key refuses empty, too long and reserved ones."""
    calls: list[Callable[[Write], object]] = [
        lambda tx: tx.set(key, b""),
        lambda tx: tx.clear(key),
        lambda tx: tx.add(key, 1),
    ]
    for call in calls:

        async def write(tx: Write, call: Callable[[Write], object] = call) -> None:
            call(tx)

        with pytest.raises(LimitExceeded):
            await store.write(write)
    with pytest.raises(LimitExceeded):
        await get(store, key)
    with pytest.raises(LimitExceeded):
        await store.watch(key, None)


@pytest.mark.parametrize(
    "call",
    [
        lambda tx: tx.set(b"a", b"v" * (VALUE_BYTES + 1)),
        lambda tx: tx.add(b"a", 2**63),
        lambda tx: tx.clear_range(b"", b"\xfe\x00"),
        lambda tx: tx.clear_range(b"a", b"b" * (KEY_BYTES + 2)),
        lambda tx: tx.set_versionstamped_key(b"k" * (KEY_BYTES - 12), b""),
        lambda tx: tx.set_versionstamped_key(b"k", b"v" * (VALUE_BYTES + 1)),
        lambda tx: [tx.set(b"a%d" % n, b"v" * VALUE_BYTES) for n in range(50)],
        lambda tx: [tx.set_versionstamped_key(b"a", b"") for _ in range(65_537)],
    ],
)
async def test_writes_beyond_the_limits_are_refused(
    store: Store, call: Callable[[Write], object]
) -> None:
    """Values, counters, ranges, stamps and whole transactions have limits; nothing is written."""

    async def write(tx: Write) -> None:
        tx.set(b"before", b"")
        call(tx)

    with pytest.raises(LimitExceeded):
        await store.write(write)
    assert await get(store, b"before") is None


@pytest.mark.parametrize(
    ("begin", "end", "limit"),
    [
        (b"", b"\xfe", 0),
        (b"", b"\xfe", -1),
        (b"", b"\xfe", RANGE_ROWS + 1),
        (b"", b"\xfe\x00", 1),
        (b"", b"k" * (KEY_BYTES + 2), 1),
    ],
)
async def test_ranges_beyond_the_limits_are_refused(
    store: Store, begin: bytes, end: bytes, limit: int
) -> None:
    """A range needs an explicit limit, and ends that every backend accepts."""
    with pytest.raises(LimitExceeded):
        await rows_of(store, begin, end, limit=limit)


async def test_a_transaction_has_five_seconds(store: Store, space: Subspace, clock: Clock) -> None:
    """A longer transaction is refused, during its reads or at its end, and writes nothing."""
    key = space.pack(("a",))

    async def slow_write(tx: Write) -> None:
        tx.set(key, b"")
        clock.skipped += 5.1

    async def slow_read(tx: Read) -> None:
        clock.skipped += 5.1
        await tx.get_range(*space.range(), limit=1)
        pytest.fail("not reached")

    with pytest.raises(LimitExceeded):
        await store.write(slow_write)
    with pytest.raises(LimitExceeded):
        await store.read(slow_read)
    assert await get(store, key) is None
