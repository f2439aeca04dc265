"""Rows with a life: an index by the time of their end, so that a sweep reads only what is due."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from kernel.storage.keys import Subspace
from kernel.storage.port import Read, Write

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


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
    """

    def __init__(self, space: Subspace) -> None:
        self._space = space

    def put(self, tx: Write, time: datetime, key: bytes) -> None:
        """Enters a row, in the transaction that writes it."""
        tx.set(self._entry(time, key), key)

    def clear(self, tx: Write, time: datetime, key: bytes) -> None:
        """Takes a row out, in the transaction that removes it or moves its end."""
        tx.clear(self._entry(time, key))

    async def due(self, tx: Read, now: datetime, limit: int) -> list[Due]:
        """Gives at most `limit` entries whose time is not after `now`, the oldest first."""
        begin, _ = self._space.range()
        end = self._space.pack((milliseconds(now) + 1,))
        return [Due(entry, key) for entry, key in await tx.get_range(begin, end, limit=limit)]

    def _entry(self, time: datetime, key: bytes) -> bytes:
        # Rounded up: what is due is over, and nobody clears an entry whose row lives on.
        end = -((_EPOCH - time) // _MILLISECOND)
        # A digest because the key may be as long as a key can be.
        return self._space.pack((end, blake2b(key, digest_size=16).digest()))
