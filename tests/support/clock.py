"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta

START = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FixedClock:
    """Implements `kernel.clock.Clock`."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._monotonic = 1000.0

    def now(self) -> datetime:
        """The time that the test has set, aware, in UTC."""
        return self._now

    def milliseconds(self) -> int:
        """The same as whole milliseconds since 1970."""
        return (self._now - _EPOCH) // timedelta(milliseconds=1)

    def monotonic(self) -> float:
        """Seconds that advance with the time."""
        return self._monotonic

    def advance(self, **time: float) -> None:
        """Lets time pass; takes the arguments of `timedelta`: `advance(minutes=1)`."""
        step = timedelta(**time)
        self._now += step
        self._monotonic += step.total_seconds()

    def set_ahead(self, **time: float) -> None:
        """Sets the wall clock ahead, or back if negative; arguments as for `advance`."""
        self._now += timedelta(**time)
