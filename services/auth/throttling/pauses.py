"""When guesses are stopped: after how many failures in a row, and for how long."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.auth.settings import AuthSettings
from services.auth.throttling.model import Lane, LaneId

MEMORY = timedelta(days=30)
"""How long failures are remembered."""
STOPPED_MEMORY = timedelta(days=400)
"""How long it is remembered that no password is taken any more."""

_DOUBLINGS = 20  # more would overflow, and exceed every setting


class Pauses:
    """The rule of a lane: `free` failures, then a pause after each, and an end at `most`."""

    def __init__(self, settings: AuthSettings) -> None:
        self._free = settings.guesses_free
        self._most = max(settings.guesses_most, settings.guesses_free)
        self._first = timedelta(seconds=settings.guess_pause_seconds)
        self._longest = timedelta(
            seconds=max(settings.guess_longest_pause_seconds, settings.guess_pause_seconds)
        )

    def is_over(self, lane: Lane | None, now: datetime) -> bool:
        """Whether there were so many failures that only a reset of the password helps."""
        return lane is not None and lane.expire_time > now and lane.failures >= self._most

    def is_stopped(self, lane: Lane | None, now: datetime) -> bool:
        """Whether no guess is checked now."""
        if lane is None or lane.expire_time <= now or lane.failures < self._free:
            return False
        doublings = min(lane.failures - self._free, _DOUBLINGS)
        pause = min(self._first * 2**doublings, self._longest)
        return lane.failures >= self._most or now < lane.fail_time + pause

    def failed(self, lane: Lane | None, lane_id: LaneId, now: datetime) -> Lane:
        """The lane after one more failure."""
        if lane is None or lane.expire_time <= now:
            lane = Lane(lane_id, 0, now, now)
        failures = lane.failures + 1
        memory = STOPPED_MEMORY if failures >= self._most else MEMORY
        return replace(lane, failures=failures, fail_time=now, expire_time=now + memory)

    def must_notify(self, lane: Lane) -> bool:
        """Whether the failures have reached the first pause, and no notice of it has been queued."""
        return lane.failures >= self._free and not lane.notified
