"""The clock, and times in messages; tests pass their own clock."""

import time
from datetime import UTC, datetime
from typing import Protocol

from google.protobuf.timestamp_pb2 import Timestamp


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
