"""What a transaction on LMDB can do.

Keys from `limits.FIRST_RESERVED` on are the store's own: the counter behind versionstamps and the
row of `ping`.
"""
# ruff: noqa: D102 - the port documents the methods

from collections.abc import Iterable, Iterator

import lmdb

from kernel.storage import limits
from kernel.storage.port import LimitExceeded
from kernel.storage.runner import ENDED

CLEARED_AT_ONCE = 1024
COUNT_BYTES = 8
"""Of a stamp; with one bit to spare, so that it never overflows."""

_COUNTER_KEY = b"\xff/versionstamp"
_PING_KEY = b"\xff/ping"


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

    @property
    def written(self) -> int:
        """The bytes of keys and values that it has written so far."""
        return self._meter.written

    def raise_counter(self, count: int) -> None:
        """Raises the counter behind the stamps to `count`, unless it is already higher."""
        if count > self._count():
            self._txn.put(_COUNTER_KEY, count.to_bytes(COUNT_BYTES, "big"))

    def finish(self) -> None:
        """Checks the time and writes the stamped rows, as the last thing before the commit."""
        self._meter.check_time()
        if not self._stamped:
            return
        count = (self._count() + 1).to_bytes(COUNT_BYTES, "big")
        self._txn.put(_COUNTER_KEY, count)
        # 8 bytes of count; the 2 of order within one commit stay 0, as each transaction counts.
        commit = b"\x33" + count + bytes(2)
        for place, (prefix, suffix, value) in enumerate(self._stamped):
            self._txn.put(prefix + commit + place.to_bytes(2, "big") + suffix, value)

    def _count(self) -> int:
        return int.from_bytes(self._txn.get(_COUNTER_KEY) or b"", "big")
