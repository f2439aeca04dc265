"""A store that only seems to be written to: what a dry run writes stays in a file of its own."""

import sqlite3
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any, TypeVar

from kernel.storage import RANGE_ROWS, Read, Store, Write
from kernel.storage.limits import added

T = TypeVar("T")


class Overlay:
    """Writes over a store without changing it.

    Transactions run one at a time. Each sees the store as it is, under what earlier ones wrote. Rows
    in the order of commits are left out: nothing in an import reads them.

    Args:
        store: The store.
        folder: A folder that is removed afterwards.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._db = sqlite3.connect(
            folder / "overlay", isolation_level=None, check_same_thread=False
        )
        self._db.execute("PRAGMA journal_mode = MEMORY")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE row (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")
        self._db.execute("CREATE TABLE added (key BLOB PRIMARY KEY, delta INT) WITHOUT ROWID")

    async def write(self, fn: Callable[[Write], Coroutine[Any, Any, T]]) -> T:
        """Runs a transaction; what it writes is kept unless it raises."""

        async def run(tx: Read) -> T:
            if self._db.in_transaction:  # the store runs it again
                self._db.execute("ROLLBACK")
            self._db.execute("BEGIN")
            return await fn(_OverlaidWrite(tx, self._db))

        try:
            result = await self._store.read(run)
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
        return result

    def close(self) -> None:
        """Closes the file."""
        self._db.close()


class _OverlaidWrite:
    """A transaction over a snapshot of the store. Counters are kept by what was added to them."""

    def __init__(self, tx: Read, db: sqlite3.Connection) -> None:
        self._tx = tx
        self._db = db

    async def get(self, key: bytes) -> bytes | None:
        row = self._db.execute("SELECT value FROM row WHERE key = ?", (key,)).fetchone()
        value = row[0] if row else await self._tx.get(key)
        found = self._db.execute("SELECT delta FROM added WHERE key = ?", (key,)).fetchone()
        return added(value, found[0]) if found else value

    async def get_many(self, keys: Iterable[bytes]) -> list[bytes | None]:
        return [await self.get(key) for key in keys]

    async def get_range(
        self, begin: bytes, end: bytes, *, limit: int, reverse: bool = False
    ) -> list[tuple[bytes, bytes]]:
        own: dict[bytes, bytes | None] = dict(self._between("row", begin, end))
        counters = dict(self._between("added", begin, end))
        more = min(RANGE_ROWS, limit + len(own))
        found = await self._tx.get_range(begin, end, limit=more, reverse=reverse)
        rows = {**dict(found), **own}
        rows |= {key: added(rows.get(key), delta) for key, delta in counters.items()}
        kept = ((key, rows[key]) for key in sorted(rows, reverse=reverse))
        return [(key, value) for key, value in kept if value is not None][:limit]

    def set(self, key: bytes, value: bytes) -> None:
        self._put(key, value)

    def clear(self, key: bytes) -> None:
        self._put(key, None)

    def clear_range(self, begin: bytes, end: bytes) -> None:
        raise NotImplementedError("no import removes a range")

    def add(self, key: bytes, delta: int) -> None:
        self._db.execute(
            "INSERT INTO added VALUES (?, ?) ON CONFLICT DO UPDATE SET delta = delta + excluded.delta",
            (key, delta),
        )

    def set_versionstamped_key(self, prefix: bytes, value: bytes, suffix: bytes = b"") -> None:
        """Leaves the row out."""

    def _between(self, table: str, begin: bytes, end: bytes) -> list[tuple[bytes, Any]]:
        query = f"SELECT * FROM {table} WHERE key >= ? AND key < ?"  # noqa: S608 - two constants
        return self._db.execute(query, (begin, end)).fetchall()

    def _put(self, key: bytes, value: bytes | None) -> None:
        self._db.execute("INSERT OR REPLACE INTO row VALUES (?, ?)", (key, value))
