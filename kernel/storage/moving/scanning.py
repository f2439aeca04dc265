"""Reads a whole store page by page, each page in its own transaction."""

from collections.abc import AsyncIterator
from typing import TypeAlias

from kernel.storage.limits import FIRST_RESERVED
from kernel.storage.port import Read, Store

Row: TypeAlias = tuple[bytes, bytes]

PAGE_BYTES = 1_000_000
PAGE_ROWS = 2_000
FIRST_ROWS = 100


async def pages(store: Store, after: bytes = b"") -> AsyncIterator[list[Row]]:
    """Yields the rows after a key in pages, none of them empty.

    A range has a limit of rows but none of bytes. So pages begin small and at most double, towards
    `PAGE_BYTES` at the size of the last rows: if rows suddenly are as large as they can be, one
    page has 200 MB at worst.

    Args:
        store: The store to read.
        after: The key to continue after; empty for all.
    """
    limit = FIRST_ROWS
    while True:
        rows = await rows_of(store, next_key(after), FIRST_RESERVED, limit)
        if rows:
            yield rows
        if len(rows) < limit:
            return
        after = rows[-1][0]
        limit = min(2 * limit, PAGE_ROWS, limit * PAGE_BYTES // size_of(rows) or 1)


async def rows_of(store: Store, begin: bytes, end: bytes, limit: int) -> list[Row]:
    """Reads a range in its own transaction."""

    async def read(tx: Read) -> list[Row]:
        return await tx.get_range(begin, end, limit=limit)

    return await store.read(read)


def next_key(key: bytes) -> bytes:
    """Returns the first key after a key; the empty key, which is before all, stays as it is."""
    return key and key + b"\x00"


def size_of(rows: list[Row]) -> int:
    """Returns the bytes of keys and values."""
    return sum(len(key) + len(value) for key, value in rows)
