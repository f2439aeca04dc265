"""What an import has seen so far in its file, on disk: so memory does not grow with the file."""

import sqlite3
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

_DIGEST_BYTES = 16


class Seen:
    """Names of users and organizations in the file, and the ids of those that were accepted.

    Args:
        folder: An empty folder that is removed afterwards.
    """

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "seen", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("CREATE TABLE seen (name BLOB PRIMARY KEY, id BLOB) WITHOUT ROWID")
        self._db.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def add(self, *names: str) -> bool:
        """Notes the names of one thing; returns False if one of them was there."""
        digests = [(_digest(name),) for name in names]
        added = self._db.executemany("INSERT OR IGNORE INTO seen (name) VALUES (?)", digests)
        return added.rowcount == len(names)

    def accept(self, found: Iterable[tuple[str, UUID]]) -> None:
        """Notes the ids of things that are in the store now, by their names."""
        self._db.executemany(
            "INSERT OR REPLACE INTO seen (name, id) VALUES (?, ?)",
            [(_digest(name), one.bytes) for name, one in found],
        )

    def id_of(self, name: str) -> UUID | None:
        """The id of a thing that was accepted; None if it was not, or is not in the file so far."""
        row = self._db.execute("SELECT id FROM seen WHERE name = ?", (_digest(name),)).fetchone()
        return UUID(bytes=row[0]) if row and row[0] else None


def _digest(name: str) -> bytes:
    return blake2b(name.encode(errors="surrogatepass"), digest_size=_DIGEST_BYTES).digest()
