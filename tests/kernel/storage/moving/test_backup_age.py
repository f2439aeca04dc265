"""How old the newest backup of a store is."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kernel.storage import Write, open_store
from kernel.storage.fdb.backup_status import newest_backup_age


def run(*arguments: str) -> None:
    """Runs `python -m kernel.storage`."""
    subprocess.run([sys.executable, "-m", "kernel.storage", *arguments], check=True)


async def make(url: str) -> None:
    """Makes a store with a row."""

    async def write(tx: Write) -> None:
        tx.set(b"key", b"value")

    store = open_store(url)
    await store.write(write)
    await store.close()


async def age(url: str) -> float | None:
    """How old the newest backup of a store is."""
    store = open_store(url)
    try:
        return await store.backup_age()
    finally:
        await store.close()


async def test_the_command_notes_a_backup(tmp_path: Path) -> None:
    """The age counts from before the copy began; the backup and what is restored from it have none."""
    url, restored = f"lmdb://{tmp_path}/store", f"lmdb://{tmp_path}/restored"
    await make(url)
    assert await age(url) is None
    began = time.time()
    run("backup", url, str(tmp_path / "backup"))
    run("restore", str(tmp_path / "backup"), restored)
    known = await age(url)
    assert known is not None
    assert 0 <= known <= time.time() - began + 1
    assert await age(restored) is None


async def test_a_failed_backup_is_not_noted(tmp_path: Path) -> None:
    """The age goes on from the last good one."""
    url = f"lmdb://{tmp_path}/store"
    await make(url)
    run("backup", url, str(tmp_path / "backup"))
    os.utime(tmp_path / "store" / "last-backup", (1_000, 1_000))
    with pytest.raises(subprocess.CalledProcessError):
        run("backup", url, str(tmp_path / "backup"))
    known = await age(url)
    assert known is not None
    assert known > 1_000


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"a": {"last_restorable_seconds_behind": 21.5, "running_backup": True}}, 21.5),
        (
            {
                "old": {"last_restorable_seconds_behind": 90_000, "running_backup": False},
                "new": {"last_restorable_seconds_behind": 7},
            },
            7.0,
        ),
        ({"first": {"running_backup": True}}, None),
        ({}, None),
        (None, None),
        ({"odd": "text"}, None),
    ],
    ids=["running", "two", "not-restorable-yet", "none", "no-tags", "odd"],
)
def test_the_status_of_a_cluster(tags: object, expected: float | None) -> None:
    """The newest of the backups counts; a status without one, or of another form, says nothing."""
    status = json.dumps({"cluster": {"layers": {"backup": {"tags": tags}}}}).encode()
    assert newest_backup_age(status) == expected


@pytest.mark.parametrize("status", [b"", b"{}", b"[1]", b'{"cluster": {"layers": {}}}'])
def test_a_status_without_backups(status: bytes) -> None:
    """Where no agent reports a backup, its age is unknown."""
    assert newest_backup_age(status) is None
