"""The clock, and times in messages; tests pass their own clock.

Times have whole milliseconds everywhere: in memory, in the store and in answers. So a time is compared
as the value that a client sees.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from google.protobuf.timestamp_pb2 import Timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The current time in whole milliseconds, aware, in UTC."""
        ...

    def milliseconds(self) -> int:
        """The current time as whole milliseconds since 1970: `now` for those who only compare."""
        ...

    def monotonic(self) -> float:
        """Seconds on a monotonic clock; only differences are meaningful."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The current time in whole milliseconds, aware, in UTC."""
        return _in_milliseconds(datetime.now(UTC))

    def milliseconds(self) -> int:
        """The current time as whole milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds on a monotonic clock; only differences are meaningful."""
        return time.monotonic()


def timestamp(time: datetime) -> Timestamp:
    """Converts a time to its protobuf form, in whole milliseconds.

    Protobuf's JSON has three digits for the fraction of a second then, or none for a whole second.
    """
    stamp = Timestamp()
    stamp.FromDatetime(_in_milliseconds(time))
    return stamp


def datetime_of(stamp: Timestamp) -> datetime:
    """The inverse of `timestamp`: aware, in UTC."""
    return stamp.ToDatetime(UTC)


def day_of(time: datetime) -> int:
    """The number of a day (UTC), counted from 1970."""
    return (time - _EPOCH) // _DAY


def rest_of_day(time: datetime) -> timedelta:
    """The time until its day (UTC) ends."""
    return _DAY - (time - _EPOCH) % _DAY


def _in_milliseconds(time: datetime) -> datetime:
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
