"""Backups of a store on LMDB: a consistent copy of its file, made while processes use it.

A backup is a folder like that of the store, so a restore is the same copy in reverse.
"""

import os
import shutil
import tempfile
from pathlib import Path

import lmdb

from kernel.storage.limits import FIRST_RESERVED
from kernel.storage.lmdb.store import MAP_SIZE, READERS

DATA = "data.mdb"
LOCK = "lock.mdb"


class BackupFailed(Exception):
    """Nothing was copied; the text is a sentence for the operator."""


def copy_folder(source: Path, target: Path) -> tuple[int, int]:
    """Copies the store in a folder to another folder, completely or not at all.

    The copy gets its name only after it is on disk and every row has been read. It has all rows
    that were committed before the call, and takes no space for removed ones.

    Args:
        source: A store; may be in use by any number of processes.
        target: A folder that is empty or does not exist; only its owner will be able to read it.

    Returns:
        The number of rows, and the bytes of the file.

    Raises:
        BackupFailed: There is no store, the target is not empty, or the system returned an error.
    """
    if not (source / DATA).is_file():
        raise BackupFailed(f"There is no store at {source}.")
    try:
        _prepare(target)
        unfinished = Path(tempfile.mkdtemp(".unfinished", f".{target.name}-", target.parent))
        try:
            _write(source, unfinished)
            rows = _count(unfinished)
            size = (unfinished / DATA).stat().st_size
            unfinished.rename(target)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        _sync(target.parent)
    except (lmdb.Error, OSError) as error:
        raise BackupFailed(f"{source} cannot be copied to {target}: {error}") from error
    return rows, size


def _prepare(target: Path) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise BackupFailed(f"{target} is not a folder.")
    if target.exists() and any(target.iterdir()):
        raise BackupFailed(f"{target} is not empty.")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def _write(source: Path, folder: Path) -> None:
    """Copies the file and syncs it; a folder of `mkdtemp` is open to its owner only."""
    with _opened(source) as env:
        if not (source / LOCK).exists() and _is_truncated(env, source):
            raise BackupFailed(f"{source} is incomplete: its file is truncated.")
        env.copy(str(folder), compact=True)
    (folder / DATA).chmod(0o600)
    _sync(folder / DATA)
    _sync(folder)


def _count(folder: Path) -> int:
    """Reads every row, to prove that the copy is readable, and returns their number."""
    with _opened(folder) as env, env.begin() as txn, txn.cursor() as cursor:
        return sum(key < FIRST_RESERVED for key, _ in cursor)


def _opened(folder: Path) -> lmdb.Environment:
    # The map has room for rows that others may add between the opening and the copy. A folder
    # without a lock file is a backup: no process uses it, and it gets no lock file.
    return lmdb.Environment(
        str(folder),
        map_size=max(MAP_SIZE, 2 * (folder / DATA).stat().st_size),
        max_readers=READERS,
        readonly=True,
        create=False,
        lock=(folder / LOCK).exists(),
    )


def _is_truncated(env: lmdb.Environment, folder: Path) -> bool:
    """Whether a backup lacks its end; reading there would crash the process."""
    return (folder / DATA).stat().st_size < (env.info()["last_pgno"] + 1) * env.stat()["psize"]


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
