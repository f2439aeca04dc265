"""The progress of a copy: rows in its target, each written with the rows that it records.

    ("copy", "of")             the place of the source, and a random id of the process that copies
    ("copy", "batch", number)  the `Position` after the batch

Batches are written concurrently, so a later one may exist when an earlier one does not. The copy is
complete up to the last batch before the first gap; later batches are written again, which changes
nothing. While these rows exist, no service may use the target.
"""

from dataclasses import dataclass
from typing import Any, cast

import fdb.tuple

from kernel.storage.keys import Subspace
from kernel.storage.limits import FIRST_RESERVED, RANGE_ROWS
from kernel.storage.moving.stamps import NONE
from kernel.storage.port import Read, Store, Write

SPACE = Subspace(("copy",))

_OF = SPACE.pack(("of",))
_BATCH = SPACE["batch"]


class CopyRefused(Exception):
    """A copy must not begin or continue; the text is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a copy is.

    Attributes:
        last_key: All rows up to this key are in the target; empty at the beginning.
        stamp: The greatest stamp of a commit in their keys.
        rows: The number of these rows.
        size: The bytes of their keys and values.
    """

    last_key: bytes = b""
    stamp: bytes = NONE
    rows: int = 0
    size: int = 0


class Progress:
    """The progress rows of one copy, claimed by one process; a later claim takes them over.

    Args:
        target: The target of the copy, which has the rows.
        source: The place of the source, see `addresses.place_of`.
        run: Random bytes that identify this process.
    """

    def __init__(self, target: Store, source: str, run: bytes) -> None:
        self._target = target
        self._source = source
        self._claim = _pack(source, run)

    async def claim(self, *, anew: bool) -> tuple[int, Position]:
        """Begins the copy or takes it over; returns the last batch that counts and its position.

        Args:
            anew: Whether to take over any unfinished copy, and begin again.

        Raises:
            CopyRefused: The target has rows and is not an unfinished copy of this source.
        """

        async def write(tx: Write) -> tuple[int, Position]:
            held = await tx.get(_OF)
            if held is None and await tx.get_range(b"", FIRST_RESERVED, limit=1):
                raise CopyRefused("The target is not empty.")
            if held is not None and not anew and (place := _unpack(held)[0]) != self._source:
                raise CopyRefused(f"The target is an unfinished copy of another store, {place}.")
            batches = await tx.get_range(*_BATCH.range(), limit=RANGE_ROWS)
            number, position = _reached([] if anew else batches)
            tx.clear_range(*_BATCH.range())
            tx.set(_OF, self._claim)
            self.record(tx, number, position)
            return number, position

        return await self._target.write(write)

    async def check(self, tx: Read) -> None:
        """Raises `CopyRefused` if another process has taken over."""
        if await tx.get(_OF) != self._claim:
            raise CopyRefused("Another process is copying into the target.")

    def record(self, tx: Write, number: int, position: Position, *, settled: int = 0) -> None:
        """Records a batch, in the transaction that writes its rows.

        Args:
            tx: The transaction.
            number: Counts the batches.
            position: How far the copy is after this batch and all before it.
            settled: The number of a batch that is written, with all before it.
        """
        value = _pack(position.last_key, position.stamp, position.rows, position.size)
        tx.set(_BATCH.pack((number,)), value)
        tx.clear_range(_BATCH.pack((0,)), _BATCH.pack((settled,)))

    async def end(self) -> None:
        """Removes the progress rows, which makes the target a normal store."""

        async def write(tx: Write) -> None:
            await self.check(tx)
            tx.clear_range(*SPACE.range())

        await self._target.write(write)


async def is_unfinished(store: Store) -> bool:
    """Whether a store is the target of an unfinished copy."""

    async def read(tx: Read) -> bool:
        return await tx.get(_OF) is not None

    return await store.read(read)


def _reached(rows: list[tuple[bytes, bytes]]) -> tuple[int, Position]:
    """The last batch before the first gap. The first row counts: all before it is settled."""
    reached = 0, Position()
    for place, (key, value) in enumerate(rows):
        (number,) = _BATCH.unpack(key)
        if place and number != reached[0] + 1:
            break
        reached = number, Position(*_unpack(value))
    return reached


def _pack(*elements: str | bytes | int) -> bytes:
    return bytes(fdb.tuple.pack(elements))


def _unpack(value: bytes) -> tuple[Any, ...]:
    return cast("tuple[Any, ...]", fdb.tuple.unpack(value))
