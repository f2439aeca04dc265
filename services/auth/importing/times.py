"""Times of lines: no later than now, and in whole milliseconds."""

from datetime import UTC, datetime

from kernel.clock import datetime_of, timestamp
from kernel.fields import Fields

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def checked_time(fields: Fields, field: str, time: datetime | None, now: datetime) -> datetime:
    """A time of a line; now if it says none. Notes one that is not between 1970 and now."""
    if time is None:
        return now
    if not _FIRST <= time <= now:
        fields.refuse(field, "OUT_OF_RANGE", "Must be between 1970 and now.")
        return now
    return datetime_of(timestamp(time.astimezone(UTC)))
