"""What always holds about the outbox, and which rows its tasks excuse."""

from collections.abc import Sequence
from uuid import UUID

from google.protobuf.message import DecodeError

from coditect.auth.records.v1 import outbox_pb2
from kernel.storage import Read
from kernel.storage.recipes.invariants import Invariant, Row, is_sound
from services.auth.outbox.repository import OUTBOX

_TASKS = 10_000  # at most so many are read; with more of them, every row counts as excused


async def not_excused_by_outbox(tx: Read, rows: Sequence[Row], users: Sequence[UUID]) -> list[Row]:
    """The rows whose users have no task left that makes or erases them.

    Args:
        tx: The transaction that has read the rows.
        rows: Rows of any context.
        users: The user of each row.
    """
    tasks = await tx.get_range(*OUTBOX.rows.range(), limit=_TASKS, reverse=True)
    if len(tasks) == _TASKS:
        return []
    waiting = {_user_of(value) for _, value in tasks}
    return [row for row, user in zip(rows, users, strict=True) if str(user) not in waiting]


def _user_of(value: bytes) -> str:
    """The user whom a task makes or erases; empty for other tasks, which excuse nothing."""
    try:
        record = outbox_pb2.OutboxRecord.FromString(value)
    except DecodeError:  # found where the task itself is looked at
        return ""
    return record.ensure_self_tenant.user_id or record.erase_user.user_id


def _is_task(row: Row) -> bool:
    kind = row.record.WhichOneof("task")
    user_id: str = getattr(row.record, kind).user_id if kind else ""
    return str(UUID(user_id)) == user_id


INVARIANTS: tuple[Invariant, ...] = (is_sound(OUTBOX.rows, "is not a task about a user", _is_task),)
