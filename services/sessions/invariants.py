"""What always holds between the rows of sessions."""

from collections.abc import Sequence
from uuid import UUID

from google.protobuf.message import DecodeError

from coditect.sessions.records.v1 import sessions_pb2
from kernel.storage import Read
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


def has_tokens_of(session: bytes | None, user_id: str) -> bool:
    """Whether the record of a session says that it has tokens, and is of that user."""
    if session is None:
        return False
    record = sessions_pb2.SessionRecord.FromString(session)
    return record.has_tokens and record.user_id == user_id


_NOTICES = 10_000  # looked through; with more of them, any row may be excused by one


async def not_excused_by_notice(
    tx: Read, rows: Sequence[Row], session_ids: Sequence[UUID]
) -> list[Row]:
    """The rows for whose sessions auth has no pending notice of the end.

    Args:
        tx: The transaction that has read the rows.
        rows: Rows of any context.
        session_ids: The session of each row.
    """
    notices = await tx.get_range(*keys.ENDED_SESSIONS.rows.range(), limit=_NOTICES, reverse=True)
    if len(notices) == _NOTICES:
        return []
    ended = {_session_of(value) for _, value in notices}
    return [row for row, one in zip(rows, session_ids, strict=True) if str(one) not in ended]


def _session_of(value: bytes) -> str:
    try:
        return sessions_pb2.EndedSessionRecord.FromString(value).session_id
    except DecodeError:  # reported where the notice itself is looked at
        return ""


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
