"""What is gone for good, and must not come back through a write that was under way.

Whoever would make something for an id looks here in the same transaction: the write that erases
the id and the one that comes late cannot both miss each other.
"""

from datetime import datetime, timedelta
from uuid import UUID

from coditect.storage.v1 import storage_pb2
from kernel.clock import timestamp
from kernel.storage.expiry import Expiry, sweep
from kernel.storage.families import AnyFamily, Family, record, uuid
from kernel.storage.keys import Subspace
from kernel.storage.port import Read, Write

LATENESS = timedelta(days=1)
"""How long a delivery of an outbox, or a call with a token, may outlive what it is about."""

_RECORD_BYTES = 20


class Tombstones:
    """The ids of one context that are gone.

    Args:
        space: Where they are: ("row", id), and their expiry rows.
        name: What an id is called.

    Attributes:
        rows: The family of the rows.
        expiry: When they end.
        families: All of it.
    """

    def __init__(self, space: Subspace, name: str) -> None:
        self.rows = Family[UUID](
            space["row"],
            uuid(name),
            value=record("coditect.storage.v1.Tombstone", _RECORD_BYTES),
            life="the life of an access token and a day",
        )
        self.expiry = Expiry(space["expiry"], of=self.rows)
        self.families: tuple[AnyFamily, ...] = (self.rows, self.expiry.entries)

    def key(self, gone: UUID) -> bytes:
        """Gives the key that is there if the id is gone."""
        return self.rows.key(gone)

    async def has(self, tx: Read, gone: UUID) -> bool:
        """Whether the id went not long ago."""
        return await tx.get(self.key(gone)) is not None

    async def put(self, tx: Write, gone: UUID, until: datetime) -> None:
        """Keeps in mind until then that the id is gone; a second time changes nothing."""
        if not await self.has(tx, gone):
            stone = storage_pb2.Tombstone(expire_time=timestamp(until))
            tx.set(self.key(gone), stone.SerializeToString())
            self.expiry.put(tx, until, self.key(gone))

    async def sweep(self, tx: Write, now: datetime, limit: int) -> int:
        """Forgets ids whose time is over, `limit` at most, and says how many."""
        return await sweep(tx, self.expiry, now, limit)
