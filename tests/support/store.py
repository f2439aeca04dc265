"""A look at a store from outside, and a store that counts."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from kernel.errors import StorageUnavailable
from kernel.storage import Read, Store, Write

T = TypeVar("T")


async def rows_between(store: Store, begin: bytes, end: bytes) -> list[tuple[bytes, bytes]]:
    """All rows of a range, 10,000 at most."""

    async def read(tx: Read) -> list[tuple[bytes, bytes]]:
        return await tx.get_range(begin, end, limit=10_000)

    return await store.read(read)


async def dump(store: Store) -> bytes:
    """All that a thief of the store would have."""
    rows = await rows_between(store, b"", b"\xfe")
    return b"\n".join(key + b"\0" + value for key, value in rows)


class WatchedStore:
    """Fulfils `Store` by another one; counts what it does, and fails as often as it is told.

    Attributes:
        reads: How many transactions have only read.
        writes: How many transactions have been committed.
        failures: How many of the next calls fail as if the store did not answer.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.reads = 0
        self.writes = 0
        self.failures = 0

    async def read(self, fn: Callable[[Read], Coroutine[Any, Any, T]]) -> T:
        """As the other store, counted."""
        self._fail()
        self.reads += 1
        return await self._store.read(fn)

    async def write(self, fn: Callable[[Write], Coroutine[Any, Any, T]]) -> T:
        """As the other store, counted."""
        self._fail()
        result = await self._store.write(fn)
        self.writes += 1
        return result

    async def watch(self, key: bytes, seen: bytes | None) -> bytes | None:
        """As the other store."""
        return await self._store.watch(key, seen)

    async def ping(self) -> None:
        """As the other store."""
        self._fail()
        await self._store.ping()

    async def close(self) -> None:
        """As the other store."""
        await self._store.close()

    def _fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise StorageUnavailable


class FarStore(WatchedStore):
    """A store that takes its time to be read, so that something happens between two reads."""

    async def read(self, fn: Callable[[Read], Coroutine[Any, Any, T]]) -> T:
        """As the other store, later."""
        await asyncio.sleep(0.001)
        return await super().read(fn)


class CountedReads:
    """Fulfils `Store` by another one, as far as it is read; counts the rows that it gives.

    Attributes:
        rows: How many rows were read, those included that are not there.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.rows = 0

    async def read(self, fn: Callable[[Read], Coroutine[Any, Any, T]]) -> T:
        """As the other store, counted."""
        return await self._store.read(lambda tx: fn(_CountedRead(tx, self)))

    def __getattr__(self, name: str) -> Any:
        """Anything else is the other store's."""
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
