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
    life="until no token can meet it: TOKEN_SECONDS and two minutes",
)
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


async def clear_old_revocations(tx: Write, before: datetime, limit: int) -> int:
    """Removes the entries of the log from before a time, `limit` at most, and says how many."""
    rows = await tx.get_range(*REVOCATION.range(), limit=limit)
    old = [key for key, value in rows if _revocation_of(value).revoke_time < before]
    for key in old:
        tx.clear(key)
    return len(old)


def _revocation_of(value: bytes) -> Revocation:
    return Revocation.of(revocations_pb2.Revocation.FromString(value))
