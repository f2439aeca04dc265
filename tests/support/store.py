"""Opens a store for two replicas, reads all rows of one, and wraps a store to count or fail its transactions."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from kernel.errors import ServiceError, StorageFull, StorageUnavailable
from kernel.storage import Read, Store, Transactions, Usage, Write, open_store
from tests.support import foundationdb

T = TypeVar("T")


async def rows_between(store: Store, begin: bytes, end: bytes) -> list[tuple[bytes, bytes]]:
    """All rows of a range, 10,000 at most."""

    async def read(tx: Read) -> list[tuple[bytes, bytes]]:
        return await tx.get_range(begin, end, limit=10_000)

    return await store.read(read)


async def dump(store: Store) -> bytes:
    """The keys and values of the store, as a thief would see them."""
    rows = await rows_between(store, b"", b"\xfe")
    return b"\n".join(key + b"\0" + value for key, value in rows)


class WatchedStore:
    """Wraps a store; counts its transactions, and can make them fail.

    Attributes:
        reads: The number of read transactions.
        writes: The number of committed transactions.
        failures: How many of the next calls fail.
        error: What they raise; at first, that the store does not answer.
        full: Whether it takes essential writes alone.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.reads = 0
        self.writes = 0
        self.failures = 0
        self.error: type[ServiceError] = StorageUnavailable
        self.full = False

    async def read(self, fn: Callable[[Read], Coroutine[Any, Any, T]]) -> T:
        """Like the wrapped store, counted."""
        self._fail()
        self.reads += 1
        return await self._store.read(fn)

    async def write(
        self, fn: Callable[[Write], Coroutine[Any, Any, T]], *, essential: bool = False
    ) -> T:
        """Like the wrapped store, counted."""
        self._fail()
        if self.full and not essential:
            raise StorageFull
        result = await self._store.write(fn, essential=essential)
        self.writes += 1
        return result

    async def watch(self, key: bytes, seen: bytes | None) -> bytes | None:
        """Like the wrapped store."""
        return await self._store.watch(key, seen)

    async def ping(self) -> None:
        """Like the wrapped store."""
        self._fail()
        await self._store.ping()

    def usage(self) -> Usage | None:
        """Like the wrapped store."""
        return self._store.usage()

    def transactions(self) -> Transactions:
        """Like the wrapped store."""
        return self._store.transactions()

    async def backup_age(self) -> float | None:
        """Like the wrapped store."""
        return await self._store.backup_age()

    async def close(self) -> None:
        """Like the wrapped store."""
        await self._store.close()

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise self.error


class FarStore(WatchedStore):
    """A store with slow reads, so that something can happen between two of them."""

    async def read(self, fn: Callable[[Read], Coroutine[Any, Any, T]]) -> T:
        """Like the wrapped store, with a delay."""
        await asyncio.sleep(0.001)
        return await super().read(fn)


class CountedReads:
    """Wraps a store, and counts the rows that reads return.

    Attributes:
        rows: The number of rows read, including missing ones.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.rows = 0

    async def read(self, fn: Callable[[Read], Coroutine[Any, Any, T]]) -> T:
        """Like the wrapped store, counted."""
        return await self._store.read(lambda tx: fn(_CountedRead(tx, self)))

    def __getattr__(self, name: str) -> Any:
        """Everything else comes from the wrapped store."""
        return getattr(self._store, name)


class _CountedRead:
    def __init__(self, tx: Read, counted: CountedReads) -> None:
        self._tx = tx
        self._counted = counted

    async def get(self, key: bytes) -> bytes | None:
        self._counted.rows += 1
        return await self._tx.get(key)

    async def get_many(self, keys: Iterable[bytes]) -> list[bytes | None]:
        values = await self._tx.get_many(keys)
        self._counted.rows += len(values)
        return values

    async def get_range(
        self, begin: bytes, end: bytes, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        rows = await self._tx.get_range(begin, end, limit=limit, reverse=reverse)
        self._counted.rows += len(rows)
        return rows


@asynccontextmanager
async def opened_twice(folder: Path) -> AsyncIterator[list[Store]]:
    """One store for two replicas: on LMDB, or on FoundationDB with `--store=fdb`.

    A file can be opened only once in a process, so on LMDB both have the same object.
    """
    if foundationdb.chosen():
        opened = [open_store(foundationdb.url(folder)) for _ in range(2)]
    else:
        opened = [open_store(f"lmdb://{folder}/store?map_size={4 << 30}")] * 2
    yield opened
    for store in opened:
        await store.close()
