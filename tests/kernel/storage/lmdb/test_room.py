"""A disk that is full, below a store on LMDB.

Each test fills a small disk of its own.
"""

from pathlib import Path

from tests.support.small_disk import run_on_small_disk

PRELUDE = '''
from kernel.errors import StorageFull
from kernel.storage import StoreOpenFailed
from kernel.storage.lmdb.store import LmdbStore
from tests.contract.store import get, put, rows_of

STORE = DISK / "store"

def opened():
    """A store with a reserve of 2 MB, and a ballast of 512 kB."""
    return LmdbStore(STORE, map_size=16 << 20)

async def refused(awaitable):
    """Whether a write is refused because there is no room."""
    try:
        await awaitable
    except StorageFull:
        return True
    return False

def removing(*keys):
    async def remove(tx):
        for key in keys:
            tx.clear(key)
    return remove
'''


def succeed(tmp_path: Path, script: str) -> None:
    """Runs a script whose assertions hold."""
    run_on_small_disk(tmp_path, script, PRELUDE)


def test_a_full_disk_leaves_room_for_essential_writes(tmp_path: Path) -> None:
    """Another program fills the disk: ordinary writes are refused, removals work for all rows."""
    succeed(
        tmp_path,
        """
        store = opened()
        await store.ping()
        keys = [b"%04d" % number for number in range(1000)]
        for first in range(0, 1000, 50):
            await put(store, *((key, b"v" * 1000) for key in keys[first : first + 50]))
        fill_disk()
        assert await refused(store.ping())
        assert await refused(put(store, (b"more", b"")))
        assert await get(store, keys[0]) == b"v" * 1000
        for first in range(0, 1000, 10):
            await store.write(removing(*keys[first : first + 10]), essential=True)
        assert await rows_of(store, b"", b"\\xfe") == []
        await store.close()
        """,
    )


def test_a_disk_that_fills_between_two_pings(tmp_path: Path) -> None:
    """The commit that finds it full releases the ballast: only ordinary writes of it are lost."""
    succeed(
        tmp_path,
        """
        store = opened()
        await store.ping()
        await put(store, (b"old", b"v" * 50_000))
        fill_disk()
        big = [put(store, (b"big%d" % number, b"v" * 90_000)) for number in range(9)]
        async def note(tx):
            tx.set(b"note", b"1" * 90_000)
        outcomes = await asyncio.gather(
            *big, store.write(note, essential=True), return_exceptions=True
        )
        assert [type(one) for one in outcomes] == [StorageFull] * 9 + [type(None)], outcomes
        assert await get(store, b"note") is not None
        assert await get(store, b"big0") is None
        assert not (STORE / "ballast").exists()
        await store.close()
        """,
    )


def test_a_store_works_again_when_the_disk_has_space(tmp_path: Path) -> None:
    """Without a restart; and the ballast is made again."""
    succeed(
        tmp_path,
        """
        store = opened()
        await store.ping()
        fill_disk()
        (STORE / "ballast").unlink()
        fill_disk()
        assert await refused(store.ping())
        assert await refused(put(store, (b"a", b"v" * 90_000)))
        free_disk()
        await store.ping()
        await put(store, (b"a", b"v" * 90_000))
        assert (STORE / "ballast").stat().st_size == 512 << 10
        assert (STORE / "ballast").stat().st_blocks * 512 >= 512 << 10
        await store.close()
        """,
    )


def test_space_that_was_freed_in_the_store_counts(tmp_path: Path) -> None:
    """On a disk that stays full, ordinary writes work again when enough rows were removed."""
    succeed(
        tmp_path,
        """
        store = opened()
        await store.ping()
        keys = [b"%04d" % number for number in range(100)]
        for key in keys:
            await put(store, (key, b"v" * 60_000))
        fill_disk()
        assert await refused(store.ping())
        assert await refused(put(store, (b"more", b"v" * 1000)))
        for key in keys[:60]:
            await store.write(removing(key), essential=True)
        await store.ping()
        await put(store, (b"more", b"v" * 1000))
        await store.close()
        """,
    )


def test_a_store_opens_on_a_full_disk(tmp_path: Path) -> None:
    """A restart needs no space; without a ping, it knows already that there is none."""
    succeed(
        tmp_path,
        """
        store = opened()
        await put(store, (b"a", b"1"), (b"b", b"1"))
        await store.ping()
        await store.close()
        fill_disk()
        store = opened()
        assert await get(store, b"a") == b"1"
        assert await refused(put(store, (b"c", b"1")))
        await store.write(removing(b"a"), essential=True)
        await store.close()
        """,
    )


def test_a_new_store_on_a_full_disk_is_refused_in_one_line(tmp_path: Path) -> None:
    """The error says where, and why."""
    succeed(
        tmp_path,
        """
        fill_disk()
        try:
            opened()
        except StoreOpenFailed as error:
            assert "No space left on device" in str(error), error
            assert str(STORE) in str(error), error
            assert "\\n" not in str(error)
        else:
            raise AssertionError
        """,
    )


def test_many_readers_on_a_full_disk(tmp_path: Path) -> None:
    """The lock file has its space from the start: its first use by a reader kills no process."""
    succeed(
        tmp_path,
        """
        store = opened()
        await put(store, (b"a", b"1"))
        fill_disk()
        readers = [store._env.begin() for _ in range(500)]
        assert [reader.get(b"a") for reader in readers] == [b"1"] * 500
        for reader in readers:
            reader.abort()
        await store.close()
        """,
    )


def test_a_lock_file_without_space_is_repaired(tmp_path: Path) -> None:
    """A lock file that LMDB made itself gets its space from the ballast, if need be."""
    succeed(
        tmp_path,
        """
        store = opened()
        await put(store, (b"a", b"1"))
        await store.ping()
        await store.close()
        (STORE / "lock.mdb").unlink()
        with (STORE / "lock.mdb").open("wb") as file:
            file.truncate(65_664)
        fill_disk()
        store = opened()
        readers = [store._env.begin() for _ in range(500)]
        for reader in readers:
            reader.abort()
        await store.close()
        """,
    )


def test_a_folder_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path) -> None:
    """A read-only file system is named as the reason."""
    succeed(
        tmp_path,
        """
        store = opened()
        await put(store, (b"a", b"1"))
        await store.close()
        import subprocess
        subprocess.run(["mount", "-o", "remount,ro", DISK], check=True)
        try:
            opened()
        except StoreOpenFailed as error:
            assert "Read-only file system" in str(error), error
        else:
            raise AssertionError
        """,
    )
