"""Copies all rows of a store into another one; a killed copy can be resumed.

The source must not be written to. The rows are compared at the end, and the target counts as a copy
only after that.
"""

import asyncio
import os
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from kernel.storage.limits import FIRST_RESERVED
from kernel.storage.moving.progress import SPACE, CopyRefused, Position, Progress, is_unfinished
from kernel.storage.moving.scanning import PAGE_ROWS, Row, next_key, pages, rows_of, size_of
from kernel.storage.moving.stamps import NONE, greatest_stamp
from kernel.storage.port import Store, Write

T = TypeVar("T")

BATCH_BYTES = 1_000_000
"""A fifth of what a transaction may write; the last row of a batch may exceed it."""
BATCHES = 8
"""Written concurrently: a cluster has a high latency and a high throughput."""

Show: TypeAlias = Callable[[int], object]
"""Receives the number of rows of each finished step."""


class CopyFailed(Exception):
    """The target differs from the source; the text is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are written together.

    Attributes:
        number: Counts the batches of a copy.
        rows: In the order of the source.
        position: How far the copy is after them.
    """

    number: int
    rows: list[Row]
    position: Position


class Copy:
    """One copy; its methods are called in the order of their definition.

    Args:
        source: The store to copy; no other process may use it.
        target: An empty store, or an unfinished copy of the same source.
        place: Identifies the source, see `addresses.place_of`.

    Attributes:
        position: How far the copy is.
    """

    def __init__(self, source: Store, target: Store, place: str) -> None:
        self._source = source
        self._target = target
        self._progress = Progress(target, place, os.urandom(16))
        self._settled = 0
        self.position = Position()

    async def begin(self, *, anew: bool = False) -> None:
        """Claims the target, and finds how far an earlier process has come.

        Args:
            anew: Whether to remove an unfinished copy, of any store, first.

        Raises:
            CopyRefused: The target has other rows, or the source is itself an unfinished copy.
        """
        if await is_unfinished(self._source):
            raise CopyRefused("The source is itself the target of a copy that is not finished.")
        self._settled, self.position = await self._progress.claim(anew=anew)
        if anew:
            async for page in pages(self._target):
                await self._clear([key for key, _ in page if key not in SPACE])

    async def move_rows(self, show: Show) -> None:
        """Copies the remaining rows.

        Raises:
            CopyRefused: Another process has taken over the copy.
        """
        writes = (self._write(batch) async for batch in self._batches())
        async with aclosing(_concurrently(writes)) as written:
            async for batch in written:
                self._settled, self.position = batch.number, batch.position
                show(len(batch.rows))

    async def compare(self, show: Show) -> None:
        """Reads both stores and compares every row.

        Raises:
            CopyFailed: They differ: the source was changed after its rows were copied.
        """
        async with aclosing(_concurrently(self._comparisons())) as compared:
            async for rows in compared:
                show(rows)

    async def finish(self) -> None:
        """Makes the target a normal store, whose versionstamps continue after the copied ones."""
        if self.position.stamp != NONE:
            await self._target.advance(self.position.stamp)
        await self._progress.end()

    async def _batches(self) -> AsyncIterator[Batch]:
        number, position = self._settled, self.position
        async for page in pages(self._source, position.last_key):
            for rows in _parts(page):
                number += 1
                position = Position(
                    last_key=rows[-1][0],
                    stamp=max(position.stamp, greatest_stamp(key for key, _ in rows)),
                    rows=position.rows + len(rows),
                    size=position.size + size_of(rows),
                )
                yield Batch(number, rows, position)

    async def _write(self, batch: Batch) -> Batch:
        settled = self._settled

        async def write(tx: Write) -> None:
            await self._progress.check(tx)
            for key, value in batch.rows:
                tx.set(key, value)
            self._progress.record(tx, batch.number, batch.position, settled=settled)

        await self._target.write(write)
        return batch

    async def _clear(self, keys: list[bytes]) -> None:
        async def write(tx: Write) -> None:
            await self._progress.check(tx)
            for key in keys:
                tx.clear(key)

        await self._target.write(write)

    async def _comparisons(self) -> AsyncIterator[Coroutine[Any, Any, int]]:
        compared = b""
        async for page in pages(self._source):
            begin, compared = next_key(compared), page[-1][0]
            yield self._compare(begin, next_key(compared), page)
        yield self._compare(next_key(compared), FIRST_RESERVED, [])

    async def _compare(self, begin: bytes, end: bytes, expected: list[Row]) -> int:
        # One more row is enough to see a difference, and the progress rows are few.
        found = await rows_of(self._target, begin, end, PAGE_ROWS + 2 * BATCHES + 2)
        if found != expected and [row for row in found if row[0] not in SPACE] != expected:
            raise CopyFailed(
                "The source was changed during the copy: stop what uses it, and copy with --anew."
            )
        return len(expected)


async def _concurrently(jobs: AsyncIterator[Coroutine[Any, Any, T]]) -> AsyncGenerator[T, None]:
    """Runs `BATCHES` jobs at a time, and yields their results in the order of the jobs."""
    running: deque[asyncio.Task[T]] = deque()
    try:
        async for job in jobs:
            running.append(asyncio.create_task(job))
            if len(running) == BATCHES:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _parts(page: list[Row]) -> list[list[Row]]:
    """The rows of a page in parts of about `BATCH_BYTES`."""
    parts: list[list[Row]] = [[]]
    size = 0
    for row in page:
        if size >= BATCH_BYTES:
            parts.append([])
            size = 0
        parts[-1].append(row)
        size += len(row[0]) + len(row[1])
    return parts
