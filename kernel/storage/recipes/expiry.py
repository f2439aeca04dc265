"""Rows with a life: an index by the time of their end, so that a sweep reads only what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, TypeAlias

from kernel.clock import datetime_of
from kernel.storage.families import AnyFamily, Family, Value, digest
from kernel.storage.families import time as time_part
from kernel.storage.keys import Subspace
from kernel.storage.limits import KEY_BYTES
from kernel.storage.port import Read, Write
from kernel.storage.recipes.invariants import Invariant, Row, agrees, parsed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DIGEST_BYTES = 16

Time: TypeAlias = datetime | int
"""A time, or whole milliseconds since 1970."""


def milliseconds(time: datetime) -> int:
    """Gives the time as a number for a key: whole milliseconds since 1970, rounded down."""
    return (time - _EPOCH) // _MILLISECOND


@dataclass(frozen=True, slots=True)
class Due:
    """One entry of the index whose time has come.

    Attributes:
        entry: The key of the entry itself; clear it in any case.
        key: The key of the row; look whether it really is over, it may have been renewed.
    """

    entry: bytes
    key: bytes


class Expiry:
    """The index.

    Args:
        space: Where its entries are: (milliseconds, digest of the row's key) -> the row's key.
        of: The family of the rows.

    Attributes:
        entries: The family of the entries.
    """

    def __init__(self, space: Subspace, of: AnyFamily | None = None) -> None:
        self.entries = Family[int, bytes](
            space,
            time_part("expire_time"),
            digest("key_digest", _DIGEST_BYTES),
            value=Value("the key of the row", KEY_BYTES if of is None else of.key_bytes),
            life="as the row",
            of=of,
        )
        self._begin, _ = space.range()
        if space.keyspace is not None and of is not None and of.value.is_record:
            space.keyspace.invariants.extend(_invariants(self, of))

    def put(self, tx: Write, time: Time, key: bytes) -> None:
        """Enters a row, in the transaction that writes it."""
        tx.set(self.entry(time, key), key)

    def clear(self, tx: Write, time: Time, key: bytes) -> None:
        """Takes a row out, in the transaction that removes it or moves its end."""
        tx.clear(self.entry(time, key))

    async def due(self, tx: Read, now: Time, limit: int) -> list[Due]:
        """Gives at most `limit` entries whose time is not after `now`, the oldest first."""
        whole = now if isinstance(now, int) else milliseconds(now)
        end = self.entries.space.pack((whole + 1,))
        return [Due(entry, key) for entry, key in await tx.get_range(self._begin, end, limit=limit)]

    def entry(self, time: Time, key: bytes) -> bytes:
        """Gives the key of the entry of a row that ends at that time."""
        # Rounded up: what is due is over, and nobody clears an entry whose row lives on.
        end = time if isinstance(time, int) else -((_EPOCH - time) // _MILLISECOND)
        # A digest because the key may be as long as a key can be.
        return self.entries.key(end, blake2b(key, digest_size=_DIGEST_BYTES).digest())


async def sweep(tx: Write, expiry: Expiry, now: Time, limit: int) -> int:
    """Removes at most `limit` rows that are over, with their entries; gives how many.

    For rows that nothing else goes with, and whose entry is taken out by whoever renews them.
    """
    due = await expiry.due(tx, now, limit)
    for row in due:
        tx.clear(row.key)
        tx.clear(row.entry)
    return len(due)


def _invariants(expiry: Expiry, family: AnyFamily) -> tuple[Invariant, Invariant]:
    """What holds between records with an `expire_time` and the index of their ends."""

    def entry_of(key: bytes, record: Any) -> bytes:
        return expiry.entry(datetime_of(record.expire_time), key)

    def points_back(entry: Row, values: Sequence[bytes | None]) -> bool:
        (value,) = values
        if value is None or entry.value not in family.space:
            return False
        return entry_of(entry.value, parsed(family, value)) == entry.key

    return (
        agrees(
            family,
            "has no expiry entry",
            lambda row: [entry_of(row.key, row.record)],
            lambda row, values: values[0] == row.key,
        ),
        agrees(
            expiry.entries, "has no row that ends then", lambda entry: [entry.value], points_back
        ),
    )
