"""What only the LMDB backend has: one file, one writer, a full map, a full disk."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import uvloop

from kernel.errors import StorageUnavailable
from kernel.storage import Store, Write, open_store
from kernel.storage.lmdb.store import LmdbStore
from tests.contract.store import get, increment, put, rows_of

ROOT = Path(__file__).parents[4]


async def _hold(store: Store, until: threading.Event) -> asyncio.Task[None]:
    """Keeps the writer busy, so that what comes next shares a commit."""
    held = threading.Event()

    async def write(_: Write) -> None:
        held.set()
        until.wait(5)

    task = asyncio.create_task(store.write(write))
    while not held.is_set():  # noqa: ASYNC110 - set by a thread
        await asyncio.sleep(0.001)
    return task


async def test_writes_that_share_a_commit_see_each_other_but_no_failed_one(store: Store) -> None:
    """Later ones of a batch build on earlier ones; one that raises leaves no trace."""
    go = threading.Event()
    holding = await _hold(store, go)

    async def fail(tx: Write) -> None:
        tx.set(b"counter", b"1000")
        tx.set(b"junk", b"")
        raise LookupError

    tasks = [
        asyncio.create_task(store.write(fail) if number % 2 else increment(store, b"counter"))
        for number in range(10)
    ]
    await asyncio.sleep(0)
    go.set()
    outcomes = await asyncio.gather(holding, *tasks, return_exceptions=True)
    assert outcomes[1::2] == [1, 2, 3, 4, 5]
    assert all(isinstance(outcome, LookupError) for outcome in outcomes[2::2])
    assert await get(store, b"junk") is None


async def test_a_write_cancelled_before_its_turn_does_not_run(store: Store) -> None:
    """What nobody waits for any more and has not begun is left out, wherever it stands."""
    go = threading.Event()
    holding = await _hold(store, go)
    writes = [asyncio.create_task(put(store, (b"%d" % number, b""))) for number in range(5)]
    await asyncio.sleep(0)
    for write in writes[::2]:
        write.cancel()
    go.set()
    await asyncio.gather(holding, *writes[1::2])
    await store.ping()
    assert [key for key, _ in await rows_of(store, b"", b"\xfe")] == [b"1", b"3"]


async def test_a_commit_of_this_process_wakes_without_a_look_at_the_file(store: Store) -> None:
    """The watch is done when the write is, not at the next look."""
    watch = asyncio.create_task(store.watch(b"a", None))
    await asyncio.sleep(0)
    await put(store, (b"a", b"1"))
    await asyncio.sleep(0)
    assert watch.done()
    assert await watch == b"1"


async def test_every_commit_is_on_disk_before_it_is_answered(tmp_path: Path) -> None:
    """The file is synchronised with every commit: no flag that trades this away is set."""
    store = LmdbStore(tmp_path / "store")
    flags = store._env.flags()
    assert flags["sync"]
    assert flags["metasync"]
    assert not flags["writemap"]
    assert not flags["map_async"]
    await store.close()


async def test_a_full_map_is_an_error_and_not_the_end(tmp_path: Path) -> None:
    """Too large a write is unavailable storage; what fits and every read go on."""
    store = LmdbStore(tmp_path / "store", map_size=200_000)
    await put(store, (b"a", b"1"))
    with pytest.raises(StorageUnavailable):
        await put(store, *((b"big %d" % number, b"x" * 50_000) for number in range(20)))
    assert await rows_of(store, b"", b"\xfe") == [(b"a", b"1")]
    await put(store, (b"a", b"2"))
    assert await get(store, b"a") == b"2"
    await store.close()


async def test_a_full_map_fails_only_those_that_do_not_fit(tmp_path: Path) -> None:
    """In a shared commit, the write that does not fit does not take the others along."""
    store = LmdbStore(tmp_path / "store", map_size=400_000)
    go = threading.Event()
    holding = await _hold(store, go)
    big = [(b"big %d" % number, b"x" * 50_000) for number in range(20)]
    tasks = [asyncio.create_task(put(store, *rows)) for rows in ([(b"a", b"")], big, [(b"b", b"")])]
    await asyncio.sleep(0)
    go.set()
    outcomes = await asyncio.gather(holding, *tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 2 + [
        StorageUnavailable,
        type(None),
    ]
    assert [key for key, _ in await rows_of(store, b"", b"\xfe")] == [b"a", b"b"]
    await store.close()


FULL_DISK = """
import asyncio, resource, sys
from kernel.errors import StorageUnavailable
from kernel.storage import open_store
from tests.contract.store import get, put

async def main():
    store = open_store(sys.argv[1])
    await put(store, (b"a", b"1"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    failed = await asyncio.gather(
        *(put(store, *((b"b%d" % n, b"x" * 90_000) for n in range(10))) for _ in range(5)),
        return_exceptions=True,
    )
    assert all(isinstance(error, StorageUnavailable) for error in failed), failed
    assert await get(store, b"a") == b"1"
    assert await get(store, b"b1") is None
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await put(store, (b"a", b"2"))
    await store.ping()
    await store.close()

asyncio.run(main())
"""


def test_a_full_disk_fails_the_batch_and_not_the_store(tmp_path: Path) -> None:
    """When the commit itself cannot be written, all in it fail, reads go on, and writes resume."""
    command = [sys.executable, "-c", FULL_DISK, f"lmdb://{tmp_path}/store"]
    subprocess.run(command, check=True, cwd=ROOT)


LEFT_OPEN = """
import asyncio, sys
from kernel.storage import open_store
from tests.contract.store import put

async def main():
    store = open_store(sys.argv[1])
    for number in range(50):
        asyncio.create_task(put(store, (b"%d" % number, b"")))
    await put(store, (b"a", b"1"))

asyncio.run(main())
"""


def test_a_process_that_forgets_to_close_ends_all_the_same(tmp_path: Path) -> None:
    """No hanging and no crash at the end of the interpreter; what was accepted is written."""
    command = [sys.executable, "-c", LEFT_OPEN, f"lmdb://{tmp_path}/store"]
    done = subprocess.run(command, check=True, cwd=ROOT, timeout=20, capture_output=True)
    assert done.stderr == b""


def test_all_of_it_works_under_uvloop(tmp_path: Path) -> None:
    """Reads, shared commits, watches and closing do the same on the loop of production."""

    async def main() -> None:
        store = open_store(f"lmdb://{tmp_path}/store")
        watch = asyncio.create_task(store.watch(b"counter", None))
        numbers = await asyncio.gather(*(increment(store, b"counter") for _ in range(100)))
        assert sorted(numbers) == list(range(1, 101))
        assert await watch in {b"%d" % number for number in numbers}
        late = asyncio.create_task(put(store, (b"late", b"")))
        await asyncio.sleep(0)
        await store.close()
        await late

    for _ in range(3):
        uvloop.run(main())
        (tmp_path / "store" / "data.mdb").unlink()
