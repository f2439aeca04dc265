"""What always holds between the rows of sessions."""

from collections.abc import Sequence
from uuid import UUID

from coditect.sessions.records.v1 import sessions_pb2
from kernel.storage import RANGE_ROWS, Read, counted
from kernel.storage.recipes.invariants import Invariant, Row, agrees, is_there
from services.sessions import keys
from services.sessions.repository import SESSION_BY_USER, SESSION_COUNT


def _user_of(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(sessions_pb2.SessionRecord.FromString(value).user_id)


def _is_owner_of(row: Row, values: Sequence[bytes | None]) -> bool:
    (value,) = values
    if value is None:
        return False
    owner = sessions_pb2.SessionOwner.FromString(value)
    return (owner.tenant_id, owner.user_id) == (row.record.tenant_id, row.record.user_id)


async def _miscounted(tx: Read, rows: Sequence[Row]) -> list[Row]:
    found = []
    for row in rows:
        user_id, tenant_id = row.elements
        mine = await tx.get_range(*SESSION_BY_USER.range(tenant_id, user_id), limit=RANGE_ROWS)
        if min(counted(row.value), RANGE_ROWS) != len(mine):
            found.append(row)
    return found


INVARIANTS: tuple[Invariant, ...] = (
    agrees(
        keys.SESSION,
        "has no row of its owner",
        lambda row: [keys.SESSION_OWNER.key(row.elements[1])],
        _is_owner_of,
    ),
    is_there(
        keys.SESSION,
        "has no count of its user's sessions",
        lambda row: [SESSION_COUNT.key(UUID(row.record.user_id), row.elements[0])],
    ),
    agrees(
        keys.SESSION_OWNER,
        "has no session of that owner",
        lambda row: [keys.SESSION.key(UUID(row.record.tenant_id), row.elements[0])],
        lambda row, values: _user_of(values[0]) == UUID(row.record.user_id),
    ),
    Invariant(
        SESSION_COUNT, "is not the number of the user's sessions there", _miscounted, page_rows=100
    ),
)
