"""The conformance suite of the storage port: stamps after rows have come from another store."""

import asyncio
import time
from pathlib import Path

import fdb.tuple
import pytest

from kernel.errors import StorageUnavailable
from kernel.storage import ForeignAwait, LimitExceeded, Read, Store, Subspace, Write
from tests.contract.store import Backend, rows_of

FURTHER = 1_000_000_000
"""Commits; a store that counts its commits does not get there, and one that counts time does."""


async def stamped(store: Store, space: Subspace, name: bytes = b"") -> bytes:
    """Stamps a row, in a transaction of its own, and gives the stamp of its commit."""

    async def write(tx: Write) -> None:
        tx.clear_range(*space.range())
        tx.set_versionstamped_key(space.prefix, name)

    await store.write(write)
    ((key, _),) = await rows_of(store, *space.range())
    (stamp,) = space.unpack(key)
    assert isinstance(stamp, fdb.tuple.Versionstamp)
    return bytes(stamp.tr_version)


def beyond(stamp: bytes, commits: int, order: bytes = b"\xff\xff") -> bytes:
    """Gives a stamp of so many commits later."""
    return (int.from_bytes(stamp[:8], "big") + commits).to_bytes(8, "big") + order


@pytest.mark.parametrize("order", [b"\x00\x00", b"\x00\x07", b"\xff\xff"])
async def test_what_is_stamped_after_an_advance_sorts_behind_it(
    store: Store, space: Subspace, order: bytes
) -> None:
    """However far ahead the stamp is, and whatever its order within the commit."""
    stamp = await stamped(store, space)
    for commits in (0, 1, FURTHER):
        reached = beyond(stamp, commits, order)
        await store.advance(reached)
        stamp = await stamped(store, space)
        assert stamp > reached


async def test_a_stamp_of_the_past_changes_nothing(store: Store, space: Subspace) -> None:
    """Stamps never go back, whatever small stamp a store is told of."""
    before = await stamped(store, space)
    await store.advance(before)
    await store.advance(bytes(10))
    assert await stamped(store, space) > before


async def test_an_advance_outlives_the_process(
    backend: Backend, tmp_path: Path, space: Subspace
) -> None:
    """A store that is opened again stamps behind it as well."""
    store = backend.open(tmp_path, time.monotonic)
    reached = beyond(await stamped(store, space), FURTHER)
    await store.advance(reached)
    await store.close()
    again = backend.open(tmp_path, time.monotonic)
    assert await stamped(again, space) > reached
    await again.close()


async def test_writes_go_on_during_an_advance(store: Store, space: Subspace) -> None:
    """Those under way get stamps in the order of their commits, and lose nothing."""
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


@pytest.mark.parametrize("stamp", [b"", bytes(9), bytes(11), bytes(12), b"\x80" + bytes(9)])
async def test_what_is_no_stamp_is_refused(store: Store, space: Subspace, stamp: bytes) -> None:
    """A stamp has the 10 bytes of a commit, without the 2 of the row; none begins with 0x80."""
    with pytest.raises(LimitExceeded):
        await store.advance(stamp)
    assert await stamped(store, space) < b"\x80"


async def test_a_transaction_cannot_advance(store: Store) -> None:
    """Like every other use of a store, it is refused inside a transaction."""

    async def read(_: Read) -> None:
        await store.advance(bytes(10))

    with pytest.raises(ForeignAwait):
        await store.read(read)


async def test_a_closed_store_does_not_advance(backend: Backend, tmp_path: Path) -> None:
    """It says that it is unavailable, as for everything else."""
    store = backend.open(tmp_path, time.monotonic)
    await store.close()
    with pytest.raises(StorageUnavailable):
        await store.advance(bytes(10))
