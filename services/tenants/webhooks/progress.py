"""What an attempt changes in how far a webhook has come: the rules of retries, as plain values."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import SystemRandom
from typing import NamedTuple

from services.tenants.webhooks.model import Progress, SendResult

FIRST_DELAY = timedelta(seconds=5)
LAST_DELAY = timedelta(hours=8)
_DOUBLINGS = 13  # at most: by then the delay is at its maximum
_SPREAD = 1.25  # a delay is up to this many times as long, so that not all retry at once
_GONE = 410
_TRIES_AFTER = 5  # of the entry after one that was given up, before the webhook is disabled
_SLOW_SECONDS = 1.0

_uniform = SystemRandom().uniform


class Retries(NamedTuple):
    """When an entry is tried again.

    Attributes:
        horizon: An entry is given up once all deliveries have failed for this long.
        first_delay: The delay after the first failure.
        spread: The factor of the next delay, 1 to 1.25.
    """

    horizon: timedelta
    first_delay: timedelta = FIRST_DELAY
    spread: float = 1.0

    def spread_anew(self) -> "Retries":
        """With a random spread."""
        return self._replace(spread=_uniform(1, _SPREAD))


class AttemptResult(NamedTuple):
    """What follows from an attempt.

    Attributes:
        progress: How far the webhook has come by now.
        given_up: Whether the entry is a failed delivery from now on.
    """

    progress: Progress
    given_up: bool = False


def delivered(progress: Progress, commit: bytes, outcome: SendResult, now: datetime) -> Progress:
    """After an entry was delivered, or an event that is not in the log, without a `commit`."""
    return replace(
        progress,
        position=commit or progress.position,
        attempts=0,
        failing_since_time=None,
        has_given_up=False,
        last_status=outcome.status,
        last_success_time=now,
        slow=outcome.seconds > _SLOW_SECONDS,
    )


def failed(
    progress: Progress, commit: bytes, outcome: SendResult, now: datetime, retries: Retries
) -> AttemptResult:
    """After an attempt has failed.

    The entry is due again later; the delay doubles. Once all deliveries have failed for long
    enough, the entry is given up, and the next one is tried at once. If that one fails as well,
    five times, the webhook is disabled. A receiver that is gone for good (status 410) disables it
    at once.
    """
    since = progress.failing_since_time or now
    attempts = progress.attempts + 1
    tried = replace(
        progress,
        attempts=attempts,
        failing_since_time=since,
        last_status=outcome.status,
        slow=True,
        lease=b"",
    )
    if outcome.status == _GONE:
        return AttemptResult(replace(tried, disabled_reason="gone", due_time=None))
    if not progress.has_given_up and now - since >= retries.horizon:
        moved = replace(tried, position=commit or progress.position, attempts=0, due_time=now)
        return AttemptResult(replace(moved, has_given_up=True), given_up=True)
    if progress.has_given_up and attempts >= _TRIES_AFTER:
        return AttemptResult(replace(tried, disabled_reason="failing", due_time=None))
    delay = min(retries.first_delay * (1 << min(attempts - 1, _DOUBLINGS)), LAST_DELAY)
    return AttemptResult(replace(tried, due_time=now + delay * retries.spread))
