"""`python -m kernel.storage backup` and `restore`: under load, complete or not at all, private."""

import random
import shutil
import stat
import subprocess
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from kernel.storage import RANGE_ROWS, Store, Subspace, Write, open_store
from tests.contract.store import put, rows_of
from tests.support.moving import (
    content,
    fill,
    lmdb_url,
    refusal,
    run,
    size_on_disk,
    start,
    start_load,
)

ROWS = [
    (Subspace(("row",)).pack((number,)), random.Random(number).randbytes(2000))
    for number in range(5000)
]


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """The address of an idle store with some rows."""
    url = lmdb_url(tmp_path, "store")
    store = open_store(url)
    await fill(store, ROWS)
    await store.close()
    return url


def names(folder: Path) -> list[str]:
    """The names in a folder."""
    return sorted(file.name for file in folder.iterdir())


async def test_a_backup_contains_every_write_acknowledged_before(tmp_path: Path, url: str) -> None:
    """The drill: back up under load, lose the store, restore; no row is missing or half written."""
    space = Subspace(("load",))
    with start_load(url, space.prefix) as load:
        acknowledged: set[int] = set()
        for number in range(3):
            acknowledged |= _acknowledged(load, 150)
            before = set(acknowledged)
            backup = start("backup", url, str(tmp_path / f"backup-{number}"))
            while backup.poll() is None:
                acknowledged |= _acknowledged(load, 1)
            assert backup.returncode == 0, backup.communicate()
            backup.communicate()
            assert acknowledged > before
        load.kill()
    shutil.rmtree(tmp_path / "store")
    assert run("restore", tmp_path / "backup-2", url).returncode == 0
    store = open_store(url)
    left, right = [
        {
            space.unpack(key)[1]
            for key, _ in await rows_of(store, *space.range((side,)), limit=RANGE_ROWS)
        }
        for side in ("left", "right")
    ]
    assert left == right
    assert left >= before
    await put(store, (b"alive", b""))
    await store.close()


def _acknowledged(load: subprocess.Popen[bytes], count: int) -> set[int]:
    """The numbers of the next acknowledged pairs."""
    assert load.stdout
    return {int(load.stdout.readline()) for _ in range(count)}


async def test_stamps_go_on_after_a_restore(tmp_path: Path, store: Store) -> None:
    """New stamps of the restored store sort after those in the backup."""
    space = Subspace(("stamped",))
    for _ in range(3):
        await store.write(_stamp(space))
    assert run("backup", f"lmdb://{tmp_path}/store", tmp_path / "backup").returncode == 0
    assert run("restore", tmp_path / "backup", lmdb_url(tmp_path, "restored")).returncode == 0
    restored = open_store(lmdb_url(tmp_path, "restored"))
    before = [key for key, _ in await rows_of(restored, *space.range())]
    await restored.write(_stamp(space))
    after = [key for key, _ in await rows_of(restored, *space.range())]
    assert (len(before), after[:-1]) == (3, before)
    await restored.close()


def _stamp(space: Subspace) -> Callable[[Write], Coroutine[Any, Any, None]]:
    async def write(tx: Write) -> None:
        tx.set_versionstamped_key(space.prefix, b"")

    return write


async def test_a_backup_is_a_store_and_reports_its_size(tmp_path: Path, url: str) -> None:
    """It has the same rows, opens like any other store, and only its owner can read it."""
    folder = tmp_path / "backups" / "today"
    done = run("backup", url, folder)
    assert (done.returncode, done.stderr) == (0, "")
    size = size_on_disk(folder)
    assert done.stdout.startswith(f"backed up 5,000 rows, {size:,} bytes in ")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {(file.name, stat.S_IMODE(file.stat().st_mode)) for file in folder.iterdir()} == {
        ("data.mdb", 0o600)
    }
    assert names(folder.parent) == ["today"]
    store = open_store(f"lmdb://{folder}")
    assert await content(store) == ROWS
    await store.close()


async def test_a_backup_takes_no_space_for_removed_rows(tmp_path: Path, store: Store) -> None:
    """The backup of a file with free pages is smaller than the file."""
    await fill(store, [(b"%06d" % number, b"x" * 1000) for number in range(5000)])

    async def clear(tx: Write) -> None:
        tx.clear_range(b"0", b"1")

    await store.write(clear)
    assert run("backup", f"lmdb://{tmp_path}/store", tmp_path / "backup").returncode == 0
    assert size_on_disk(tmp_path / "backup") < 100_000 < size_on_disk(tmp_path / "store")


async def test_a_backup_folder_that_is_not_empty_is_refused(tmp_path: Path, url: str) -> None:
    """Neither an earlier backup nor anything else is overwritten; an empty folder is accepted."""
    folder = tmp_path / "backup"
    folder.mkdir()
    assert run("backup", url, folder).returncode == 0
    before = (folder / "data.mdb").read_bytes()
    assert refusal("backup", url, folder) == f"{folder} is not empty."
    assert (folder / "data.mdb").read_bytes() == before
    (tmp_path / "file").write_text("mine")
    assert refusal("backup", url, tmp_path / "file").endswith("is not a folder.")
    assert refusal("backup", url, tmp_path / "file" / "below").startswith(str(tmp_path / "store"))
    assert (tmp_path / "file").read_text() == "mine"


async def test_a_restore_overwrites_nothing(tmp_path: Path, url: str) -> None:
    """An existing store is not changed, and neither is anything else in the folder."""
    assert run("backup", url, tmp_path / "backup").returncode == 0
    assert refusal("restore", tmp_path / "backup", url) == f"{tmp_path / 'store'} is not empty."
    shutil.rmtree(tmp_path / "store")
    assert run("restore", tmp_path / "backup", url).returncode == 0
    store = open_store(url)
    assert await content(store) == ROWS
    await store.close()
    assert names(tmp_path / "backup") == ["data.mdb"]


async def test_only_stores_are_backed_up_and_restored(tmp_path: Path) -> None:
    """A missing folder, an empty one and a damaged file cause one line, and leave no files."""
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / "data.mdb").write_bytes(b"no database" * 10_000)
    assert "There is no store at" in refusal("backup", lmdb_url(tmp_path, "x"), tmp_path / "out")
    assert "There is no store at" in refusal("restore", tmp_path / "x", lmdb_url(tmp_path, "out"))
    for words in (
        ("backup", lmdb_url(tmp_path, "damaged"), tmp_path / "out"),
        ("restore", damaged, lmdb_url(tmp_path, "out")),
    ):
        assert "cannot be copied" in refusal(*words)
    assert names(tmp_path) == ["damaged"]


async def test_a_truncated_backup_is_not_restored(tmp_path: Path, url: str) -> None:
    """An incomplete file is detected, and nothing is restored."""
    assert run("backup", url, tmp_path / "backup").returncode == 0
    file = tmp_path / "backup" / "data.mdb"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert "incomplete" in refusal("restore", tmp_path / "backup", lmdb_url(tmp_path, "restored"))
    assert names(tmp_path) == ["backup", "store"]


async def test_a_killed_backup_leaves_no_folder_of_its_name(tmp_path: Path, store: Store) -> None:
    """Only a complete backup has its final name; an unfinished one has a name that says so."""
    await fill(store, [(b"%06d" % number, b"x" * 1000) for number in range(50_000)])
    source = f"lmdb://{tmp_path}/store"
    process = start("backup", source, str(tmp_path / "backup"))
    while len(names(tmp_path)) == 1 and process.poll() is None:
        pass
    process.kill()
    process.communicate()
    (unfinished, _) = names(tmp_path)
    assert unfinished.startswith(".backup-")
    assert unfinished.endswith(".unfinished")
    assert run("backup", source, tmp_path / "backup").returncode == 0


def test_only_a_store_on_lmdb_is_backed_up_here(tmp_path: Path) -> None:
    """For FoundationDB, one line names its own tool; for an invalid address, the valid form."""
    for words in (
        ("backup", "fdb:///etc/fdb.cluster", tmp_path / "out"),
        ("restore", tmp_path, "fdb:///etc/fdb.cluster"),
    ):
        assert "fdbbackup" in refusal(*words)
    assert "address" in refusal("backup", "lmdb://folder", tmp_path / "out")
