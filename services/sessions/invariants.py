"""What always holds between the rows of sessions."""

from collections.abc import Sequence
from uuid import UUID

from coditect.sessions.records.v1 import sessions_pb2
from kernel.storage import RANGE_ROWS, Read, counted
from kernel.storage.recipes.invariants import Invariant, Row, agrees, expires, is_there
from services.sessions import keys


def _user_of(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(sessions_pb2.SessionRecord.FromString(value).user_id)


def _is_place_of(row: Row, values: Sequence[bytes | None]) -> bool:
    (value,) = values
    if value is None:
        return False
    place = sessions_pb2.SessionOwner.FromString(value)
    return (place.tenant_id, place.user_id) == (row.record.tenant_id, row.record.user_id)


async def _miscounted(tx: Read, rows: Sequence[Row]) -> list[Row]:
    found = []
    for row in rows:
        user_id, tenant_id = row.elements
        mine = await tx.get_range(*keys.OF_USER.range(tenant_id, user_id), limit=RANGE_ROWS)
        if min(counted(row.value), RANGE_ROWS) != len(mine):
            found.append(row)
    return found


INVARIANTS: tuple[Invariant, ...] = (
    agrees(
        keys.SESSION,
        "has no place that tells its tenant and user",
        lambda row: [keys.SESSION_OWNER.key(row.elements[1])],
        _is_place_of,
    ),
    is_there(
        keys.SESSION,
        "has no row that finds it from its user",
        lambda row: [keys.OF_USER.key(row.elements[0], UUID(row.record.user_id), row.elements[1])],
    ),
    is_there(
        keys.SESSION,
        "has no count of its user's sessions",
        lambda row: [keys.COUNT.key(UUID(row.record.user_id), row.elements[0])],
    ),
    *expires(keys.SESSION, keys.EXPIRY),
    agrees(
        keys.SESSION_OWNER,
        "has no session of that user there",
        lambda row: [keys.SESSION.key(UUID(row.record.tenant_id), row.elements[0])],
        lambda row, values: _user_of(values[0]) == UUID(row.record.user_id),
    ),
    agrees(
        keys.OF_USER,
        "has no session of that user",
        lambda row: [keys.SESSION.key(row.elements[0], row.elements[2])],
        lambda row, values: _user_of(values[0]) == row.elements[1],
    ),
    Invariant(
        keys.COUNT, "is not the number of the user's sessions there", _miscounted, page_rows=100
    ),
    *expires(keys.IDEMPOTENCY.records, keys.IDEMPOTENCY.expiry),
    *expires(keys.DELETED_USERS.rows, keys.DELETED_USERS.expiry),
    *expires(keys.REMOVED_MEMBERS.rows, keys.REMOVED_MEMBERS.expiry),
    *expires(keys.DELETED_TENANTS.rows, keys.DELETED_TENANTS.expiry),
)
