"""What always holds between the rows of tenants."""

from collections.abc import Sequence

from google.protobuf.message import DecodeError

from coditect.tenants.records.v1 import records_pb2
from kernel.identity.callers import Role
from kernel.storage import Read
from kernel.storage.invariants import Invariant, Row, expires, is_there
from services.tenants import keys

_MEMBERS = 10_000  # an owner is looked for among so many
_MEMBERS_AT_ONCE = 1_000


def is_owner(value: bytes) -> bool:
    """Whether a membership is an owner's; so is one that cannot be read, by courtesy."""
    try:
        return records_pb2.MemberRecord.FromString(value).role == str(Role.OWNER)
    except DecodeError:  # found where the membership itself is looked at
        return True


async def _without_owner(tx: Read, rows: Sequence[Row]) -> list[Row]:
    ranges = [keys.MEMBER.range(*row.elements) for row in rows]
    begin, end = ranges[0][0], ranges[-1][1]
    # The tenants of a page are neighbours, and so are their members: one read shows nearly all.
    members = await tx.get_range(begin, end, limit=_MEMBERS_AT_ONCE)
    size = len(begin) - 1  # what all members of a tenant begin with is as long for every tenant
    owned = {key[:size] for key, value in members if is_owner(value)}
    return [
        row
        for row, (first, last) in zip(rows, ranges, strict=True)
        if first[:size] not in owned and not await _has_owner(tx, first, last)
    ]


async def _has_owner(tx: Read, begin: bytes, end: bytes) -> bool:
    for _ in range(0, _MEMBERS, _MEMBERS_AT_ONCE):
        rows = await tx.get_range(begin, end, limit=_MEMBERS_AT_ONCE)
        if any(is_owner(value) for _, value in rows):
            return True
        if len(rows) < _MEMBERS_AT_ONCE:
            return False
        begin = rows[-1][0] + b"\x00"
    return True


INVARIANTS: tuple[Invariant, ...] = (
    Invariant(keys.TENANT, "has no owner", _without_owner, page_rows=100),
    is_there(keys.MEMBER, "has no tenant", lambda row: [keys.TENANT.key(row.elements[0])]),
    is_there(
        keys.MEMBER,
        "has no row that finds it from the user",
        lambda row: [keys.OF_USER.key(row.elements[1], row.elements[0])],
    ),
    is_there(
        keys.OF_USER,
        "has no membership",
        lambda row: [keys.MEMBER.key(row.elements[1], row.elements[0])],
    ),
    *expires(keys.ERASED.rows, keys.ERASED.expiry),
)
