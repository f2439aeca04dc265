"""What is gone, and must not come back through a write that was under way.

Whoever would make something for an id looks here in the same transaction: the write that erases
the id and the one that comes late cannot both miss each other. What can come back in earnest, like
a member, goes up to an epoch: who comes with a later one is not meant.
"""

from datetime import datetime, timedelta
from uuid import UUID

from coditect.storage.v1 import storage_pb2
from kernel.clock import datetime_of, timestamp
from kernel.storage.families import AnyFamily, Family, record, uuid
from kernel.storage.keys import Subspace
from kernel.storage.port import Read, Write
from kernel.storage.recipes.expiry import Expiry, sweep

LATENESS = timedelta(days=1)
"""How long a delivery of an outbox, or a call with a token, may outlive what it is about."""

_RECORD_BYTES = 30


def is_gone(stone: bytes | None, epoch: int) -> bool:
    """Whether the value of a tombstone's key, if it has one, is meant for that epoch."""
    if stone is None:
        return False
    last = storage_pb2.Tombstone.FromString(stone).epoch
    return last == 0 or epoch < last


class Tombstones:
    """The ids of one context that are gone.

    Args:
        space: Where they are: ("row", id), and their expiry rows.
        names: What the ids are called that together say who is gone.

    Attributes:
        rows: The family of the rows.
        expiry: When they end.
        families: All of it.
    """

    def __init__(self, space: Subspace, *names: str) -> None:
        self.rows = Family[*tuple[UUID, ...]](
            space["row"],
            *map(uuid, names),
            value=record("coditect.storage.v1.Tombstone", _RECORD_BYTES),
            life="the life of an access token and a day",
        )
        self.expiry = Expiry(space["expiry"], of=self.rows)
        self.families: tuple[AnyFamily, ...] = (self.rows, self.expiry.entries)

    def key(self, *gone: UUID) -> bytes:
        """Gives the key that is there if the ids are gone."""
        return self.rows.key(*gone)

    async def has(self, tx: Read, *gone: UUID) -> bool:
        """Whether the ids went not long ago."""
        return await tx.get(self.key(*gone)) is not None

    async def put(self, tx: Write, *gone: UUID, until: datetime, epoch: int = 0) -> None:
        """Keeps in mind that the ids are gone; what is known already changes nothing.

        Args:
            tx: The transaction that erases them.
            gone: The ids.
            until: For so long.
            epoch: Only what is of a smaller one; 0 for all.
        """
        key = self.key(*gone)
        old = await tx.get(key)
        if old is not None:
            known = storage_pb2.Tombstone.FromString(old)
            if known.epoch == 0 or 0 < epoch <= known.epoch:
                return
            self.expiry.clear(tx, datetime_of(known.expire_time), key)
        stone = storage_pb2.Tombstone(expire_time=timestamp(until), epoch=epoch)
        tx.set(key, stone.SerializeToString())
        self.expiry.put(tx, until, key)

    async def sweep(self, tx: Write, now: datetime, limit: int) -> int:
        """Forgets ids whose time is over, `limit` at most, and says how many."""
        return await sweep(tx, self.expiry, now, limit)
