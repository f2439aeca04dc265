"""Rows that expire: an index by their expiry time, so that a sweep reads only what is due."""

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
    """Returns the time as a number for a key: whole milliseconds since 1970, rounded down."""
    return (time - _EPOCH) // _MILLISECOND


@dataclass(frozen=True, slots=True)
class Due:
    """An entry of the index that is due.

    Attributes:
        entry: The key of the entry itself; always clear it.
        key: The key of the row; check that it has really expired, it may have been renewed.
    """

    entry: bytes
    key: bytes


class Expiry:
    """The expiry index of a family.

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
        """Adds the entry of a row, in the transaction that writes the row."""
        tx.set(self.entry(time, key), key)

    def clear(self, tx: Write, time: Time, key: bytes) -> None:
        """Removes the entry of a row, in the transaction that removes or renews the row."""
        tx.clear(self.entry(time, key))

    async def due(self, tx: Read, now: Time, limit: int) -> list[Due]:
        """Returns at most `limit` entries whose time is not after `now`, the oldest first."""
        whole = now if isinstance(now, int) else milliseconds(now)
        end = self.entries.space.pack((whole + 1,))
        return [Due(entry, key) for entry, key in await tx.get_range(self._begin, end, limit=limit)]

    def entry(self, time: Time, key: bytes) -> bytes:
        """Returns the key of the entry of a row that expires at that time."""
        # Rounded up, so that a row that is due has really expired.
        end = time if isinstance(time, int) else -((_EPOCH - time) // _MILLISECOND)
        # A digest because the key may be as long as a key can be.
        return self.entries.key(end, blake2b(key, digest_size=_DIGEST_BYTES).digest())


async def sweep(tx: Write, expiry: Expiry, now: Time, limit: int) -> int:
    """Removes at most `limit` expired rows with their entries; returns how many.

    For rows without dependent rows, whose old entry is cleared when they are renewed.
    """
    due = await expiry.due(tx, now, limit)
    for row in due:
        tx.clear(row.key)
        tx.clear(row.entry)
    return len(due)


def _invariants(expiry: Expiry, family: AnyFamily) -> tuple[Invariant, Invariant]:
    """The invariants between records with an `expire_time` and their expiry index."""

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
            expiry.entries, "has no row that expires then", lambda entry: [entry.value], points_back
        ),
    )
