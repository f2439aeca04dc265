"""Tombstones of deleted ids, which a late write must not bring back.

A write that creates something for an id checks its tombstone in the same transaction: it and the
write that deletes the id cannot both miss each other. A member can return. A tombstone with an
epoch rejects only writes from before that epoch.
"""

from datetime import datetime, timedelta
from uuid import UUID

from coditect.storage.v1 import storage_pb2
from kernel.clock import datetime_of, timestamp
from kernel.settings import LONGEST_TOKEN_SECONDS
from kernel.storage.families import AnyFamily, Family, record, uuid
from kernel.storage.keys import Subspace
from kernel.storage.port import Read, Write
from kernel.storage.recipes.expiry import Expiry, sweep

MEMORY = timedelta(seconds=LONGEST_TOKEN_SECONDS, days=1)
"""How long a tombstone is kept: a token's longest life, and a day for deliveries that are late and
for clocks that were wrong."""

_RECORD_BYTES = 30


def is_gone(tombstone: bytes | None, epoch: int) -> bool:
    """Whether a tombstone, None if absent, applies to that epoch."""
    if tombstone is None:
        return False
    last = storage_pb2.Tombstone.FromString(tombstone).epoch
    return last == 0 or epoch < last


class Tombstones:
    """The deleted ids of one context.

    Args:
        space: Where they are: ("row", id), and their expiry rows.
        names: The names of the ids that together identify what is deleted.

    Attributes:
        rows: The family of the rows.
        expiry: Their expiry index.
        families: All families.
    """

    def __init__(self, space: Subspace, *names: str) -> None:
        self.rows = Family[*tuple[UUID, ...]](
            space["row"],
            *map(uuid, names),
            value=record("coditect.storage.v1.Tombstone", _RECORD_BYTES),
            life="the longest life of an access token and a day",
        )
        self.expiry = Expiry(space["expiry"], of=self.rows)
        self.families: tuple[AnyFamily, ...] = (self.rows, self.expiry.entries)

    def key(self, *ids: UUID) -> bytes:
        """Returns the key of the tombstone of the ids."""
        return self.rows.key(*ids)

    async def has(self, tx: Read, *ids: UUID) -> bool:
        """Whether the ids have a tombstone."""
        return await tx.get(self.key(*ids)) is not None

    async def put(self, tx: Write, *ids: UUID, until: datetime, epoch: int = 0) -> None:
        """Adds a tombstone, unless there is one that already applies to the epoch.

        Args:
            tx: The transaction that deletes the ids.
            ids: The deleted ids.
            until: When the tombstone expires.
            epoch: It applies to smaller epochs only; 0 for all.
        """
        key = self.key(*ids)
        old = await tx.get(key)
        if old is not None:
            known = storage_pb2.Tombstone.FromString(old)
            if known.epoch == 0 or 0 < epoch <= known.epoch:
                return
            self.expiry.clear(tx, datetime_of(known.expire_time), key)
        tombstone = storage_pb2.Tombstone(expire_time=timestamp(until), epoch=epoch)
        tx.set(key, tombstone.SerializeToString())
        self.expiry.put(tx, until, key)

    async def sweep(self, tx: Write, settled: datetime, limit: int) -> int:
        """Removes at most `limit` tombstones that expired before the `SettledTime`; returns how many."""
        return await sweep(tx, self.expiry, settled, limit)
