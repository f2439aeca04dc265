"""The conformance suite of the storage port: rows copied from another store, and their stamps."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import fdb.tuple
import pytest

from kernel.errors import StorageUnavailable
from kernel.storage import VALUE_BYTES, ForeignAwait, LimitExceeded, Read, Store, Subspace, Write
from kernel.storage.limits import FIRST_RESERVED
from kernel.storage.lmdb.store import LmdbStore
from kernel.storage.moving.copy import Copy
from tests.contract.store import Backend, rows_of
from tests.support.moving import content, fill

T = TypeVar("T")

FURTHER = 1_000_000_000
"""A number of commits that no store reaches by counting its own in a test."""


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[list[Store]]:
    """Two embedded stores: one to copy from, one to copy to."""
    stores: list[Store] = [LmdbStore(tmp_path / name, map_size=1 << 30) for name in ("from", "to")]
    yield stores
    for store in stores:
        await store.close()


@pytest.fixture
async def lone(alone: Backend, tmp_path: Path) -> AsyncIterator[Store]:
    """A store that no other test uses."""
    opened = alone.open(tmp_path, time.monotonic)
    yield opened
    await opened.close()


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Retries until the store is available: a cluster recovers after a jump of its versions."""
    end = time.monotonic() + 60
    while True:
        try:
            return await work()
        except StorageUnavailable:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.2)


async def copied(source: Store, target: Store) -> None:
    """Copies all rows."""
    copy = Copy(source, target, "source")
    await copy.begin()
    await copy.move_rows(lambda _: None)
    await copy.compare(lambda _: None)
    await copy.finish()


async def stamped(store: Store, space: Subspace, name: bytes = b"") -> bytes:
    """Stamps a row in its own transaction, and returns the stamp of the commit."""

    async def write(tx: Write) -> None:
        tx.clear_range(*space.range())
        tx.set_versionstamped_key(space.prefix, name)

    await patiently(lambda: store.write(write))
    ((key, _),) = await patiently(lambda: rows_of(store, *space.range()))
    (stamp,) = space.unpack(key)
    assert isinstance(stamp, fdb.tuple.Versionstamp)
    return bytes(stamp.tr_version)


def beyond(stamp: bytes, commits: int, order: bytes = b"\xff\xff") -> bytes:
    """A stamp that is a number of commits later."""
    return (int.from_bytes(stamp[:8], "big") + commits).to_bytes(8, "big") + order


@pytest.mark.parametrize("order", [b"\x00\x00", b"\x00\x07", b"\xff\xff"])
async def test_stamps_after_an_advance_sort_behind_it(
    lone: Store, space: Subspace, order: bytes
) -> None:
    """New stamps sort behind the given one, however far ahead it is."""
    stamp = await stamped(lone, space)
    for commits in (0, 1, FURTHER):
        reached = beyond(stamp, commits, order)
        await lone.advance(reached)
        stamp = await stamped(lone, space)
        assert stamp > reached


async def test_a_stamp_of_the_past_changes_nothing(store: Store, space: Subspace) -> None:
    """A smaller stamp has no effect: stamps never go back."""
    before = await stamped(store, space)
    await store.advance(before)
    await store.advance(bytes(10))
    assert await stamped(store, space) > before


async def test_an_advance_outlives_the_process(
    alone: Backend, tmp_path: Path, space: Subspace
) -> None:
    """After a reopening, new stamps still sort behind the given one."""
    store = alone.open(tmp_path, time.monotonic)
    reached = beyond(await stamped(store, space), FURTHER)
    await store.advance(reached)
    await store.close()
    again = alone.open(tmp_path, time.monotonic)
    assert await stamped(again, space) > reached
    await again.close()


@pytest.mark.needs("jumps in passing")
async def test_writes_go_on_during_an_advance(store: Store, space: Subspace) -> None:
    """Concurrent writes get stamps in the order of their commits, and none is lost."""
    reached = beyond(await stamped(store, space["first"]), FURTHER)
    rows = space["row"]

    async def write(number: int) -> None:
        async def stamp(tx: Write) -> None:
            tx.set_versionstamped_key(rows.prefix, b"%d" % number)

        await store.write(stamp)

    await asyncio.gather(
        *(write(number) for number in range(20)),
        store.advance(reached),
        *(write(number) for number in range(20, 40)),
    )
    found = await rows_of(store, *rows.range())
    assert sorted(int(value) for _, value in found) == list(range(40))
    await write(40)
    assert [value for _, value in await rows_of(store, *rows.range())][-1] == b"40"


@pytest.mark.parametrize("stamp", [b"", bytes(9), bytes(11), bytes(12), b"\x7f" + bytes(9)])
async def test_malformed_stamps_are_refused(store: Store, space: Subspace, stamp: bytes) -> None:
    """A stamp has the 10 bytes of a commit, without the 2 of the row; none begins with 0x7f."""
    with pytest.raises(LimitExceeded):
        await store.advance(stamp)
    assert await stamped(store, space) < b"\x7f"


async def test_a_transaction_cannot_advance(store: Store) -> None:
    """An advance inside a transaction is refused, like every other use of the store."""

    async def read(_: Read) -> None:
        await store.advance(bytes(10))

    with pytest.raises(ForeignAwait):
        await store.read(read)


async def test_a_closed_store_does_not_advance(backend: Backend, tmp_path: Path) -> None:
    """A closed store raises StorageUnavailable."""
    store = backend.open(tmp_path, time.monotonic)
    await store.close()
    with pytest.raises(StorageUnavailable):
        await store.advance(bytes(10))


async def test_rows_are_moved_in_and_out(store: Store, embedded: list[Store]) -> None:
    """Copies into a store and out of it have exactly the same rows."""
    before, behind = embedded
    rows = [(b"few", b"v" * VALUE_BYTES), (b"k" * 500, b"")]
    rows += [(b"many%05d" % number, b"%d" % number) for number in range(12_000)]
    rows += [(b"\x02\x33" + b"large%d" % number, b"v" * VALUE_BYTES) for number in range(30)]
    await fill(before, rows)
    await copied(before, store)
    assert await content(store) == sorted(rows)
    await copied(store, behind)
    assert await content(behind) == sorted(rows)


async def test_a_copy_that_stopped_resumes(store: Store, embedded: list[Store]) -> None:
    """A copy that stopped continues from the rows that are already there."""
    source, _ = embedded
    rows = [(b"%06d" % number, b"v" * 500) for number in range(30_000)]
    await fill(source, rows)

    def stop(_: int) -> None:
        raise LookupError

    for _ in range(3):
        copy = Copy(source, store, "source")
        await copy.begin()
        before = copy.position.rows
        with pytest.raises(LookupError):
            await copy.move_rows(stop)
        assert copy.position.rows > before
    await copied(source, store)
    assert await content(store) == rows


@pytest.mark.parametrize("commits", [None, 0, FURTHER])
async def test_stamps_continue_after_copied_ones(
    lone: Store, embedded: list[Store], space: Subspace, commits: int | None
) -> None:
    """Stamps keep their order across two moves, whichever store counts faster."""
    before, behind = embedded
    stamp = await stamped(lone, space)
    reached = bytes(10) if commits is None else beyond(stamp, commits)
    await patiently(lambda: lone.write(_clear_all))
    await before.advance(reached)
    await _stamp(before, space, b"1")
    await patiently(lambda: copied(before, lone))
    await _stamp(lone, space, b"2")
    await patiently(lambda: copied(lone, behind))
    await _stamp(behind, space, b"3")
    found = await rows_of(behind, *space.range())
    assert [value for _, value in found] == [b"1", b"2", b"3"]


async def _clear_all(tx: Write) -> None:
    tx.clear_range(b"", FIRST_RESERVED)


async def _stamp(store: Store, space: Subspace, name: bytes) -> None:
    async def write(tx: Write) -> None:
        tx.set_versionstamped_key(space.prefix, name)

    await patiently(lambda: store.write(write))
