"""What always holds between the rows of sessions."""

from collections.abc import Sequence
from uuid import UUID

from coditect.sessions.records.v1 import sessions_pb2
from kernel.storage.recipes.invariants import Invariant, Row, agrees, is_sound
from services.sessions import keys


def _user_of(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(sessions_pb2.SessionRecord.FromString(value).user_id)


def _is_owner_of(row: Row, values: Sequence[bytes | None]) -> bool:
    (value,) = values
    if value is None:
        return False
    owner = sessions_pb2.SessionOwner.FromString(value)
    return (owner.tenant_id, owner.user_id) == (row.record.tenant_id, row.record.user_id)


def _names_session(row: Row) -> bool:
    ids = [row.record.user_id, row.record.session_id]
    return [str(UUID(one)) for one in ids] == ids


INVARIANTS: tuple[Invariant, ...] = (
    agrees(
        keys.SESSION,
        "has no row of its owner",
        lambda row: [keys.SESSION_OWNER.key(row.elements[1])],
        _is_owner_of,
    ),
    is_sound(keys.ENDED_SESSIONS.rows, "is no session that has ended", _names_session),
    agrees(
        keys.SESSION_OWNER,
        "has no session of that owner",
        lambda row: [keys.SESSION.key(UUID(row.record.tenant_id), row.elements[0])],
        lambda row, values: _user_of(values[0]) == UUID(row.record.user_id),
    ),
)
