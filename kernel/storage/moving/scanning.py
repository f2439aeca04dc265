"""Reads a whole store, page by page, each in a transaction of its own."""

from collections.abc import AsyncIterator
from typing import TypeAlias

from kernel.storage.limits import FIRST_RESERVED
from kernel.storage.port import Read, Store

Row: TypeAlias = tuple[bytes, bytes]

PAGE_BYTES = 1_000_000
PAGE_ROWS = 2_000
FIRST_ROWS = 100


async def pages(store: Store, after: bytes = b"") -> AsyncIterator[list[Row]]:
    """Gives the rows behind a key in pages, none of them empty.

    A range has a limit of rows and none of bytes. So pages begin small and at most double, towards
    `PAGE_BYTES` at the size of the rows seen last: rows that suddenly are as large as rows can be
    make one large page, of 200 MB at the worst.

    Args:
        store: What is read.
        after: The key to go on behind; empty for all.
    """
    limit = FIRST_ROWS
    while True:
        rows = await rows_of(store, behind(after), FIRST_RESERVED, limit)
        if rows:
            yield rows
        if len(rows) < limit:
            return
        after = rows[-1][0]
        limit = min(2 * limit, PAGE_ROWS, limit * PAGE_BYTES // size_of(rows) or 1)


async def rows_of(store: Store, begin: bytes, end: bytes, limit: int) -> list[Row]:
    """Reads a range in a transaction of its own."""

    async def read(tx: Read) -> list[Row]:
        return await tx.get_range(begin, end, limit=limit)

    return await store.read(read)


def behind(key: bytes) -> bytes:
    """Gives the first key behind a key; of the empty one, where all begins."""
    return key and key + b"\x00"


def size_of(rows: list[Row]) -> int:
    """Gives the bytes of keys and values."""
    return sum(len(key) + len(value) for key, value in rows)
