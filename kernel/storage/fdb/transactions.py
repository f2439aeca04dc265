"""The port's transactions, on top of the binding's."""
# ruff: noqa: D102 - the port documents the methods

import struct
import types
from collections.abc import Generator, Iterable
from typing import Any

import fdb

from kernel.storage import limits
from kernel.storage.port import LimitExceeded
from kernel.storage.runner import ENDED

_COUNTER = struct.Struct("<q")
_OFFSET = struct.Struct("<I")


@types.coroutine
def _result(future: Any) -> Generator[Any, None, Any]:
    """Waits for a future by yielding it to the store that drives the transaction."""
    if not future.is_ready():
        yield future
    return future.wait()


class FdbRead:
    """A snapshot; `kernel.storage.port.Read` says what the methods do."""

    __slots__ = ("_meter", "_prefix", "_reads")

    def __init__(self, reads: Any, prefix: bytes, meter: limits.Meter) -> None:
        self._reads = reads
        self._prefix = prefix
        self._meter = meter

    async def get(self, key: bytes) -> bytes | None:
        limits.check_key(key)
        value: bytes | None = (await _result(self._reads.get(self._prefix + key))).value
        return value

    async def get_many(self, keys: Iterable[bytes]) -> list[bytes | None]:
        self._meter.check_time()
        futures = []
        for key in keys:
            limits.check_key(key)
            futures.append(self._reads.get(self._prefix + key))
        return [(await _result(future)).value for future in futures]

    async def get_range(
        self, begin: bytes, end: bytes, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        limits.check_range(begin, end)
        limits.check_rows(limit)
        self._meter.check_time()
        return await self.rows(begin, end, limit, reverse)

    async def rows(
        self, begin: bytes, end: bytes, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        """Returns rows like `get_range`, including the store's own."""
        rows: list[tuple[bytes, bytes]] = []
        more = begin < end
        while more and len(rows) < limit:
            found, more = await self._piece(begin, end, limit - len(rows), reverse)
            rows += found
            if found and reverse:
                end = found[-1][0]
            elif found:
                begin = found[-1][0] + b"\x00"
        return rows

    async def _piece(
        self, begin: bytes, end: bytes, limit: int, reverse: bool
    ) -> tuple[list[tuple[bytes, bytes]], bool]:
        """The rows of a range in one answer of the cluster, and whether there are more."""
        selector = fdb.KeySelector.first_greater_or_equal
        # The binding's public range blocks the thread while it waits for rows.
        future = self._reads._get_range(  # noqa: SLF001
            selector(self._prefix + begin),
            selector(self._prefix + end),
            limit,
            fdb.StreamingMode.exact,
            1,
            reverse,
        )
        pairs, _, more = await _result(future)
        cut = len(self._prefix)
        return [(pair.key[cut:], pair.value) for pair in pairs], bool(more)

    def exclude_time(self, seconds: float) -> None:
        """Excludes the time of a wait for the cluster from the time limit."""
        self._meter.exclude_time(seconds)

    def finish(self) -> None:
        """Checks the time limit at the end."""
        self._meter.check_time()

    def end(self) -> None:
        """Makes every further use raise `TransactionEnded`."""
        self._reads = self._meter = ENDED


class FdbWrite(FdbRead):
    """A transaction that writes; `kernel.storage.port.Write` says what the methods do."""

    __slots__ = ("_stamped", "wrote")

    def __init__(self, transaction: Any, prefix: bytes, meter: limits.Meter) -> None:
        super().__init__(transaction, prefix, meter)
        self._stamped = 0
        self.wrote = False

    def set(self, key: bytes, value: bytes) -> None:
        limits.check_key(key)
        limits.check_value(value)
        self._charge(len(key) + len(value))
        self._reads.set(self._prefix + key, value)

    def clear(self, key: bytes) -> None:
        limits.check_key(key)
        self._charge(len(key))
        self._reads.clear(self._prefix + key)

    def clear_range(self, begin: bytes, end: bytes) -> None:
        limits.check_range(begin, end)
        self._charge(len(begin) + len(end))
        if begin < end:
            self._reads.clear_range(self._prefix + begin, self._prefix + end)

    def add(self, key: bytes, delta: int) -> None:
        limits.check_key(key)
        limits.check_delta(delta)
        self._charge(len(key) + _COUNTER.size)
        self._reads.add(self._prefix + key, _COUNTER.pack(delta))

    def set_versionstamped_key(self, prefix: bytes, value: bytes, suffix: bytes = b"") -> None:
        limits.check_key(prefix + bytes(limits.STAMP_BYTES) + suffix)
        limits.check_value(value)
        self._charge(len(prefix) + limits.STAMP_BYTES + len(suffix) + len(value))
        if self._stamped == limits.STAMPED_ROWS:
            raise LimitExceeded("A transaction stamps at most 65,536 rows.")
        before = self._prefix + prefix + b"\x33"
        place = self._stamped.to_bytes(2, "big")
        # The cluster fills in the 10 bytes at the offset that is given at the end.
        key = before + bytes(10) + place + suffix + _OFFSET.pack(len(before))
        self._reads.set_versionstamped_key(key, value)
        self._stamped += 1

    def _charge(self, size: int) -> None:
        self._meter.charge(size)
        self.wrote = True
