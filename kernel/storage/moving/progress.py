"""How far a copy is: rows in its target, each written with the rows that it speaks of.

    ("copy", "of")             the place of the source, and a random id of the process that copies
    ("copy", "batch", number)  the `Position` behind the batch

Batches are written side by side, so a later one may be there when an earlier one is not. What was
copied reaches to the last batch before the first gap; those behind it are written again, which
changes nothing. While these rows are there, the target is no store to work with.
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
    """A copy must not begin, or not go on; the text is a sentence for whoever asked for it."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a copy is.

    Attributes:
        last_key: All rows up to this key are in the target; empty at the beginning.
        stamp: The greatest stamp of a commit in their keys.
        rows: How many they are.
        size: Bytes of their keys and values.
    """

    last_key: bytes = b""
    stamp: bytes = NONE
    rows: int = 0
    size: int = 0


class Progress:
    """The rows of one copy, held by one process; whoever claims them later takes them over.

    Args:
        target: Where they are, and the copy.
        source: The place of what is copied, see `addresses.place_of`.
        run: Random bytes that no other process has.
    """

    def __init__(self, target: Store, source: str, run: bytes) -> None:
        self._target = target
        self._source = source
        self._claim = _pack(source, run)

    async def claim(self, *, anew: bool) -> tuple[int, Position]:
        """Begins the copy or takes it over, and gives the last batch that counts and its position.

        Args:
            anew: Whether to take over any unfinished copy, as if nothing of it were there.

        Raises:
            CopyRefused: The target has rows and is no unfinished copy of this source.
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
            self.mark(tx, number, position)
            return number, position

        return await self._target.write(write)

    async def check(self, tx: Read) -> None:
        """Raises `CopyRefused` if another process has taken over."""
        if await tx.get(_OF) != self._claim:
            raise CopyRefused("Another process copies into the target.")

    def mark(self, tx: Write, number: int, position: Position, *, settled: int = 0) -> None:
        """Notes a batch, in the transaction that writes its rows.

        Args:
            tx: The transaction.
            number: Counts the batches.
            position: Where the copy is with this batch and all before it.
            settled: The number of a batch that is there, with all before it.
        """
        value = _pack(position.last_key, position.stamp, position.rows, position.size)
        tx.set(_BATCH.pack((number,)), value)
        tx.clear_range(_BATCH.pack((0,)), _BATCH.pack((settled,)))

    async def end(self) -> None:
        """Removes the rows: the target is a store like any other."""

        async def write(tx: Write) -> None:
            await self.check(tx)
            tx.clear_range(*SPACE.range())

        await self._target.write(write)


async def is_unfinished(store: Store) -> bool:
    """Whether a store is the target of a copy that has not come to its end."""

    async def read(tx: Read) -> bool:
        return await tx.get(_OF) is not None

    return await store.read(read)


def _reached(rows: list[tuple[bytes, bytes]]) -> tuple[int, Position]:
    """The last batch before the first gap. The first of the rows counts: it was settled."""
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
