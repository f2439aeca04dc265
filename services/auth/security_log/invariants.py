"""What always holds between the rows of security logs."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from google.protobuf.message import DecodeError

from coditect.auth.records.v1.security_log_pb2 import SecurityEventRecord
from kernel.storage import Read
from kernel.storage.limits import RANGE_ROWS, counted
from kernel.storage.recipes.invariants import Invariant, Row, is_sound, is_there
from services.auth.security_log import repository
from services.auth.security_log.repository import (
    SECURITY_LOG,
    SECURITY_LOG_BY_DAY,
    SECURITY_LOG_COUNT,
    day_of_entry,
)
from services.auth.users.repository import USER


async def _miscounted(tx: Read, rows: Sequence[Row]) -> list[Row]:
    """The counters that are not the number of the user's entries of that day."""
    days = {row.elements[0]: Counter[int]() for row in rows}
    for user_id, found in days.items():
        for _, value in await tx.get_range(*SECURITY_LOG.range(user_id), limit=RANGE_ROWS):
            with suppress(DecodeError):  # found where the entry itself is looked at
                found[day_of_entry(SecurityEventRecord.FromString(value))] += 1
    return [row for row in rows if counted(row.value) != days[row.elements[0]][row.elements[1]]]


def _is_event(row: Row) -> bool:
    return repository.parse_event(row.elements[0], row.value).count > 0


INVARIANTS: tuple[Invariant, ...] = (
    is_sound(SECURITY_LOG, "is not an event of the log", _is_event),
    is_there(SECURITY_LOG, "has no user", lambda row: [USER.key(row.elements[0])]),
    is_there(
        SECURITY_LOG,
        "has no count of its day",
        lambda row: [SECURITY_LOG_COUNT.key(row.elements[0], day_of_entry(row.record))],
    ),
    is_there(
        SECURITY_LOG_COUNT,
        "has no row that finds it from its day",
        lambda row: [SECURITY_LOG_BY_DAY.key(row.elements[1], row.elements[0])],
    ),
    is_there(
        SECURITY_LOG_BY_DAY,
        "has no count of its entries",
        lambda row: [SECURITY_LOG_COUNT.key(row.elements[1], row.elements[0])],
    ),
    # A few at a time: each may need all entries of its user.
    Invariant(
        SECURITY_LOG_COUNT,
        "is not the number of the entries of that day",
        _miscounted,
        page_rows=10,
    ),
    is_there(repository.SECURITY_LOG_GROWN, "has no user", lambda row: [USER.key(row.elements[0])]),
)
