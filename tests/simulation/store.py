"""A store in memory with FoundationDB's semantics and, if chance wants it, with its faults.

`Rows` is the cluster: snapshots, and commits that are refused if what the transaction has read was
written meanwhile. `SimulatedStore` is a process's connection to it. A commit is an event of the
cluster, so it takes place or not whatever becomes of the process that sent it.

Transactions are driven by the same runner as on FoundationDB, and limits are checked by the same code.
"""
# ruff: noqa: D102 - the port documents the methods

import asyncio
import struct
import types
from bisect import bisect_left, insort
from collections.abc import Callable, Coroutine, Generator, Iterable
from typing import Any, NamedTuple, TypeVar

from kernel.errors import StorageConflict, StorageUnavailable
from kernel.storage import limits
from kernel.storage.conflicts import note_conflict
from kernel.storage.port import LimitExceeded, Read, Transactions, Write
from kernel.storage.runner import ENDED, forbid_nesting, run_asynchronously

T = TypeVar("T")

_STAMP = struct.Struct(">QH")
_COMMIT_BYTES = 10
_MOST_ATTEMPTS = 50
_WATCH_SECONDS = 5.0
_KEPT_COMMITS = 5000


class Snapshot(NamedTuple):
    """All rows at one version; never changed.

    Attributes:
        version: Counts commits.
        rows: The values by key.
        keys: The keys in order.
    """

    version: int
    rows: dict[bytes, bytes]
    keys: list[bytes]


class Faults:
    """What may go wrong with transactions; nothing does by default.

    Attributes:
        conflict: The share of commits that meet a conflict which is none.
        unknown: The share of commits whose result the client does not learn at once; it looks for it.
        lost: The share of writes that end with `StorageUnavailable`, committed or not, at once or later.
        refused: The share of transactions that the cluster does not take at all.
        slow: The share of reads that wait, so that other transactions commit in between.
    """

    conflict = unknown = lost = refused = slow = 0.0

    def delay(self) -> float:
        """How long a message to the cluster takes, in seconds."""
        return 0.0

    def hits(self, share: float) -> bool:
        """Whether a fault of this share happens now."""
        return share >= 1


class Rows:
    """The rows of a store, and the commits that made them.

    Attributes:
        now: The newest snapshot.
        watchers: Called after each commit with the keys that it wrote.
    """

    def __init__(self) -> None:
        self.now = Snapshot(0, {}, [])
        self.watchers: dict[bytes, list[asyncio.Future[None]]] = {}
        self.on_commit: Callable[[Snapshot], None] = lambda _: None
        self._commits: list[tuple[int, set[bytes], list[tuple[bytes, bytes]]]] = []
        self._stamp = 1

    def conflicts(self, tx: "SimulatedWrite") -> bool:
        """Whether a commit after the snapshot of a transaction wrote what it has read."""
        for version, keys, ranges in reversed(self._commits):
            if version <= tx.snapshot.version:
                return False
            if not keys.isdisjoint(tx.read_keys):
                return True
            if any(begin <= key < end for begin, end in tx.read_ranges for key in keys):
                return True
            for first, last in ranges:
                if any(first <= key < last for key in tx.read_keys):
                    return True
                if any(first < end and begin < last for begin, end in tx.read_ranges):
                    return True
        return False

    def commit(self, tx: "SimulatedWrite") -> None:
        """Makes the writes of a transaction, which has met no conflict."""
        if not tx.log:
            return
        rows, keys, version = dict(self.now.rows), list(self.now.keys), self.now.version + 1
        written: set[bytes] = set()
        ranges: list[tuple[bytes, bytes]] = []
        stamped = 0
        for kind, key, value in tx.log:
            if kind == "range":
                ranges.append((key, value))
                _apply(rows, keys, kind, key, value)
            elif kind == "stamp":
                suffix, content = value
                stamp = _STAMP.pack(self._stamp, 0) + stamped.to_bytes(2, "big")
                stamped += 1
                written.add(full := key + b"\x33" + stamp + suffix)
                _apply(rows, keys, "set", full, content)
            else:
                written.add(key)
                _apply(rows, keys, kind, key, value)
        self._stamp += 1
        self.now = Snapshot(version, rows, keys)
        self._commits.append((version, written, ranges))
        if len(self._commits) > 2 * _KEPT_COMMITS:
            del self._commits[:_KEPT_COMMITS]
        self._wake(written, ranges)
        self.on_commit(self.now)

    def advance(self, stamp: bytes) -> None:
        """Makes later stamps sort after this one."""
        number, _ = _STAMP.unpack(stamp)
        self._stamp = max(self._stamp, number + 1)

    def _wake(self, written: set[bytes], ranges: list[tuple[bytes, bytes]]) -> None:
        if not self.watchers:
            return
        for key in list(self.watchers):
            if key in written or any(begin <= key < end for begin, end in ranges):
                for future in self.watchers.pop(key):
                    if not future.done():
                        future.set_result(None)


def _apply(rows: dict[bytes, bytes], keys: list[bytes], kind: str, key: bytes, value: Any) -> None:
    if kind == "set":
        if key not in rows:
            insort(keys, key)
        rows[key] = value
    elif kind == "clear":
        if rows.pop(key, None) is not None:
            del keys[bisect_left(keys, key)]
    elif kind == "add":
        if key not in rows:
            insort(keys, key)
        rows[key] = limits.added(rows.get(key), value)
    else:
        first, last = bisect_left(keys, key), bisect_left(keys, value)
        for gone in keys[first:last]:
            del rows[gone]
        del keys[first:last]


class _Wait(NamedTuple):
    """What a read yields to the store that drives its transaction."""

    seconds: float


@types.coroutine
def _wait(seconds: float) -> Generator[Any, None, None]:
    yield _Wait(seconds)


class SimulatedRead:
    """A snapshot; `kernel.storage.port.Read` says what the methods do."""

    def __init__(self, snapshot: Snapshot, meter: limits.Meter, faults: Faults) -> None:
        self.snapshot = snapshot
        self._rows, self._keys = snapshot.rows, snapshot.keys
        self._meter = meter
        self._faults = faults

    async def get(self, key: bytes) -> bytes | None:
        limits.check_key(key)
        if self._faults.slow and self._faults.hits(self._faults.slow):
            await _wait(self._faults.delay())
        self._note_key(key)
        return self._rows.get(key)

    async def get_many(self, keys: Iterable[bytes]) -> list[bytes | None]:
        self._meter.check_time()
        return [await self.get(key) for key in keys]

    async def get_range(
        self, begin: bytes, end: bytes, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        limits.check_range(begin, end)
        limits.check_rows(limit)
        self._meter.check_time()
        if self._faults.slow and self._faults.hits(self._faults.slow):
            await _wait(self._faults.delay())
        keys, rows = self._keys, self._rows
        first, last = bisect_left(keys, begin), bisect_left(keys, end)
        if reverse:
            found = keys[max(first, last - limit) : last][::-1]
        else:
            found = keys[first : min(last, first + limit)]
        if len(found) == limit:  # it has read no further than the last row
            begin, end = (found[-1], end) if reverse else (begin, found[-1] + b"\x00")
        self._note_range(begin, end)
        return [(key, rows[key]) for key in found]

    def _note_key(self, key: bytes) -> None:
        """Nothing: a snapshot conflicts with nothing."""

    def _note_range(self, begin: bytes, end: bytes) -> None:
        """Nothing: a snapshot conflicts with nothing."""

    def exclude_time(self, seconds: float) -> None:
        """Excludes a wait for the cluster from the time limit."""
        self._meter.exclude_time(seconds)

    def finish(self) -> None:
        """Checks the time limit at the end."""
        self._meter.check_time()

    def end(self) -> None:
        """Makes every further use raise `TransactionEnded`."""
        self._rows = self._keys = self._meter = self._faults = ENDED


class SimulatedWrite(SimulatedRead):
    """A transaction that writes; `kernel.storage.port.Write` says what the methods do."""

    def __init__(self, snapshot: Snapshot, meter: limits.Meter, faults: Faults) -> None:
        super().__init__(snapshot, meter, faults)
        self.log: list[tuple[str, bytes, Any]] = []
        self.read_keys: set[bytes] = set()
        self.read_ranges: list[tuple[bytes, bytes]] = []
        self._set: set[bytes] = set()
        self._own = False
        self._stamped = 0

    def set(self, key: bytes, value: bytes) -> None:
        limits.check_key(key)
        limits.check_value(value)
        self._meter.charge(len(key) + len(value))
        self._write("set", key, value)
        self._set.add(key)

    def clear(self, key: bytes) -> None:
        limits.check_key(key)
        self._meter.charge(len(key))
        self._write("clear", key, b"")
        self._set.add(key)

    def clear_range(self, begin: bytes, end: bytes) -> None:
        limits.check_range(begin, end)
        self._meter.charge(len(begin) + len(end))
        if begin < end:
            self._write("range", begin, end)

    def add(self, key: bytes, delta: int) -> None:
        limits.check_key(key)
        limits.check_delta(delta)
        self._meter.charge(len(key) + 8)
        self._write("add", key, delta)

    def set_versionstamped_key(self, prefix: bytes, value: bytes, suffix: bytes = b"") -> None:
        limits.check_key(prefix + bytes(limits.STAMP_BYTES) + suffix)
        limits.check_value(value)
        self._meter.charge(len(prefix) + limits.STAMP_BYTES + len(suffix) + len(value))
        if self._stamped == limits.STAMPED_ROWS:
            raise LimitExceeded("A transaction stamps at most 65,536 rows.")
        self._stamped += 1
        self.log.append(("stamp", prefix, (suffix, value)))

    def _write(self, kind: str, key: bytes, value: Any) -> None:
        if not self._own:  # its reads see what it wrote, and nobody else's do
            self._rows, self._keys, self._own = dict(self._rows), list(self._keys), True
        _apply(self._rows, self._keys, kind, key, value)
        self.log.append((kind, key, value))

    def _note_key(self, key: bytes) -> None:
        if key not in self._set:
            self.read_keys.add(key)

    def _note_range(self, begin: bytes, end: bytes) -> None:
        if begin < end:
            self.read_ranges.append((begin, end))


class SimulatedStore:
    """A process's connection; `kernel.storage.port.Store` says what the methods do.

    Args:
        rows: The cluster.
        clock: A monotonic clock in seconds, for the time limit of a transaction.
        faults: What goes wrong.
    """

    def __init__(self, rows: Rows, clock: Callable[[], float], faults: Faults) -> None:
        self._rows = rows
        self._clock = clock
        self._faults = faults
        self._closed = False
        self._running = 0
        self._idle = asyncio.Event()
        self._watching: set[asyncio.Future[None]] = set()
        self._committed = self._conflicted = 0

    async def read(self, fn: Callable[[Read], Coroutine[Any, Any, T]]) -> T:
        forbid_nesting()
        self._check_open()
        await self._reach()
        tx = SimulatedRead(self._rows.now, limits.Meter(self._clock), self._faults)
        return await self._run(fn, tx)

    async def write(
        self,
        fn: Callable[[Write], Coroutine[Any, Any, T]],
        *,
        essential: bool = False,  # noqa: ARG002 - it is never full
    ) -> T:
        forbid_nesting()
        self._check_open()
        self._running += 1
        try:
            answer = await self._write(fn)
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()
        self._committed += 1
        return answer

    async def _write(self, fn: Callable[[Write], Coroutine[Any, Any, T]]) -> T:
        faults = self._faults
        for _ in range(_MOST_ATTEMPTS):
            await self._reach()
            tx = SimulatedWrite(self._rows.now, limits.Meter(self._clock), faults)
            answer = await self._run(fn, tx)
            if faults.hits(faults.lost):
                await self._lose(tx)
            committed = await self._commit(tx)
            if faults.hits(faults.unknown):
                await asyncio.sleep(faults.delay())  # the next attempt finds the marker, or not
            if committed:
                return answer
            self._conflicted += 1
            note_conflict()
        raise StorageConflict

    async def _commit(self, tx: SimulatedWrite) -> bool:
        """Sends a commit to the cluster and waits for the answer: whether it took place."""
        if not tx.log:
            return True
        faults = self._faults
        if not (seconds := faults.delay()):
            return self._decide(tx)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()

        def decide() -> None:
            done = self._decide(tx)
            if not answer.done():
                answer.set_result(done)

        _in_cluster(seconds, decide)
        return await answer

    def _decide(self, tx: SimulatedWrite) -> bool:
        if self._faults.hits(self._faults.conflict) or self._rows.conflicts(tx):
            return False
        self._rows.commit(tx)
        return True

    async def _lose(self, tx: SimulatedWrite) -> None:
        """Ends a write with an unknown result: it takes place soon, later, or never."""
        if tx.log and self._faults.hits(0.5):
            _in_cluster(self._faults.delay() * 3, lambda: self._decide(tx))
        await asyncio.sleep(self._faults.delay() * 2)
        raise StorageUnavailable

    async def _reach(self) -> None:
        """The way to the cluster. Raises `StorageUnavailable`."""
        faults = self._faults
        if seconds := faults.delay():
            await asyncio.sleep(seconds)
        if faults.hits(faults.refused):
            raise StorageUnavailable

    async def _run(self, fn: Callable[[Any], Coroutine[Any, Any, T]], tx: SimulatedRead) -> T:
        async def arrived(wait: _Wait) -> None:
            began = self._clock()
            await asyncio.sleep(wait.seconds)
            tx.exclude_time(self._clock() - began)

        try:
            answer = await run_asynchronously(fn(tx), _Wait, arrived)
            tx.finish()
        finally:
            tx.end()
        return answer

    async def watch(self, key: bytes, seen: bytes | None) -> bytes | None:
        forbid_nesting()
        self._check_open()
        limits.check_key(key)
        while True:
            await self._reach()
            value = self._rows.now.rows.get(key)
            if value != seen:
                return value
            await self._changed(key)
            self._check_open()

    async def _changed(self, key: bytes) -> None:
        """Waits until the value of a key is written, or looks again after a while."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._rows.watchers.setdefault(key, []).append(future)
        self._watching.add(future)
        try:
            await asyncio.wait([future], timeout=_WATCH_SECONDS)
        finally:
            self._watching.discard(future)
            future.cancel()

    async def advance(self, stamp: bytes) -> None:
        forbid_nesting()
        self._check_open()
        if len(stamp) != _COMMIT_BYTES or stamp >= b"\x7f":
            raise LimitExceeded("A commit's stamp has 10 bytes and begins below 0x7f.")
        self._rows.advance(stamp)

    async def ping(self) -> None:
        forbid_nesting()
        self._check_open()
        await self._reach()

    def usage(self) -> None:
        return None

    def transactions(self) -> Transactions:
        return Transactions(self._committed, self._conflicted)

    async def backup_age(self) -> float | None:
        return None

    async def close(self) -> None:
        self._closed = True
        for future in self._watching:
            if not future.done():
                future.set_exception(StorageUnavailable())
        while self._running:
            self._idle.clear()
            await self._idle.wait()

    def _check_open(self) -> None:
        if self._closed:
            raise StorageUnavailable


def _in_cluster(seconds: float, act: Callable[[], object]) -> None:
    """Has the cluster do something later, whatever becomes of the process that asked for it."""
    from tests.simulation.loop import OUTSIDE  # noqa: PLC0415 - the conformance suite has real loops

    asyncio.get_running_loop().call_later(seconds, act, context=OUTSIDE.context)
