"""The store on LMDB: one file on one host, for `make run`, tests and small installations.

Reads run on the event loop: they take microseconds, less than a switch to another thread. Writes
run on one thread per process, and all waiting writes share one commit, that is one fsync. Several
processes may use one file, serialized by LMDB's lock, and may be killed at any time.
"""
# ruff: noqa: D102 - the port documents the methods

import asyncio
import os
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar, cast

import lmdb

from kernel.errors import StorageFull, StorageUnavailable
from kernel.storage import limits
from kernel.storage.lmdb import last_backup
from kernel.storage.lmdb.room import BALLAST, NoRoom, Room, allocate
from kernel.storage.lmdb.transactions import COUNT_BYTES, LmdbRead, LmdbWrite
from kernel.storage.lmdb.watches import Watches
from kernel.storage.lmdb.writer import Job, Writer
from kernel.storage.port import LimitExceeded, Read, StoreOpenFailed, Transactions, Usage, Write
from kernel.storage.runner import forbid_nesting, run_synchronously

T = TypeVar("T")

MAP_SIZE = 64 << 30  # address space, not disk: the file grows as it fills
READERS = 1024  # transactions open at once, over all processes
SPARE_READERS = 4
BATCH_JOBS = 256
BATCH_SECONDS = 0.05  # so that new writes do not delay those that wait

LOCK = "lock.mdb"
_READER_BYTES = 64
_LOCK_BYTES = (READERS + 2) * _READER_BYTES  # as LMDB makes it

_COMMIT_BYTES = 10


class LmdbStore:
    """A folder with an LMDB file; `kernel.storage.port.Store` says what the methods do.

    For one event loop: all methods are called on it.

    Args:
        folder: The folder of the file; created with its parents if it is missing.
        map_size: The maximum bytes of the file.
        clock: A monotonic clock in seconds, for the time limit of a transaction.

    Raises:
        StoreOpenFailed: The folder or the file cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        *,
        map_size: int = MAP_SIZE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._env = _open(folder, map_size)
        self._folder = folder
        self._room = Room(self._env, folder)
        self._clock = clock
        self._closed: asyncio.Future[None] | None = None
        self._committed = 0
        self._watches = Watches(self._value, self._version)
        self._writer = Writer(self._commit, self._watches.check)

    async def read(self, fn: Callable[[Read], Coroutine[Any, Any, T]]) -> T:
        forbid_nesting()
        self._check_open()
        try:
            with self._env.begin() as txn:
                meter = limits.Meter(self._clock)
                tx = LmdbRead(txn, meter)
                try:
                    answer = run_synchronously(fn(tx))
                finally:
                    tx.end()
                meter.check_time()
                return answer
        except lmdb.Error as error:
            raise StorageUnavailable from error

    async def write(
        self, fn: Callable[[Write], Coroutine[Any, Any, T]], *, essential: bool = False
    ) -> T:
        forbid_nesting()
        self._check_open()
        answer = await self._writer.write(fn, essential=essential)
        self._committed += 1
        return cast("T", answer)

    async def watch(self, key: bytes, seen: bytes | None) -> bytes | None:
        forbid_nesting()
        self._check_open()
        limits.check_key(key)
        return await self._watches.wait(key, seen)

    async def advance(self, stamp: bytes) -> None:
        forbid_nesting()
        self._check_open()
        if len(stamp) != _COMMIT_BYTES or stamp >= b"\x7f":
            raise LimitExceeded("A commit's stamp has 10 bytes and begins below 0x7f.")
        # The count of the stamp itself is enough: the next one is greater by one.
        count = int.from_bytes(stamp[:COUNT_BYTES], "big")

        async def write(tx: LmdbWrite) -> None:
            tx.raise_counter(count)

        await self._writer.write(write)

    async def ping(self) -> None:
        forbid_nesting()
        self._check_open()
        try:
            self._env.reader_check()  # slots of killed processes keep old pages from being reused
        except lmdb.Error as error:
            raise StorageUnavailable from error
        if await self._writer.write(self._touch, essential=True):
            raise StorageFull

    def usage(self) -> Usage | None:
        return self._room.usage()

    def transactions(self) -> Transactions:
        return Transactions(self._committed, 0)  # one writer at a time: none conflicts

    def entries(self) -> int:
        """Returns the number of rows, including the few of the store itself."""
        return self._env.stat()["entries"]

    def commits(self) -> int:
        """Returns a number that grows with every commit, of any process."""
        return self._version()

    async def backup_age(self) -> float | None:
        return last_backup.age(self._folder)

    async def close(self) -> None:
        if self._closed is None:
            self._closed = asyncio.get_running_loop().create_future()
            self._watches.end(StorageUnavailable())
            self._writer.stop(self._free)
        await asyncio.shield(self._closed)

    def _free(self) -> None:
        # Runs on the event loop after the thread's end: no read and no write is in progress.
        assert self._closed is not None
        self._env.close()
        self._closed.set_result(None)

    def _check_open(self) -> None:
        if self._closed is not None:
            raise StorageUnavailable

    def _value(self, key: bytes) -> bytes | None:
        try:
            with self._env.begin() as txn:
                return txn.get(key)
        except lmdb.Error as error:
            raise StorageUnavailable from error

    def _version(self) -> int:
        """The number of the last commit that a read sees.

        The number that LMDB tells of the whole file is that of a commit whose data is still on its way
        to the disk, and that no read sees yet: a caller that took it as seen would miss the change.
        """
        try:
            with self._env.begin() as txn:
                return txn.id()
        except lmdb.Error as error:
            raise StorageUnavailable from error

    def _commit(self, batch: list[Job], more: Callable[[], bool]) -> None:
        """Runs and commits a batch, on the writer's thread."""
        try:
            with self._env.begin(write=True) as parent:
                if more():
                    self._run_nested(parent, batch, more)
                else:
                    self._run(batch[0], parent)
                    if batch[0].error is not None:
                        parent.abort()
        except lmdb.Error as error:
            if not self._room.is_exhausted(error):
                raise StorageUnavailable from error
            if not isinstance(error, lmdb.MapFullError):
                self._room.release()
            self._commit_essential(batch, error)

    def _commit_essential(self, batch: list[Job], cause: lmdb.Error) -> None:
        """Runs the essential jobs of a batch again, without the others, for which there is no room."""
        for job in batch:
            job.error = _full(cause)
        essential = [job for job in batch if job.essential]
        try:
            with self._env.begin(write=True) as parent:
                self._run_nested(parent, essential, lambda: False)
        except lmdb.Error as error:
            raise self._translated(error) from error

    def _run_nested(
        self, parent: "lmdb.Transaction[bytes]", batch: list[Job], more: Callable[[], bool]
    ) -> None:
        deadline = self._clock() + BATCH_SECONDS
        for job in batch:  # it grows meanwhile
            child = self._env.begin(write=True, parent=parent)
            self._run(job, child)
            if job.error is None:
                child.commit()
            else:
                child.abort()
            if len(batch) < BATCH_JOBS and self._clock() < deadline:
                more()

    def _run(self, job: Job, txn: "lmdb.Transaction[bytes]") -> None:
        tx = LmdbWrite(txn, limits.Meter(self._clock))
        try:
            job.error = None
            job.answer = run_synchronously(job.fn(tx))
            tx.finish()
            if tx.written and not job.essential:
                self._room.require_reserve(txn, tx.written)
        except NoRoom as error:
            job.error = _full(error)
        except lmdb.Error as error:
            job.error = self._translated(error)
            job.error.__cause__ = error
        except BaseException as error:  # noqa: BLE001 - the waiting caller gets it
            job.error = error
        finally:
            tx.end()

    async def _touch(self, tx: LmdbWrite) -> bool:
        """Tests whether writing works; returns whether the store is nearly full."""
        self._room.check()
        tx.touch()
        return self._room.is_nearly_short()

    def _translated(self, error: lmdb.Error) -> StorageUnavailable:
        return StorageFull() if self._room.is_exhausted(error) else StorageUnavailable()


def _full(cause: Exception) -> StorageFull:
    error = StorageFull()
    error.__cause__ = cause
    return error


def _open(folder: Path, map_size: int) -> lmdb.Environment:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _allocate_lock(folder)
        env = lmdb.Environment(
            str(folder),
            map_size=map_size,
            mode=0o600,
            max_readers=READERS,
            max_spare_txns=SPARE_READERS,
        )
        env.reader_check()
    except (lmdb.Error, OSError) as error:
        raise StoreOpenFailed(f"The store at {folder} cannot be opened: {error}") from error
    return env


def _allocate_lock(folder: Path) -> None:
    """Gives LMDB's lock file its space on the disk.

    LMDB writes to it through a map; on a full disk, the first use of a page without space would
    kill the process (SIGBUS).
    """
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        allocate(descriptor, _LOCK_BYTES)
    except OSError:
        (folder / BALLAST).unlink(missing_ok=True)  # that is what it is for
        allocate(descriptor, _LOCK_BYTES)
    finally:
        os.close(descriptor)
