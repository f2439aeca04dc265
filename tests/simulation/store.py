"""A store in memory with FoundationDB's semantics and, if chance wants it, with its faults.

`Rows` is the cluster: snapshots, and commits that are refused if what the transaction has read was
written meanwhile. `SimulatedStore` is a process's connection to it. A commit is an event of the
cluster, so it takes place or not whatever becomes of the process that sent it.

Transactions are driven by the same runner as on FoundationDB, and limits are checked by the same code.
"""
# ruff: noqa: D102 - the port documents the methods

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from kernel.errors import StorageConflict, StorageUnavailable
from kernel.storage import limits
from kernel.storage.conflicts import note_conflict
from kernel.storage.port import LimitExceeded, Read, Transactions, Write
from kernel.storage.runner import forbid_nesting, run_asynchronously
from tests.simulation.loop import OUTSIDE
from tests.simulation.rows import Faults, Rows
from tests.simulation.transactions import SimulatedRead, SimulatedWrite, Wait

T = TypeVar("T")

_COMMIT_BYTES = 10
_MOST_ATTEMPTS = 50
_WATCH_SECONDS = 5.0


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
        await asyncio.sleep(faults.delay())  # of 0, too: who waits can be cancelled
        if faults.hits(faults.refused):
            raise StorageUnavailable

    async def _run(self, fn: Callable[[Any], Coroutine[Any, Any, T]], tx: SimulatedRead) -> T:
        async def arrived(wait: Wait) -> None:
            began = self._clock()
            await asyncio.sleep(wait.seconds)
            tx.exclude_time(self._clock() - began)

        try:
            answer = await run_asynchronously(fn(tx), Wait, arrived)
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
    asyncio.get_running_loop().call_later(seconds, act, context=OUTSIDE.context)
