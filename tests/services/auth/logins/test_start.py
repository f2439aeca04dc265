"""How a login begins: how many there may be, and how long its first token lives."""

from dataclasses import replace

from kernel.identity.revocations import Revocation
from services.auth.logins.repository import LOGINS
from tests.services.auth.harness import (
    AuthHarness,
    make_settings,
    several_logins,
)
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore


async def test_the_limit_ends_the_login_used_least_recently(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """One login more ends the one that rested longest, and revokes its tokens."""
    harness = AuthHarness(watched, clock, make_settings(LOGINS_PER_USER="3"))
    await harness.signing_keys.refresh()
    first, second, third = await several_logins(harness, clock, 3)
    used = replace(first, last_used_time=clock.now())  # the oldest, refreshed a moment ago
    await watched.write(lambda tx: LOGINS.put(tx, used))
    watched.writes = 0
    result = await harness.log_in()
    assert watched.writes == 1
    kept = {login.login_id for login in await harness.logins_of(result)}
    assert kept == {first.login_id, third.login_id, harness.caller(result).login_id}
    assert await harness.revoked() == [Revocation(second.user_id, clock.now(), second.login_id)]
    await harness.passwords.close()


async def test_a_smaller_limit_ends_all_that_are_too_many(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """After the setting was made smaller the next login enforces it."""
    before = await several_logins(harness, clock, 7)
    smaller = AuthHarness(watched, clock, make_settings(LOGINS_PER_USER="3"), seed=6)
    await smaller.signing_keys.refresh()
    result = await smaller.log_in()
    kept = {login.login_id for login in await smaller.logins_of(result)}
    assert kept == {*(login.login_id for login in before[-2:]), smaller.caller(result).login_id}
    await smaller.passwords.close()


async def test_the_access_token_ends_with_its_login(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """What has expired could not be revoked any more, so no token outlives its login."""
    harness = AuthHarness(watched, clock, make_settings(LOGIN_IDLE_SECONDS="60"))
    await harness.signing_keys.refresh()
    result = await harness.register()
    caller = harness.caller(result)
    assert caller.expire_second - caller.issue_second == result.tokens.expires_in == 60
    await harness.passwords.close()
