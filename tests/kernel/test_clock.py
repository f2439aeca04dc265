"""Times and days."""

from datetime import UTC, datetime, timedelta

from kernel.clock import day_of, rest_of_day

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
