"""Times and days."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.clock import SystemClock, datetime_of, day_of, rest_of_day, timestamp
from kernel.storage.recipes.expiry import milliseconds
from tests.support import clock as stopped

START = datetime(2030, 1, 2, tzinfo=UTC)


def test_days_are_counted_from_1970() -> None:
    """The number of the day increases at midnight UTC."""
    assert day_of(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert day_of(START - timedelta(microseconds=1)) == day_of(START) - 1
    assert day_of(START) == day_of(START + timedelta(hours=23, minutes=59)) == 21_916


def test_rest_of_a_day() -> None:
    """At midnight it is a whole day, and it decreases until the next."""
    assert rest_of_day(START) == timedelta(days=1)
    assert rest_of_day(START + timedelta(hours=20)) == timedelta(hours=4)


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (0, "2030-01-02T00:00:00Z"),
        (999, "2030-01-02T00:00:00Z"),
        (1_000, "2030-01-02T00:00:00.001Z"),
        (120_000, "2030-01-02T00:00:00.120Z"),
        (123_456, "2030-01-02T00:00:00.123Z"),
        (999_999, "2030-01-02T00:00:00.999Z"),
    ],
)
def test_a_time_in_json_has_three_digits_or_none(microseconds: int, text: str) -> None:
    """The rest of a millisecond is cut off, never rounded up to a time that has not come."""
    stamp = timestamp(START + timedelta(microseconds=microseconds))
    assert stamp.ToJsonString() == text
    assert timestamp(datetime_of(stamp)) == stamp


def test_the_clock_ticks_in_milliseconds() -> None:
    """A time of the clock is the time that answers and rows have."""
    before = datetime.now(UTC)
    times = [SystemClock().now() for _ in range(100)]
    assert all(datetime_of(timestamp(time)) == time for time in times)
    assert before - timedelta(milliseconds=1) < times[0] <= times[-1] <= datetime.now(UTC)


def test_the_clock_counts_milliseconds() -> None:
    """The number is that of the same time: a time before, in between and behind are in order."""
    clock = SystemClock()
    before, number, behind = clock.now(), clock.milliseconds(), clock.now()
    assert milliseconds(before) <= number <= milliseconds(behind)
    assert stopped.FixedClock().milliseconds() == milliseconds(stopped.START)
