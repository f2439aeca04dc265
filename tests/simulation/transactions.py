"""Transactions on a snapshot of `rows`; their limits are checked by the code of the other backends."""
# ruff: noqa: D102 - the port documents the methods

import types
from bisect import bisect_left
from collections.abc import Generator, Iterable
from typing import Any, NamedTuple

from kernel.storage import limits
from kernel.storage.port import LimitExceeded
from kernel.storage.runner import ENDED
from tests.simulation.rows import Faults, Snapshot, apply


class Wait(NamedTuple):
    """What a read yields to the store that drives its transaction."""

    seconds: float


@types.coroutine
def _wait(seconds: float) -> Generator[Any, None, None]:
    yield Wait(seconds)


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
        apply(self._rows, self._keys, kind, key, value)
        self.log.append((kind, key, value))

    def _note_key(self, key: bytes) -> None:
        if key not in self._set:
            self.read_keys.add(key)

    def _note_range(self, begin: bytes, end: bytes) -> None:
        if begin < end:
            self.read_ranges.append((begin, end))
