"""How the log of revocations is stored."""

from collections.abc import Sequence
from datetime import datetime

from coditect.identity.v1 import revocations_pb2
from kernel.identity.revocations import Revocation
from kernel.storage import Read, Write
from kernel.storage.families import COUNTER, Commit, Family, commit, record
from services.auth.keys import AUTH

REVOCATION = Family[Commit](
    AUTH["revocation"],
    commit("commit"),
    value=record("coditect.identity.v1.Revocation", 150),
    life="until no token can meet it, by any clock: two hours and two minutes",
)
_SCANNED = 500
REVOCATION_HEAD = Family[()](AUTH["revocation_head"], value=COUNTER, life="for ever", of=REVOCATION)


def append_revocation(tx: Write, revocation: Revocation) -> None:
    """Appends to the log of revocations; its place is that of the commit."""
    tx.set_versionstamped_key(REVOCATION.space.prefix, revocation.message().SerializeToString())
    tx.add(REVOCATION_HEAD.key(), 1)


async def revocations_after(
    tx: Read, cursor: bytes, limit: int
) -> Sequence[tuple[bytes, Revocation]]:
    """The log behind a cursor, each entry with the cursor behind itself."""
    begin, end = REVOCATION.range()
    rows = await tx.get_range(max(begin, cursor + b"\0"), end, limit=limit)
    return [(key, _revocation_of(value)) for key, value in rows]


async def last_revocation(tx: Read) -> bytes:
    """The cursor behind the whole log; empty for an empty log."""
    rows = await tx.get_range(*REVOCATION.range(), limit=1, reverse=True)
    return rows[0][0] if rows else b""


async def revocation_head(tx: Read) -> bytes | None:
    """What changes whenever the log grows."""
    return await tx.get(REVOCATION_HEAD.key())


async def clear_old_revocations(tx: Write, settled: datetime, limit: int) -> int:
    """Removes entries of the log whose tokens have all expired, `limit` at most; returns how many.

    Args:
        tx: The transaction.
        settled: The settled time of the process.
        limit: The most to remove.
    """
    # More than are removed: some in front may be from a clock that was ahead.
    rows = await tx.get_range(*REVOCATION.range(), limit=_SCANNED)
    old = [key for key, value in rows if _revocation_of(value).keep_until < settled]
    for key in old[:limit]:
        tx.clear(key)
    return len(old[:limit])


def _revocation_of(value: bytes) -> Revocation:
    return Revocation.of(revocations_pb2.Revocation.FromString(value))
