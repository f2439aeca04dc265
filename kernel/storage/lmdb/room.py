"""The room of a store: how much there is, and what is kept back for essential writes.

A store is full where its map ends, or where the disk does. LMDB never overwrites a page that is in
use, so even a removal needs new pages. So ordinary writes are refused while less than the reserve is
left, and essential ones, which revoke or remove, use it up.

Other programs can fill the disk, too. Against them, a file of its own takes up a part of the disk:
the ballast. A commit that finds the disk full removes it; it is made again once there is space.
"""

import errno
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import lmdb

from kernel.storage.port import Usage

RESERVE_BYTES = 64 << 20
"""Kept back, or an eighth of a map that is small."""
BALLAST_BYTES = 16 << 20
"""The size of the ballast, or a quarter of a smaller reserve."""
BALLAST = "ballast"
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FAR_BYTES = 1 << 30
_SHARES = 32  # other processes write, too, and rows take more space than their bytes
_META_PAGES = 2
_BLOCK_BYTES = 512  # of `st_blocks`


class NoRoom(Exception):
    """An ordinary write would use room that is kept back."""


class Room:
    """The room of one store, as this process knows it; others on the same file look for themselves.

    Args:
        env: The open store.
        folder: Its folder.
    """

    def __init__(self, env: lmdb.Environment, folder: Path) -> None:
        self._env = env
        self._db = env.open_db()
        self._folder = folder
        self._page_bytes = env.stat()["psize"]
        self._map_bytes = env.info()["map_size"]
        self._reserve = min(RESERVE_BYTES, self._map_bytes // 8)
        self._ballast = folder / BALLAST
        self._ballast_bytes = min(BALLAST_BYTES, self._reserve // 4)
        self._disk_limit = self._file_bytes() + self._free_bytes()
        self._unchecked_bytes = 0

    def require_reserve(self, txn: "lmdb.Transaction[bytes]", written: int) -> None:
        """Raises `NoRoom` if less than the reserve would be left after this transaction.

        Args:
            txn: The transaction, before its commit.
            written: The bytes of its keys and values.
        """
        self._unchecked_bytes -= written
        if self._unchecked_bytes > 0:
            return
        left = self._limit() - self._used(txn.stat(self._db)) - self._reserve
        if left < 0:
            raise NoRoom(f"at most {max(self._limit() - self._reserve, 0):,} bytes may be used")
        # Far from the limit, not each transaction looks: that would take a tenth of its time.
        self._unchecked_bytes = (left - _FAR_BYTES) // _SHARES

    def is_nearly_short(self) -> bool:
        """Whether ordinary writes are about to be refused, or are already.

        A bit earlier than they are, as that depends on the size of a write: so a store reports that
        it is full before it refuses some writes and takes others.
        """
        used, limit = self.usage()
        return limit - used < self._reserve // 8

    def usage(self) -> Usage:
        """The bytes in use, and how many ordinary writes may use at most."""
        return Usage(self._used(self._env.stat()), max(self._limit() - self._reserve, 0))

    def check(self) -> None:
        """Looks how much space the disk has, and makes the ballast if it is missing.

        Without the ballast the file may not grow, even if the system reports free space: it may
        belong to other users, or be beyond a quota. Then only free pages in the file are room.
        """
        size, free = self._file_bytes(), self._free_bytes()  # in this order: growth counts once
        if not self._has_ballast():
            free -= self._ballast_bytes
            if free < self._reserve or not self._make_ballast():
                free = 0
        self._disk_limit = size + free
        self._unchecked_bytes = 0

    def release(self) -> None:
        """Removes the ballast: a commit has found the disk full."""
        self._disk_limit = self._file_bytes()
        self._unchecked_bytes = 0
        with suppress(OSError):
            self._ballast.unlink(missing_ok=True)

    def is_exhausted(self, error: lmdb.Error) -> bool:
        """Whether an error of LMDB says that there is no room, on the disk or in the map."""
        if isinstance(error, lmdb.MapFullError) or error.code in _NO_SPACE:
            return True
        # LMDB reports a page that was written only in part as EIO, without the cause.
        return error.code == errno.EIO and self._free_bytes() < self._reserve

    def _limit(self) -> int:
        """The bytes that the file may reach."""
        return min(self._map_bytes, self._disk_limit)

    def _file_bytes(self) -> int:
        return (self._env.info()["last_pgno"] + 1) * self._page_bytes

    def _used(self, stat: Mapping[str, Any]) -> int:
        # Pages that are free in the file count as room, although a reader may still use some.
        pages = stat["branch_pages"] + stat["leaf_pages"] + stat["overflow_pages"]
        return int((pages + _META_PAGES) * self._page_bytes)

    def _free_bytes(self) -> int:
        try:
            found = os.statvfs(self._folder)
        except OSError:  # not every file system can say; a commit shows it then
            return sys.maxsize
        return found.f_bavail * found.f_frsize

    def _has_ballast(self) -> bool:
        try:
            return self._ballast.stat().st_size == self._ballast_bytes
        except OSError:
            return False

    def _make_ballast(self) -> bool:
        try:
            descriptor = os.open(self._ballast, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                allocate(descriptor, self._ballast_bytes)
            finally:
                os.close(descriptor)
        except OSError:
            self.release()
            return False
        return True


def allocate(descriptor: int, size: int) -> None:
    """Gives a file its space on the disk, and at least this size; keeps what is in it."""
    found = os.fstat(descriptor)
    size = max(size, found.st_size)
    if found.st_blocks * _BLOCK_BYTES >= size:
        return
    if sys.platform == "linux":
        os.posix_fallocate(descriptor, 0, size)
    elif found.st_size < size:
        os.pwrite(descriptor, bytes(size - found.st_size), found.st_size)
