"""Reads on FoundationDB that begin in one turn of the event loop share a snapshot."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import fdb
import pytest

from kernel.errors import StorageUnavailable
from kernel.storage import Read, Subspace
from kernel.storage.fdb import FdbStore
from tests.contract.store import get, put
from tests.support import foundationdb

pytestmark = pytest.mark.skipif(not foundationdb.chosen(), reason=foundationdb.WHY_NOT)

KEY = b"key"
TOO_OLD = 1007
TIMED_OUT = 1031


class Counted:
    """A database that counts the transactions it makes."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self.made = 0

    def create_transaction(self) -> Any:
        """Returns another transaction."""
        self.made += 1
        return self._database.create_transaction()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


@pytest.fixture
def prefix(tmp_path: Path) -> bytes:
    """The key prefix of the store under test."""
    return Subspace((foundationdb.name_of(tmp_path),)).prefix


@pytest.fixture
async def store(prefix: bytes, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FdbStore]:
    """The store under test, with a row."""
    opened = fdb.open

    with monkeypatch.context() as patch:
        patch.setattr(fdb, "open", lambda file: Counted(opened(file)))
        store = FdbStore(foundationdb.cluster_file(), prefix=prefix)
    await put(store, (KEY, b"old"))
    yield store
    await store.close()


@pytest.fixture
def database(store: FdbStore) -> Counted:
    """What the store makes its transactions of."""
    counted: Counted = store._database
    return counted


async def test_reads_of_one_turn_share_a_transaction(store: FdbStore, database: Counted) -> None:
    """However many reads begin in one turn, they take one transaction; the next turn takes its own."""
    before = database.made
    assert await asyncio.gather(*(get(store, KEY) for _ in range(20))) == [b"old"] * 20
    assert database.made == before + 1
    assert await get(store, KEY) == b"old"
    assert database.made == before + 2


async def test_a_read_sees_what_was_acknowledged_before_it_began(
    store: FdbStore, database: Counted, prefix: bytes
) -> None:
    """A read sees a write that was acknowledged in the turn in which it began.

    It does so even if an earlier read of the turn began before the write.
    """
    for number in range(20):
        value = b"%d" % number
        before = asyncio.create_task(get(store, KEY))

        async def write_in_this_turn(value: bytes = value) -> None:
            other = database._database.create_transaction()
            other.set(prefix + KEY, value)
            other.commit().wait()  # blocks the loop, so the turn goes on

        writing = asyncio.create_task(write_in_this_turn())
        after = asyncio.create_task(get(store, KEY))
        made = database.made
        await asyncio.gather(before, writing, after)
        assert after.result() == value
        assert before.result() == value
        assert database.made == made + 1


async def test_reads_after_a_write_see_it(store: FdbStore) -> None:
    """While other reads begin all the time, each read after a write sees it."""
    writing = True

    async def read_on() -> None:
        while writing:
            await get(store, KEY)

    others = [asyncio.create_task(read_on()) for _ in range(8)]
    for number in range(50):
        await put(store, (KEY, b"%d" % number))
        assert await get(store, KEY) == b"%d" % number
    writing = False
    await asyncio.gather(*others)


async def test_a_read_that_fails_or_is_cancelled_fails_no_other(
    store: FdbStore, database: Counted
) -> None:
    """Of the reads of a turn, one raises, one is cancelled, and one needs another attempt."""
    runs = 0
    reading = asyncio.Event()

    async def mistaken(tx: Read) -> None:
        await tx.get(KEY)
        raise KeyError("mine")

    async def retried(tx: Read) -> bytes | None:
        nonlocal runs
        runs += 1
        value = await tx.get(KEY)
        if runs == 1:
            raise fdb.FDBError(TOO_OLD)
        return value

    async def cancelled(tx: Read) -> None:
        reading.set()
        await tx.get(KEY)

    before = database.made
    doomed = asyncio.create_task(store.read(cancelled))
    reads = [asyncio.create_task(get(store, KEY)) for _ in range(5)]
    wrong, again = (asyncio.create_task(store.read(fn)) for fn in (mistaken, retried))
    early = asyncio.create_task(get(store, KEY))
    await asyncio.sleep(0)
    early.cancel()
    await reading.wait()
    doomed.cancel()
    done = await asyncio.gather(doomed, early, wrong, again, *reads, return_exceptions=True)

    assert [type(each) for each in done[:3]] == [
        asyncio.CancelledError,
        asyncio.CancelledError,
        KeyError,
    ]
    assert done[3:] == [b"old"] * 6
    assert runs == 2
    assert database.made == before + 2  # one for all of them, and one for the read that went on


async def test_a_read_whose_time_is_up_does_not_begin_again(store: FdbStore) -> None:
    """A read that timed out has no time for another attempt."""
    runs = 0

    async def late(tx: Read) -> None:
        nonlocal runs
        runs += 1
        await tx.get(KEY)
        raise fdb.FDBError(TIMED_OUT)

    with pytest.raises(StorageUnavailable):
        await store.read(late)
    assert runs == 1


async def test_a_snapshot_that_cannot_be_made_fails_its_reads(
    store: FdbStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the client reaches every read that waited for the snapshot, and later ones work."""

    def fail() -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(store._snapshots, "_begin", fail)
        done = await asyncio.gather(get(store, KEY), get(store, KEY), return_exceptions=True)
    assert [type(each) for each in done] == [MemoryError] * 2
    assert await get(store, KEY) == b"old"


async def test_closing_waits_for_reads_that_wait_for_the_turn(store: FdbStore) -> None:
    """A read that has begun ends well, although the store is closed in the same turn."""
    reading = asyncio.create_task(get(store, KEY))
    await asyncio.sleep(0)
    await store.close()
    assert reading.done()
    assert reading.result() == b"old"
