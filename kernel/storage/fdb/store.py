"""The store: retries, watches, readiness and end."""
# ruff: noqa: D102 - the port documents the methods

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import fdb

from kernel.errors import StorageConflict, StorageUnavailable
from kernel.storage import limits
from kernel.storage.conflicts import note_conflict
from kernel.storage.fdb.arrivals import Arrivals
from kernel.storage.fdb.backup_status import STATUS, newest_backup_age
from kernel.storage.fdb.markers import TIDY_SECONDS, Markers, is_old
from kernel.storage.fdb.opening import TIMEOUT_MS, open_database
from kernel.storage.fdb.snapshots import Snapshot, Snapshots
from kernel.storage.fdb.transactions import FdbRead, FdbWrite
from kernel.storage.port import LimitExceeded, Read, Transactions, Write
from kernel.storage.runner import forbid_nesting, run_asynchronously

T = TypeVar("T")

PING_MS = 2000
ADVANCE_MS = 60_000  # a jump makes the cluster recover, which takes seconds
WATCH_SECONDS = 5.0
"""How long to wait for a watch before reading the key again."""
WATCH_AGAIN_SECONDS = 0.1
"""How long to wait after a failed watch."""

_MARKERS = limits.FIRST_RESERVED + b"/marker/"
_BEHIND_MARKERS = limits.FIRST_RESERVED + b"/marker0"

_NOT_COMMITTED = 1020
_TIMED_OUT = 1031
_TOO_LARGE = 2101
_READ_OWN_STAMP = 1036
_MISTAKES = 2000  # from here on: the client is used wrongly
_UNLOCKED = nullcontext()
_MIN_COMMIT_VERSION = b"\xff/minRequiredCommitVersion"
_COMMIT_BYTES = 10
_VERSION_BYTES = 8


@dataclass(slots=True)
class _Attempts:
    """What is known about the attempts of one transaction so far.

    Attributes:
        maybe_committed: An earlier attempt may have been committed.
        conflicted: An earlier attempt has conflicted.
        sent: The current attempt has sent its commit, and has no answer yet.
    """

    maybe_committed: bool = False
    conflicted: bool = False
    sent: bool = False

    def note(self, error: Any) -> None:
        """Notes an error that ended an attempt."""
        self.maybe_committed |= fdb.predicates.is_maybe_committed(error)
        if error.code == _NOT_COMMITTED:
            self.conflicted = True
            note_conflict()
        self.sent &= not fdb.predicates.is_retryable_not_committed(error)

    def lost(self, error: Any) -> bool:
        """Whether a time-out ended a series of conflicts, and certainly nothing was committed."""
        timed_out = error.code == _TIMED_OUT
        return timed_out and self.conflicted and not (self.maybe_committed or self.sent)


class FdbStore:
    """A cluster, or the keys with a prefix in it; `kernel.storage.port.Store` documents the methods.

    For one event loop: it is made there, and all methods are called there. A process that is forked
    later cannot use it: the client's network thread does not run there.

    Args:
        cluster_file: The cluster file; the client rewrites it when coordinators move.
        prefix: What all keys in the cluster begin with.
        clock: A monotonic clock in seconds, for the time limit of a transaction.

    Raises:
        StoreOpenFailed: The client library is missing or of another version, or the file is not a
            cluster file. Only the first transaction shows whether the cluster answers.
    """

    def __init__(
        self,
        cluster_file: Path,
        *,
        prefix: bytes = b"",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = open_database(cluster_file)
        self._prefix = prefix
        self._clock = clock
        self._arrivals = Arrivals()
        self._markers = Markers(prefix + _MARKERS)
        self._snapshots = Snapshots(self._database.create_transaction)
        # Transactions that conflicted retry one by one, or most of them would conflict again.
        self._retry_lock = asyncio.Lock()
        self._running = 0
        self._committed = self._conflicted = 0
        self._idle = asyncio.Event()
        self._watching: set[asyncio.Future[None]] = set()
        self._closed: asyncio.Task[None] | None = None
        self._next_tidy = clock()

    async def read(self, fn: Callable[[Read], Coroutine[Any, Any, T]]) -> T:
        forbid_nesting()
        self._check_open()
        self._running += 1
        try:
            snapshot = await self._snapshots.join()
            try:
                return await self._look(fn, snapshot.transaction)
            except fdb.FDBError as error:
                return await self._read_alone(fn, snapshot, error)
        finally:
            self._leave()

    async def _read_alone(
        self, fn: Callable[[Read], Coroutine[Any, Any, T]], snapshot: Snapshot, error: Any
    ) -> T:
        """Goes on after an error with a transaction of its own, in what is left of the time."""
        left = TIMEOUT_MS - int((time.monotonic() - snapshot.began) * 1000)

        async def attempt(transaction: Any, _: _Attempts) -> T:
            return await self._look(fn, transaction)

        return await self._retry(attempt, error, max(left, 1))  # 0 would mean no limit

    async def _look(self, fn: Callable[[Read], Coroutine[Any, Any, T]], transaction: Any) -> T:
        return await self._run(fn, FdbRead(transaction.snapshot, self._prefix, self._meter()))

    async def write(
        self,
        fn: Callable[[Write], Coroutine[Any, Any, T]],
        *,
        essential: bool = False,  # noqa: ARG002 - the cluster keeps room back by itself
    ) -> T:
        forbid_nesting()
        self._check_open()
        marker = self._markers.take()
        answer: T

        async def attempt(transaction: Any, attempts: _Attempts) -> T:
            nonlocal answer
            if attempts.maybe_committed:
                seen = await self._result(transaction.get(marker.key))
                if seen.value == marker.value:
                    return answer
            tx = FdbWrite(transaction, self._prefix, self._meter())
            answer = await self._run(fn, tx)
            if tx.wrote:
                # In this order: a transaction does not conflict with keys that it has set itself.
                transaction.add_read_conflict_key(marker.key)
                transaction.set(marker.key, marker.value)
            attempts.sent = True
            await self._result(transaction.commit())
            return answer

        try:
            answer = await self._retry(attempt)
        finally:
            self._markers.give_back(marker)
        self._committed += 1
        return answer

    async def watch(self, key: bytes, seen: bytes | None) -> bytes | None:
        forbid_nesting()
        self._check_open()
        limits.check_key(key)

        async def look(transaction: Any, _: _Attempts) -> tuple[bytes | None, Any]:
            value = (await self._result(transaction.get(self._prefix + key))).value
            if value != seen:
                return value, None
            changed = transaction.watch(self._prefix + key)
            await self._result(transaction.commit())
            return value, changed

        while True:
            value, changed = await self._retry(look)
            if changed is None:
                return value
            self._check_open()
            await self._wait_for_change(changed)

    async def ping(self) -> None:
        forbid_nesting()
        self._check_open()
        await self._retry(self._touch)
        if self._clock() >= self._next_tidy:
            self._next_tidy = self._clock() + TIDY_SECONDS
            with suppress(StorageUnavailable, StorageConflict):  # the next ping tries again later
                await self._retry(self._tidy)

    def usage(self) -> None:
        return None

    def transactions(self) -> Transactions:
        return Transactions(self._committed, self._conflicted)

    async def backup_age(self) -> float | None:
        forbid_nesting()
        self._check_open()

        async def read(transaction: Any, _: _Attempts) -> bytes:
            return bytes((await self._result(transaction.get(STATUS))).value or b"{}")

        return newest_backup_age(await self._retry(read))

    async def advance(self, stamp: bytes) -> None:
        forbid_nesting()
        self._check_open()
        if len(stamp) != _COMMIT_BYTES or stamp >= b"\x7f":
            raise LimitExceeded("A commit's stamp has 10 bytes and begins below 0x7f.")
        # It begins with the version of its commit, and the cluster can jump ahead of a version.
        target = int.from_bytes(stamp[:_VERSION_BYTES], "big") + 1

        async def has_reached(transaction: Any, _: _Attempts) -> bool:
            transaction.options.set_timeout(ADVANCE_MS)
            if await self._result(transaction.get_read_version()) >= target:
                return True
            transaction.options.set_access_system_keys()
            transaction.set(_MIN_COMMIT_VERSION, target.to_bytes(_VERSION_BYTES, "little"))
            await self._result(transaction.commit())
            return False

        while not await self._retry(has_reached):
            pass

    async def close(self) -> None:
        if self._closed is None:
            self._closed = asyncio.create_task(self._end())
        await asyncio.shield(self._closed)

    async def _end(self) -> None:
        for waiter in self._watching:
            if not waiter.done():
                waiter.set_exception(StorageUnavailable())
        while self._running:
            self._idle.clear()
            await self._idle.wait()
        with suppress(StorageUnavailable, StorageConflict):  # another store removes them later
            await self._retry(self._clear_markers)

    def _check_open(self) -> None:
        if self._closed is not None:
            raise StorageUnavailable

    def _meter(self) -> limits.Meter:
        return limits.Meter(self._clock)

    async def _run(self, fn: Callable[[Any], Coroutine[Any, Any, T]], tx: FdbRead) -> T:
        async def arrived(future: Any) -> None:
            began = self._clock()
            await self._arrivals.of(future)
            # The limit is for the function itself; a slow cluster has its own time-out.
            tx.exclude_time(self._clock() - began)

        try:
            answer = await run_asynchronously(fn(tx), fdb.Future, arrived)
            tx.finish()
        finally:
            tx.end()
        return answer

    async def _retry(
        self,
        attempt: Callable[[Any, _Attempts], Awaitable[T]],
        failed: Any = None,
        timeout_ms: int | None = None,
    ) -> T:
        """Retries as long as the client says that another attempt may succeed.

        Args:
            attempt: Takes the transaction, and what is known about earlier attempts.
            failed: The error of an attempt in another transaction, after which this one goes on.
            timeout_ms: The time limit of all attempts together, unless it is `TIMEOUT_MS`.
        """
        transaction = self._database.create_transaction()
        if timeout_ms is not None:
            transaction.options.set_timeout(timeout_ms)
        attempts = _Attempts()
        self._running += 1
        try:
            while True:
                if failed is not None:
                    attempts.note(failed)
                    self._conflicted += failed.code == _NOT_COMMITTED
                    pause, failed = transaction.on_error(failed), None
                    await self._result(pause)
                try:
                    attempts.sent = False
                    async with self._retry_lock if attempts.conflicted else _UNLOCKED:
                        return await attempt(transaction, attempts)
                except fdb.FDBError as error:
                    failed = error
        except BaseException as error:
            # Drops a commit that is not yet sent: it must not follow the next write with the same
            # marker, or the answer. Cancelling alone does not stop a commit.
            transaction.reset()
            if isinstance(error, fdb.FDBError):
                raise (StorageConflict() if attempts.lost(error) else _translated(error)) from error
            raise
        finally:
            self._leave()

    def _leave(self) -> None:
        self._running -= 1
        if not self._running:
            self._idle.set()

    async def _result(self, future: Any) -> Any:
        if not future.is_ready():
            await self._arrivals.of(future)
        return future.wait()

    async def _wait_for_change(self, changed: Any) -> None:
        waiter = self._arrivals.of(changed)
        self._watching.add(waiter)
        try:
            async with asyncio.timeout(WATCH_SECONDS):
                await waiter
            changed.wait()
        except TimeoutError:
            return
        except fdb.FDBError:  # the cluster has lost the watch, or has too many
            await asyncio.sleep(WATCH_AGAIN_SECONDS)
        finally:
            self._watching.discard(waiter)
            changed.cancel()

    async def _touch(self, transaction: Any, _: _Attempts) -> None:
        transaction.options.set_timeout(PING_MS)
        # A key of this process, so that pings of other processes do not conflict.
        transaction.set(self._markers.prefix + b"ping", self._markers.now())
        await self._result(transaction.commit())

    async def _tidy(self, transaction: Any, _: _Attempts) -> None:
        """Removes the markers that killed processes have left."""
        reads = FdbRead(transaction.snapshot, self._prefix, self._meter())
        rows = await self._run(
            lambda tx: tx.rows(_MARKERS, _BEHIND_MARKERS, limits.RANGE_ROWS), reads
        )
        for key, value in rows:
            if is_old(value):
                # If its slot is in use again, this conflicts and retries.
                transaction.add_read_conflict_key(self._prefix + key)
                transaction.clear(self._prefix + key)
        await self._result(transaction.commit())

    async def _clear_markers(self, transaction: Any, _: _Attempts) -> None:
        transaction.options.set_timeout(PING_MS)
        transaction.clear_range(self._markers.prefix, self._markers.prefix + b"\xff")
        await self._result(transaction.commit())


def _translated(error: Any) -> Exception:
    """Maps an error of the client to one of the port."""
    if error.code == _NOT_COMMITTED:
        return StorageConflict()
    if error.code == _TOO_LARGE:
        return LimitExceeded("A transaction is larger than the cluster takes.")
    if error.code == _READ_OWN_STAMP or error.code >= _MISTAKES:
        return RuntimeError(f"The client is used wrongly: {error}")
    # After any other error, such as a time-out, the commit may take place nevertheless.
    return StorageUnavailable()
