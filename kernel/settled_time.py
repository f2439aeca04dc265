"""A time that has passed for certain, although the wall clock may jump.

A wall clock that is an hour ahead, or jumps ahead and comes back, would let a service forget what
must still be known. So what is kept for safety is dropped only by a `SettledTime`.
"""

from collections import deque
from datetime import UTC, datetime

from kernel.clock import Clock

SETTLE_SECONDS = 3600
"""How long the clock must have agreed, and how far ahead it may run without harm."""

_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
_STEP_SECONDS = 60  # of the readings of one step only the earliest is kept


class SettledTime:
    """The earliest time that the wall clock has shown in the last hour of the monotonic clock.

    What expired before it has been expired for an hour, by every reading. A jump ahead that is
    shorter than an hour therefore drops nothing. A clock that stays ahead drops everything an hour
    late: if it is set right again and was ahead by an hour at most, what was dropped has really
    expired. A process that has just started knows nothing of the past, and waits for an hour.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._readings: deque[tuple[float, datetime]] = deque()

    def read(self) -> datetime:
        """Takes a reading of the clock. Returns 1970 before the first one is an hour old."""
        now, time = self._clock.now(), self._clock.monotonic()
        readings = self._readings
        if readings and time - readings[-1][0] < _STEP_SECONDS:
            begin, earliest = readings[-1]
            readings[-1] = begin, min(earliest, now)
        else:
            readings.append((time, now))
        # One step from before the hour stays: nothing is known of the time between two readings.
        while len(readings) > 1 and readings[1][0] <= time - SETTLE_SECONDS:
            readings.popleft()
        if readings[0][0] > time - SETTLE_SECONDS:
            return _UNKNOWN
        return min(reading for _, reading in readings)
