"""Behaviour only of the LMDB backend: one file, one writer, a full map, a full disk."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import uvloop

from kernel.errors import StorageFull
from kernel.storage import Store, Write, open_store
from kernel.storage.lmdb.store import LmdbStore
from tests.contract.store import get, increment, put, rows_of

ROOT = Path(__file__).parents[4]


async def _hold(store: Store, until: threading.Event) -> asyncio.Task[None]:
    """Keeps the writer busy, so that the next writes share a commit."""
    held = threading.Event()

    async def write(_: Write) -> None:
        held.set()
        until.wait(5)

    task = asyncio.create_task(store.write(write))
    while not held.is_set():  # noqa: ASYNC110 - set by a thread
        await asyncio.sleep(0.001)
    return task


async def test_writes_in_one_commit_see_each_other_but_no_failed_one(store: Store) -> None:
    """Later writes of a batch see earlier ones; a failed one writes nothing."""
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
    """A write that is cancelled before it starts does not run, at any position in the batch."""
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


async def test_a_commit_of_this_process_wakes_a_watch_without_polling(store: Store) -> None:
    """The watch ends with the write, not at the next poll."""
    watch = asyncio.create_task(store.watch(b"a", None))
    await asyncio.sleep(0)
    await put(store, (b"a", b"1"))
    await asyncio.sleep(0)
    assert watch.done()
    assert await watch == b"1"


async def test_every_commit_is_on_disk_before_it_is_answered(tmp_path: Path) -> None:
    """The file is synchronized with every commit: no flag disables this."""
    store = LmdbStore(tmp_path / "store")
    flags = store._env.flags()
    assert flags["sync"]
    assert flags["metasync"]
    assert not flags["writemap"]
    assert not flags["map_async"]
    await store.close()


async def test_a_full_map_is_an_error_and_the_store_keeps_working(tmp_path: Path) -> None:
    """A write that does not fit raises StorageFull; smaller writes and reads still work."""
    store = LmdbStore(tmp_path / "store", map_size=200_000)
    await put(store, (b"a", b"1"))
    with pytest.raises(StorageFull):
        await put(store, *((b"big %d" % number, b"x" * 50_000) for number in range(20)))
    assert await rows_of(store, b"", b"\xfe") == [(b"a", b"1")]
    await put(store, (b"a", b"2"))
    assert await get(store, b"a") == b"2"
    await store.close()


async def test_a_full_map_fails_only_writes_that_do_not_fit(tmp_path: Path) -> None:
    """In a shared commit, a write that does not fit does not fail the others."""
    store = LmdbStore(tmp_path / "store", map_size=400_000)
    go = threading.Event()
    holding = await _hold(store, go)
    big = [(b"big %d" % number, b"x" * 50_000) for number in range(20)]
    tasks = [asyncio.create_task(put(store, *rows)) for rows in ([(b"a", b"")], big, [(b"b", b"")])]
    await asyncio.sleep(0)
    go.set()
    outcomes = await asyncio.gather(holding, *tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None)] * 2 + [
        StorageFull,
        type(None),
    ]
    assert [key for key, _ in await rows_of(store, b"", b"\xfe")] == [b"a", b"b"]
    await store.close()


async def test_a_larger_map_gives_a_full_store_more_room(tmp_path: Path) -> None:
    """It is opened again with a larger `map_size`, and keeps its rows."""
    row = b"x" * 50_000
    store = open_store(f"lmdb://{tmp_path}/store?map_size=1000000")
    number = 0
    with pytest.raises(StorageFull):  # noqa: PT012 - the number of writes is not known
        while True:
            await put(store, (b"%d" % number, row))
            number += 1
    await store.close()
    store = open_store(f"lmdb://{tmp_path}/store?map_size=2000000")
    await store.ping()
    await put(store, (b"more", row))
    assert len(await rows_of(store, b"", b"\xfe")) == number + 1
    await store.close()


async def test_a_smaller_map_loses_nothing(tmp_path: Path) -> None:
    """A store with more rows than its new map has room for is full, and can be read and emptied."""
    keys = [b"%02d" % number for number in range(20)]
    store = open_store(f"lmdb://{tmp_path}/store?map_size=4000000")
    for key in keys:
        await put(store, (key, b"x" * 50_000))
    await store.close()
    store = open_store(f"lmdb://{tmp_path}/store?map_size=800000")
    with pytest.raises(StorageFull):
        await store.ping()

    async def clear(tx: Write) -> None:
        tx.clear_range(keys[0], keys[15])

    await store.write(clear, essential=True)
    await put(store, (b"a", b"1"))
    assert [key for key, _ in await rows_of(store, b"", b"a")] == keys[15:]
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
    """If a commit cannot be written, all its writes fail, reads still work, and later writes succeed."""
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


def test_a_process_that_does_not_close_the_store_still_exits(tmp_path: Path) -> None:
    """The interpreter exits without a hang or crash, and accepted writes are committed."""
    command = [sys.executable, "-c", LEFT_OPEN, f"lmdb://{tmp_path}/store"]
    done = subprocess.run(command, check=True, cwd=ROOT, timeout=20, capture_output=True)
    assert done.stderr == b""


def test_all_of_it_works_under_uvloop(tmp_path: Path) -> None:
    """Reads, shared commits, watches and closing work on the event loop of production."""

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
