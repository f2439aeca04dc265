"""The settled time: what a process can be sure has passed, although its clock jumps."""

from datetime import UTC, datetime, timedelta

from kernel.settled_time import SettledTime
from tests.support.clock import START, FixedClock

UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def pass_time(settled: SettledTime, clock: FixedClock, minutes: int) -> datetime:
    """Reads twice a minute, and returns the last reading."""
    for _ in range(2 * minutes):
        clock.advance(seconds=30)
        settled.read()
    return settled.read()


def test_a_new_process_knows_nothing() -> None:
    """Nothing is settled before the first reading is an hour old."""
    clock = FixedClock()
    settled = SettledTime(clock)
    assert settled.read() == UNKNOWN
    assert pass_time(settled, clock, 59) == UNKNOWN
    assert pass_time(settled, clock, 1) == START


def test_it_follows_a_good_clock_an_hour_late() -> None:
    """With a clock that runs evenly it is the time of an hour ago, to the minute."""
    clock = FixedClock()
    settled = SettledTime(clock)
    settled.read()
    for _ in range(300):
        late = clock.now() - pass_time(settled, clock, 1)
        if clock.now() >= START + HOUR:
            assert HOUR - timedelta(minutes=1) <= late <= HOUR + timedelta(minutes=1)


def test_a_jump_ahead_settles_nothing_for_an_hour() -> None:
    """For an hour after a jump ahead the time is still that of before the jump."""
    clock = FixedClock()
    settled = SettledTime(clock)
    pass_time(settled, clock, 120)
    right = clock.now()
    clock.set_ahead(days=400)
    assert pass_time(settled, clock, 59) <= right
    assert pass_time(settled, clock, 3) >= right + timedelta(days=400)


def test_a_jump_back_counts_at_once() -> None:
    """A clock that is set back sets the settled time back, too."""
    clock = FixedClock()
    settled = SettledTime(clock)
    pass_time(settled, clock, 120)
    clock.set_ahead(days=-1)
    assert settled.read() == clock.now()


def test_a_short_jump_back_counts_for_an_hour() -> None:
    """A reading that was back for a moment counts, although the next ones are right again."""
    clock = FixedClock()
    settled = SettledTime(clock)
    pass_time(settled, clock, 120)
    clock.set_ahead(hours=-3)
    back = settled.read()
    clock.set_ahead(hours=3)
    assert pass_time(settled, clock, 59) == back
    assert pass_time(settled, clock, 3) > back + HOUR


def test_it_knows_nothing_of_the_time_between_rare_readings() -> None:
    """After a pause of a day the reading from before the pause counts until an hour has passed."""
    clock = FixedClock()
    settled = SettledTime(clock)
    settled.read()
    clock.advance(days=1)
    assert settled.read() == START
    assert pass_time(settled, clock, 60) == START + timedelta(days=1)


def test_it_takes_little_memory() -> None:
    """A reading a second for a day leaves no more than about one a minute for an hour."""
    clock = FixedClock()
    settled = SettledTime(clock)
    for _ in range(86_400):
        clock.advance(seconds=1)
        settled.read()
    assert len(settled._readings) <= 62
