"""A store whose transactions have spans."""
# ruff: noqa: D102 - the port documents the methods

from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar, cast

from kernel.storage import Read, Store, Usage, Write
from kernel.storage.conflicts import counted_conflicts
from kernel.tracing import Spans, active

T = TypeVar("T")

_ATTEMPTS, _CONFLICTS = "coditect.store.attempts", "coditect.store.conflicts"
_ROWS_READ, _ROWS_WRITTEN = "db.response.returned_rows", "coditect.store.written_rows"


def traced_store(store: Store, name: str, url: str) -> Store:
    """A store whose transactions have spans; the same one while tracing is off.

    Args:
        store: The store.
        name: The context whose rows it has.
        url: Its address.
    """
    if (spans := active()) is None:
        return store
    system = "foundationdb" if url.startswith("fdb:") else "lmdb"
    return TracedStore(store, spans, name, system)


class TracedStore:
    """A store that records transactions of recorded calls; `kernel.storage.port.Store` documents the methods.

    Args:
        store: The store.
        spans: Records.
        name: The context whose rows it has.
        system: What the store is: `lmdb` or `foundationdb`.
    """

    def __init__(self, store: Store, spans: Spans, name: str, system: str) -> None:
        self._store = store
        self._spans = spans
        self._name = name
        self._attributes = {"db.system.name": system, "db.namespace": name}

    def read(self, fn: Callable[[Read], Coroutine[Any, Any, T]]) -> Coroutine[Any, Any, T]:
        # No coroutine of its own: most transactions are of calls that are not recorded.
        if not self._spans.recording():
            return self._store.read(fn)
        return self._traced("read", fn, self._store.read)

    def write(
        self, fn: Callable[[Write], Coroutine[Any, Any, T]], *, essential: bool = False
    ) -> Coroutine[Any, Any, T]:
        if not self._spans.recording():
            return self._store.write(fn, essential=essential)
        return self._traced("write", fn, lambda fn: self._store.write(fn, essential=essential))

    def watch(self, key: bytes, seen: bytes | None) -> Coroutine[Any, Any, bytes | None]:
        return self._store.watch(key, seen)

    def advance(self, stamp: bytes) -> Coroutine[Any, Any, None]:
        return self._store.advance(stamp)

    def ping(self) -> Coroutine[Any, Any, None]:
        return self._store.ping()

    def usage(self) -> Usage | None:
        return self._store.usage()

    def backup_age(self) -> Coroutine[Any, Any, float | None]:
        return self._store.backup_age()

    def close(self) -> Coroutine[Any, Any, None]:
        return self._store.close()

    async def _traced(
        self,
        operation: str,
        fn: Callable[[Any], Coroutine[Any, Any, T]],
        run: Callable[[Callable[[Any], Coroutine[Any, Any, T]]], Coroutine[Any, Any, T]],
    ) -> T:
        attempts, rows = 0, _Rows()

        async def attempt(tx: Write) -> T:
            nonlocal attempts, rows
            attempts, rows = attempts + 1, _Rows()
            return await fn(cast("Write", _Counting(tx, rows)))

        attributes = {**self._attributes, "db.operation.name": operation}
        name = getattr(fn, "__qualname__", type(fn).__name__)
        attributes["code.function.name"] = f"{fn.__module__}.{name}"
        with (
            self._spans.request(f"{operation} {self._name}", attributes) as span,
            counted_conflicts() as conflicts,
        ):
            try:
                return await run(attempt)
            finally:
                if span is not None:
                    span.set_attribute(_ATTEMPTS, attempts)
                    span.set_attribute(_CONFLICTS, conflicts.count)
                    span.set_attribute(_ROWS_READ, rows.read)
                    span.set_attribute(_ROWS_WRITTEN, rows.written)


class _Rows:
    """How many rows one attempt of a transaction has read and written; ranges that it cleared count as one."""

    __slots__ = ("read", "written")

    def __init__(self) -> None:
        self.read = 0
        self.written = 0


class _Counting:
    """A transaction that counts its rows."""

    def __init__(self, tx: Write, rows: _Rows) -> None:
        self._tx = tx
        self._rows = rows

    async def get(self, key: bytes) -> bytes | None:
        value = await self._tx.get(key)
        self._rows.read += value is not None
        return value

    async def get_many(self, keys: Iterable[bytes]) -> list[bytes | None]:
        values = await self._tx.get_many(keys)
        self._rows.read += len(values) - values.count(None)
        return values

    async def get_range(
        self, begin: bytes, end: bytes, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        rows = await self._tx.get_range(begin, end, limit=limit, reverse=reverse)
        self._rows.read += len(rows)
        return rows

    def set(self, key: bytes, value: bytes) -> None:
        self._rows.written += 1
        self._tx.set(key, value)

    def clear(self, key: bytes) -> None:
        self._rows.written += 1
        self._tx.clear(key)

    def clear_range(self, begin: bytes, end: bytes) -> None:
        self._rows.written += 1
        self._tx.clear_range(begin, end)

    def add(self, key: bytes, delta: int) -> None:
        self._rows.written += 1
        self._tx.add(key, delta)

    def set_versionstamped_key(self, prefix: bytes, value: bytes, suffix: bytes = b"") -> None:
        self._rows.written += 1
        self._tx.set_versionstamped_key(prefix, value, suffix)
