"""The clock, and times in messages; tests pass their own clock."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from google.protobuf.timestamp_pb2 import Timestamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a monotonic clock; only differences are meaningful."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds on a monotonic clock; only differences are meaningful."""
        return time.monotonic()


def timestamp(time: datetime) -> Timestamp:
    """Converts a time to its protobuf form."""
    stamp = Timestamp()
    stamp.FromDatetime(time)
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
