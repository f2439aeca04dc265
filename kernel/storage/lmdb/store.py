"""The store on LMDB: one file on one host, for `make run`, tests and small installations.

Reads run on the event loop: they take microseconds, less than a switch to another thread. Writes
run on one thread per process, and all waiting writes share one commit, that is one fsync. Several
processes may use one file, serialized by LMDB's lock, and may be killed at any time.

Keys from `limits.FIRST_RESERVED` on are the store's own: the counter behind versionstamps and the
row of `ping`.
"""
# ruff: noqa: D102 - the port documents the methods

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import lmdb

from kernel.errors import StorageUnavailable
from kernel.storage import limits
from kernel.storage.lmdb.watches import Watches
from kernel.storage.lmdb.writer import Job, Writer
from kernel.storage.port import LimitExceeded, Read, StoreOpenFailed, Write
from kernel.storage.runner import ENDED, forbid_nesting, run_synchronously

T = TypeVar("T")

MAP_SIZE = 64 << 30  # address space, not disk: the file grows as it fills
READERS = 1024  # transactions open at once, over all processes
SPARE_READERS = 4
BATCH_JOBS = 256
BATCH_SECONDS = 0.05  # so that new writes do not delay those that wait
CLEARED_AT_ONCE = 1024

_COUNTER_KEY = b"\xff/versionstamp"
_PING_KEY = b"\xff/ping"
_COMMIT_BYTES = 10
_COUNT_BYTES = 8  # of a stamp; with one bit to spare, so that it never overflows


class LmdbRead:
    """A snapshot; `kernel.storage.port.Read` says what the methods do."""

    __slots__ = ("_meter", "_txn")

    def __init__(self, txn: "lmdb.Transaction[bytes]", meter: limits.Meter) -> None:
        self._txn = txn
        self._meter = meter

    async def get(self, key: bytes) -> bytes | None:
        limits.check_key(key)
        return self._txn.get(key)

    async def get_many(self, keys: Iterable[bytes]) -> list[bytes | None]:
        self._meter.check_time()
        return [await self.get(key) for key in keys]

    async def get_range(
        self, begin: bytes, end: bytes, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        limits.check_range(begin, end)
        limits.check_rows(limit)
        self._meter.check_time()
        with self._txn.cursor() as cursor:
            rows = _backward(cursor, begin, end) if reverse else _forward(cursor, begin, end)
            return [row for row, _ in zip(rows, range(limit), strict=False)]

    def end(self) -> None:
        """Makes every further use raise `TransactionEnded`."""
        self._txn = self._meter = ENDED


def _forward(
    cursor: "lmdb.Cursor[bytes]", begin: bytes, end: bytes
) -> Iterator[tuple[bytes, bytes]]:
    found = cursor.set_range(begin) if begin else cursor.first()
    while found and cursor.key() < end:
        yield cursor.item()
        found = cursor.next()


def _backward(
    cursor: "lmdb.Cursor[bytes]", begin: bytes, end: bytes
) -> Iterator[tuple[bytes, bytes]]:
    if not end:
        return
    found = cursor.prev() if cursor.set_range(end) else cursor.last()
    while found and begin <= cursor.key():
        yield cursor.item()
        found = cursor.prev()


class LmdbWrite(LmdbRead):
    """A transaction that writes; `kernel.storage.port.Write` says what the methods do."""

    __slots__ = ("_stamped",)

    def __init__(self, txn: "lmdb.Transaction[bytes]", meter: limits.Meter) -> None:
        super().__init__(txn, meter)
        self._stamped: list[tuple[bytes, bytes, bytes]] = []

    def set(self, key: bytes, value: bytes) -> None:
        limits.check_key(key)
        limits.check_value(value)
        self._meter.charge(len(key) + len(value))
        self._txn.put(key, value)

    def clear(self, key: bytes) -> None:
        limits.check_key(key)
        self._meter.charge(len(key))
        self._txn.delete(key)

    def clear_range(self, begin: bytes, end: bytes) -> None:
        limits.check_range(begin, end)
        self._meter.charge(len(begin) + len(end))
        with self._txn.cursor() as cursor:
            found = cursor.set_range(begin) if begin else cursor.first()
            cleared = 0
            while found and cursor.key() < end:
                found = cursor.delete() and bool(cursor.key())  # delete moves on to the next row
                cleared += 1
                if cleared % CLEARED_AT_ONCE == 0:
                    self._meter.check_time()

    def add(self, key: bytes, delta: int) -> None:
        limits.check_key(key)
        limits.check_delta(delta)
        self._meter.charge(len(key) + 8)
        self._txn.put(key, limits.added(self._txn.get(key), delta))

    def set_versionstamped_key(self, prefix: bytes, value: bytes, suffix: bytes = b"") -> None:
        limits.check_key(prefix + bytes(limits.STAMP_BYTES) + suffix)
        limits.check_value(value)
        self._meter.charge(len(prefix) + limits.STAMP_BYTES + len(suffix) + len(value))
        if len(self._stamped) == limits.STAMPED_ROWS:
            raise LimitExceeded("A transaction stamps at most 65,536 rows.")
        self._stamped.append((prefix, suffix, value))

    def touch(self) -> None:
        """Writes one of the store's own rows, to test whether writing works."""
        self._txn.put(_PING_KEY, b"")

    def raise_counter(self, count: int) -> None:
        """Raises the counter behind the stamps to `count`, unless it is already higher."""
        if count > self._count():
            self._txn.put(_COUNTER_KEY, count.to_bytes(_COUNT_BYTES, "big"))

    def finish(self) -> None:
        """Checks the time and writes the stamped rows, as the last thing before the commit."""
        self._meter.check_time()
        if not self._stamped:
            return
        count = (self._count() + 1).to_bytes(_COUNT_BYTES, "big")
        self._txn.put(_COUNTER_KEY, count)
        # 8 bytes of count; the 2 of order within one commit stay 0, as each transaction counts.
        commit = b"\x33" + count + bytes(2)
        for place, (prefix, suffix, value) in enumerate(self._stamped):
            self._txn.put(prefix + commit + place.to_bytes(2, "big") + suffix, value)

    def _count(self) -> int:
        return int.from_bytes(self._txn.get(_COUNTER_KEY) or b"", "big")


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
        self._clock = clock
        self._closed: asyncio.Future[None] | None = None
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

    async def write(self, fn: Callable[[Write], Coroutine[Any, Any, T]]) -> T:
        forbid_nesting()
        self._check_open()
        return cast("T", await self._writer.write(fn))

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
        count = int.from_bytes(stamp[:_COUNT_BYTES], "big")

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
        await self._writer.write(_touch)

    def entries(self) -> int:
        """Returns the number of rows, including the few of the store itself."""
        return self._env.stat()["entries"]

    def commits(self) -> int:
        """Returns a number that grows with every commit, of any process."""
        return self._version()

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
        return self._env.info()["last_txnid"]

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
            raise StorageUnavailable from error

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
            job.answer = run_synchronously(job.fn(tx))
            tx.finish()
        except lmdb.Error as error:
            job.error = StorageUnavailable()
            job.error.__cause__ = error
        except BaseException as error:  # noqa: BLE001 - the waiting caller gets it
            job.error = error
        finally:
            tx.end()


async def _touch(tx: LmdbWrite) -> None:
    tx.touch()


def _open(folder: Path, map_size: int) -> lmdb.Environment:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
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
