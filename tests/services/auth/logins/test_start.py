"""Starting a login: the limit of logins per user, and the life of the first token."""

from dataclasses import replace

from kernel.identity.revocations import Revocation
from services.auth.logins.model import CODE, PASSWORD_ALONE, together
from services.auth.logins.repository import LOGINS
from tests.services.auth.harness import (
    AuthHarness,
    make_settings,
    several_logins,
)
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore


async def test_a_login_over_the_limit_ends_the_least_recently_used_one(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """Auth ends and revokes the login that was unused for the longest, in one transaction."""
    harness = AuthHarness(watched, clock, make_settings(LOGINS_PER_USER="3"))
    await harness.signing_keys.refresh()
    first, second, third = await several_logins(harness, clock, 3)
    used = replace(first, last_used_time=clock.now())  # the oldest login, just refreshed
    await watched.write(lambda tx: LOGINS.put(tx, used))
    watched.writes = 0
    result = await harness.log_in()
    assert watched.writes == 1
    kept = {login.login_id for login in await harness.logins_of(result)}
    assert kept == {first.login_id, third.login_id, harness.caller(result).login_id}
    assert await harness.revoked() == [Revocation(second.user_id, clock.now(), second.login_id)]
    await harness.passwords.close()


async def test_the_next_login_enforces_a_lowered_limit(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """The login ends all older logins over the limit and keeps the most recently used."""
    before = await several_logins(harness, clock, 7)
    smaller = AuthHarness(watched, clock, make_settings(LOGINS_PER_USER="3"), seed=6)
    await smaller.signing_keys.refresh()
    result = await smaller.log_in()
    kept = {login.login_id for login in await smaller.logins_of(result)}
    assert kept == {*(login.login_id for login in before[-2:]), smaller.caller(result).login_id}
    await smaller.passwords.close()


async def test_the_access_token_expires_with_its_login(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """The token must not outlive its login, because an expired login cannot be revoked."""
    harness = AuthHarness(watched, clock, make_settings(LOGIN_IDLE_SECONDS="60"))
    await harness.signing_keys.refresh()
    result = await harness.register()
    caller = harness.caller(result)
    assert caller.expire_second - caller.issue_second == result.tokens.expires_in == 60
    await harness.passwords.close()


async def test_expired_logins_do_not_count_against_the_limit(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """A login at the end of its life takes no place, swept or not; its tokens may be good for longer."""
    harness = AuthHarness(watched, clock, make_settings(LOGINS_PER_USER="3"))
    await harness.signing_keys.refresh()
    first, second, third = await several_logins(harness, clock, 3)
    # The last one was used just now, but its life is over.
    over = replace(third, last_used_time=clock.now(), expire_time=clock.now())
    await watched.write(lambda tx: LOGINS.put(tx, over))
    result = await harness.log_in()
    kept = {login.login_id for login in await harness.logins_of(result)}
    assert kept == {first.login_id, second.login_id, harness.caller(result).login_id}
    assert [revoked.source_id for revoked in await harness.revoked()] == [over.login_id]
    await harness.passwords.close()


async def test_a_login_ends_the_earlier_one_of_its_device(harness: AuthHarness) -> None:
    """A device that logs in again gets new tokens for the old ones (ASVS 5.0, 7.2.4); others stay."""
    first = await harness.register()
    other = await harness.log_in()
    again = await harness.log_in(device_token=first.device_token)
    alive = {login.login_id for login in await harness.logins_of(first)}
    assert alive == {harness.caller(one).login_id for one in (other, again)}
    assert [one.source_id for one in await harness.revoked()] == [harness.caller(first).login_id]


async def test_tokens_say_that_an_operator_has_shown_two_factors(harness: AuthHarness) -> None:
    """Only those of an operator's own login say it: none with one factor, and no program's."""
    result = await harness.register()
    (login,) = await harness.logins_of(result)
    operator = replace(result.user, operator=True)
    surely = replace(login, methods=together(PASSWORD_ALONE, CODE))
    grant = replace(surely, client_id="coditect-cli")
    said = [
        harness.verified(harness.start.result(user, result.tenant, one, None).tokens).operator
        for user, one in (
            (operator, surely),
            (operator, login),
            (operator, grant),
            (result.user, surely),
        )
    ]
    assert said == [True, False, False, False]
