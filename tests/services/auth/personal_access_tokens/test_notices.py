"""The notices that tokens end: once, a week before."""

from datetime import timedelta

import pytest

from services.auth.notifications.model import EmailKind
from services.auth.personal_access_tokens.model import RequestedToken
from services.auth.sweeper import sweeper
from tests.services.auth.harness import EMAIL, AuthHarness
from tests.support.clock import FixedClock

WEEK = timedelta(days=7)


async def sweep(harness: AuthHarness) -> None:
    """What the sweeper does from time to time."""
    queue = [notices.queue_due for notices in harness.notices]
    await sweeper(harness.store, harness.clock, harness.settings, *queue).sweep()


async def make(harness: AuthHarness, days: int, *, proved: bool = True) -> None:
    """A user with a token."""
    result = await (harness.register_proved() if proved else harness.register())
    requested = RequestedToken("CI", frozenset({"account:read"}), None, days)
    await harness.personal_access_tokens.create(harness.call(result), requested)


async def test_the_user_is_told_once_a_week_before(harness: AuthHarness, clock: FixedClock) -> None:
    """Neither earlier nor twice."""
    await make(harness, 30)
    clock.advance(days=23, milliseconds=-1)
    await sweep(harness)
    assert await harness.recipients(EmailKind.TOKEN_ENDS) == []
    clock.advance(milliseconds=1)
    for _ in range(2):
        await sweep(harness)
        clock.advance(days=1)
    assert await harness.recipients(EmailKind.TOKEN_ENDS) == [EMAIL]


@pytest.mark.parametrize(("days", "proved"), [(7, True), (1, True), (30, False)])
async def test_no_notice(
    harness: AuthHarness, clock: FixedClock, days: int, *, proved: bool
) -> None:
    """For a life of a week or less, and to an address that may be that of another person."""
    await make(harness, days, proved=proved)
    for _ in range(days):
        await sweep(harness)
        clock.advance(days=1)
    assert await harness.recipients(EmailKind.TOKEN_ENDS) == []


async def test_many_notices_at_once(harness: AuthHarness, clock: FixedClock) -> None:
    """The sweeper takes as many rounds as it needs, and a mailbox gets ten in a day."""
    result = await harness.register_proved()
    requested = RequestedToken("CI", frozenset({"account:read"}), None, 30)
    for _ in range(100):
        await harness.personal_access_tokens.create(harness.call(result), requested)
        clock.advance(milliseconds=1)
    clock.advance(days=24)
    await sweep(harness)
    assert len(await harness.recipients(EmailKind.TOKEN_ENDS)) == 10
