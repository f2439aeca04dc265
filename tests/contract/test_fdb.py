"""Features only of the store on FoundationDB: a cluster file, and markers.

A marker ensures that a write whose response was lost takes effect once.
"""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import fdb
import pytest

from kernel.errors import StorageConflict, StorageUnavailable
from kernel.storage import StoreOpenFailed, Subspace, Write, open_store
from kernel.storage.fdb import FdbStore
from kernel.storage.fdb.markers import LIFE_SECONDS
from kernel.storage.fdb.store import _Attempts
from tests.contract.store import get, put
from tests.support import foundationdb
from tests.support.cluster import PROCESSES, Cluster

pytestmark = pytest.mark.skipif(not foundationdb.chosen(), reason=foundationdb.WHY_NOT)

NOT_COMMITTED = 1020
TIMED_OUT = 1031


@pytest.fixture
def prefix(tmp_path: Path) -> bytes:
    """The key prefix of the store under test."""
    return Subspace((foundationdb.name_of(tmp_path),)).prefix


@pytest.fixture
def markers(prefix: bytes) -> bytes:
    """The key prefix of its markers."""
    return prefix + b"\xfe/marker/"


@pytest.fixture
async def store(prefix: bytes) -> AsyncIterator[FdbStore]:
    """The store under test."""
    opened = FdbStore(foundationdb.cluster_file(), prefix=prefix)
    yield opened
    await opened.close()


@pytest.fixture
def cluster(store: FdbStore) -> Any:
    """Direct access to the same cluster, without the store."""
    return store._database


@pytest.mark.parametrize("text", ["", "# nothing\n", "nonsense", "a:b", "a b:c/d@127.0.0.1:1"])
async def test_a_malformed_cluster_file_is_refused(tmp_path: Path, text: str) -> None:
    """A malformed cluster file is an error: waiting for such a cluster would never end."""
    file = tmp_path / "fdb.cluster"
    file.write_text(text)
    with pytest.raises(StoreOpenFailed, match=f"{file} is not a cluster file"):
        open_store(f"fdb://{file}")


async def test_a_cluster_file_may_have_comments(tmp_path: Path) -> None:
    """Comments and blank lines are accepted, as in FoundationDB's own tools."""
    file = tmp_path / "fdb.cluster"
    file.write_text(f"# a: comment@\n\n {foundationdb.cluster_file().read_text()} # here too")
    store = open_store(f"fdb://{file}")
    await store.ping()
    await store.close()


async def test_a_missing_cluster_file_is_named(tmp_path: Path) -> None:
    """The error has the path and the system's reason."""
    with pytest.raises(StoreOpenFailed, match=f"No such file.*{tmp_path}/fdb.cluster"):
        open_store(f"fdb://{tmp_path}/fdb.cluster")


class Late:
    """A database for one transaction, whose commit times out but is still in flight."""

    def __init__(self, transaction: Any) -> None:
        self._transaction = transaction
        self.arrive = transaction.commit

    def create_transaction(self) -> Any:
        """Returns the transaction; it cannot cancel what was sent."""
        self._transaction.commit = self._give_up
        self._transaction.on_error = self._raise
        self._transaction.reset = lambda: None
        return self._transaction

    def _give_up(self) -> None:
        self._transaction.get_read_version().wait()  # without it, nothing is sent
        raise fdb.FDBError(TIMED_OUT)

    @staticmethod
    def _raise(error: Exception) -> None:
        raise error


async def test_a_late_commit_leaves_the_next_marker_alone(
    store: FdbStore, cluster: Any, markers: bytes
) -> None:
    """A slot is reused at once; a late commit fails if the slot has a newer write."""
    late = Late(cluster.create_transaction())
    store._database = late
    with pytest.raises(StorageUnavailable):
        await put(store, (b"late", b""))
    store._database = cluster
    await put(store, (b"next", b""))
    before = [(row.key, row.value) for row in cluster.get_range_startswith(markers)]
    with pytest.raises(fdb.FDBError) as caught:
        late.arrive().wait()

    assert caught.value.code == NOT_COMMITTED
    assert before == [(row.key, row.value) for row in cluster.get_range_startswith(markers)]
    assert len(before) == 1
    assert await get(store, b"late") is None


async def test_cancelled_writes_share_one_marker(
    store: FdbStore, cluster: Any, markers: bytes
) -> None:
    """Any number of callers cancelled during a commit use only one slot."""
    for number in range(100):
        writing = asyncio.create_task(put(store, (b"key", b"%d" % number)))
        await asyncio.sleep(number % 10 / 1000)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    await put(store, (b"key", b"done"))

    assert await get(store, b"key") == b"done"
    assert len(list(cluster.get_range_startswith(markers))) == 1


async def test_a_write_given_up_before_it_is_sent_is_never_applied(
    lone_cluster: Cluster,
) -> None:
    """A cluster that recovers later must not apply a write that its caller has given up."""
    store = FdbStore(lone_cluster.file)
    assert await get(store, b"forgotten") is None
    for number in range(PROCESSES):
        lone_cluster.signal(number, signal.SIGSTOP)
    writing = asyncio.create_task(put(store, (b"forgotten", b"")))
    await asyncio.sleep(0.2)
    writing.cancel()
    with pytest.raises(
        asyncio.CancelledError
    ) as caught:  # its traceback keeps the transaction alive
        await writing
    for number in range(PROCESSES):
        lone_cluster.signal(number, signal.SIGCONT)
    await asyncio.sleep(1)

    assert await get(store, b"forgotten") is None
    assert caught.value
    await store.close()


async def test_old_markers_are_removed(store: FdbStore, cluster: Any, markers: bytes) -> None:
    """Old markers of all processes are removed, whatever their random prefix; recent ones stay."""
    old, young = value_of(LIFE_SECONDS + 60), value_of(0)
    gone = [markers + first + bytes(19) for first in (b"\x00", b"\xfe", b"\xff")]
    alive = markers + b"\x01" + bytes(19)
    for key in gone:
        cluster[key] = old
    cluster[alive] = young
    await store.ping()

    assert [key for key in gone if cluster[key] is not None] == []
    assert cluster[alive] == young


async def test_a_reused_marker_is_not_removed(
    store: FdbStore, cluster: Any, markers: bytes
) -> None:
    """A slot may be idle for long; the cleanup must not remove a marker that was just set again."""
    old, young = value_of(LIFE_SECONDS + 60), value_of(0)
    key = markers + bytes(20)
    cluster[key] = old
    tidying = cluster.create_transaction()
    tidying.get_read_version().wait()
    cluster[key] = young
    with pytest.raises(fdb.FDBError) as caught:
        await store._tidy(tidying, _Attempts())

    assert caught.value.code == NOT_COMMITTED
    assert cluster[key] == young


def value_of(age: float) -> bytes:
    """The value of a marker of the given age in seconds."""
    return bytes(8) + int(time.time() - age).to_bytes(8, "big")


async def test_a_write_that_loses_every_conflict_raises_a_conflict(
    store: FdbStore, cluster: Any, prefix: bytes
) -> None:
    """A write that lost every conflict until its deadline raises a conflict, not an unknown result.

    The deadline passes while an attempt reads. While a commit is under way, the result would be
    unknown indeed.
    """
    key = Subspace().pack(("contended",))
    attempts = 0

    async def lose(tx: Write) -> None:
        nonlocal attempts
        attempts += 1
        await tx.get(key)
        if attempts == 5:
            await _time_out(tx)
        # Another writer always commits first; this blocks the loop, which the product never does.
        other = cluster.create_transaction()
        other.set(prefix + key, b"theirs")
        other.commit().wait()
        tx.set(key, b"ours")

    with pytest.raises(StorageConflict):
        await store.write(lose)
    assert await get(store, key) == b"theirs"


async def test_a_time_out_without_a_conflict_is_an_unavailable_store(store: FdbStore) -> None:
    """A deadline that passes before any conflict raises StorageUnavailable."""
    with pytest.raises(StorageUnavailable):
        await store.write(_time_out)


async def _time_out(tx: Any) -> None:
    """Reads after the deadline of the transaction."""
    tx._reads.options.set_timeout(1)
    time.sleep(0.1)  # noqa: ASYNC251 - the deadline passes in the middle of an attempt
    await tx.get(Subspace().pack(("more",)))


async def test_reading_own_stamps_is_a_mistake_not_an_outage(store: FdbStore) -> None:
    """The port forbids it; the error says so, and is not StorageUnavailable."""
    log = Subspace(("log",))

    async def mistake(tx: Write) -> None:
        tx.set_versionstamped_key(log.prefix, b"")
        await tx.get_range(*log.range(), limit=1)

    with pytest.raises(RuntimeError, match="used wrongly"):
        await store.write(mistake)
