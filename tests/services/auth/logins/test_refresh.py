"""Refreshing: each token is good once, tabs may race, and a stolen copy ends the login."""

import asyncio

import pytest

from kernel.identity.revocations import Revocation
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.logins.model import LoginResult
from services.auth.tokens import refresh as refresh_tokens
from services.auth.tokens.refresh import RefreshToken
from tests.services.auth.harness import PASSWORD, AuthHarness, make_settings
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore, dump

GRACE = 30


async def refused(harness: AuthHarness, token: str) -> bool:
    """Whether a token is refused."""
    try:
        await harness.refresh_login.refresh(token)
    except RefreshTokenInvalid:
        return True
    return False


def token_of(result: LoginResult) -> str:
    """The refresh token of a login."""
    return result.tokens.refresh_token


async def test_a_refresh_carries_the_login_on(harness: AuthHarness, clock: FixedClock) -> None:
    """New tokens for the same login of the same user, and a new idle time."""
    first = await harness.register()
    clock.advance(days=20)
    second = await harness.refresh_login.refresh(token_of(first))
    caller = harness.caller(second)
    assert token_of(second) != token_of(first)
    assert caller.user_id == first.user.user_id
    assert caller.issue_second == int(clock.now().timestamp())
    (login,) = await harness.logins_of(first)
    assert (login.login_id, login.last_used_time) == (caller.login_id, clock.now())
    clock.advance(days=20)
    await harness.refresh_login.refresh(token_of(second))


async def test_a_repeat_within_the_grace_gets_the_same_successor(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A second tab with the old token goes on with the first one's next token."""
    first = await harness.register()
    second = await harness.refresh_login.refresh(token_of(first))
    clock.advance(seconds=GRACE)
    again = await harness.refresh_login.refresh(token_of(first))
    assert token_of(again) == token_of(second)
    assert await harness.revoked() == []
    await harness.refresh_login.refresh(token_of(again))


async def test_50_refreshes_at_once_give_one_successor(harness: AuthHarness) -> None:
    """Whatever the order, all of them get the token that is in force after them."""
    first = await harness.register()
    results = await asyncio.gather(
        *(harness.refresh_login.refresh(token_of(first)) for _ in range(50))
    )
    assert len({token_of(result) for result in results}) == 1
    await harness.refresh_login.refresh(token_of(results[0]))


async def test_two_replicas_give_one_successor(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """Two processes on one store agree."""
    other = AuthHarness(watched, clock, harness.settings, seed=6)
    await other.signing_keys.refresh()
    first = await harness.register()
    results = await asyncio.gather(
        *(
            replica.refresh_login.refresh(token_of(first))
            for replica in (harness, other)
            for _ in range(5)
        )
    )
    assert len({token_of(result) for result in results}) == 1
    await other.passwords.close()


async def test_a_replay_after_the_grace_ends_the_login(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """A spent token shown late ends the family for both, in one transaction."""
    first = await harness.register()
    second = await harness.refresh_login.refresh(token_of(first))
    clock.advance(seconds=GRACE, milliseconds=1)
    watched.writes = 0
    assert await refused(harness, token_of(first))
    assert watched.writes == 1
    assert await harness.logins_of(first) == []
    caller = harness.caller(second)
    assert await harness.revoked() == [Revocation(caller.user_id, clock.now(), caller.login_id)]
    assert await refused(harness, token_of(second))


async def test_a_replay_after_the_successor_was_used_ends_the_login(harness: AuthHarness) -> None:
    """Even within the grace: the successor was received, so the old token is a copy."""
    first = await harness.register()
    second = await harness.refresh_login.refresh(token_of(first))
    third = await harness.refresh_login.refresh(token_of(second))
    assert await refused(harness, token_of(first))
    assert await harness.logins_of(first) == []
    assert await refused(harness, token_of(third))


async def test_the_thief_who_comes_first_is_out_as_well(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """When the owner shows the token that a thief has already used, both are logged out."""
    owner = await harness.register()
    thief = await harness.refresh_login.refresh(token_of(owner))
    clock.advance(minutes=5)
    thief = await harness.refresh_login.refresh(token_of(thief))
    assert await refused(harness, token_of(owner))
    assert await refused(harness, token_of(thief))


@pytest.mark.parametrize("grace", ["0", "60"])
async def test_the_grace_is_a_setting(watched: WatchedStore, clock: FixedClock, grace: str) -> None:
    """Exactly at its end a repeat is still one, a millisecond after it is a theft."""
    harness = AuthHarness(watched, clock, make_settings(REFRESH_GRACE_SECONDS=grace))
    await harness.signing_keys.refresh()
    first = await harness.register()
    second = await harness.refresh_login.refresh(token_of(first))
    clock.advance(seconds=int(grace))
    assert token_of(await harness.refresh_login.refresh(token_of(first))) == token_of(second)
    clock.advance(milliseconds=1)
    assert await refused(harness, token_of(first))
    await harness.passwords.close()


@pytest.mark.parametrize("garbage", ["", "x", "A" * 107, "ü" * 107, "=" * 107, "x" * 100_000])
async def test_garbage_ends_nothing(
    harness: AuthHarness, watched: WatchedStore, garbage: str
) -> None:
    """What never was a token is refused without a look at the store."""
    await harness.register()
    watched.writes = 0
    assert await refused(harness, garbage)
    assert watched.writes == 0


async def test_a_forged_token_ends_nothing(harness: AuthHarness) -> None:
    """Knowing the ids, from an access token say, is not enough to log the user out."""
    first = await harness.register()
    caller = harness.caller(first)
    forged = RefreshToken(caller.user_id, caller.login_id, b"x" * 32)
    body = forged.user_id.bytes + forged.login_id.bytes + forged.secret
    for mark in (b"\0" * 16, body[:16]):
        assert await refused(harness, refresh_tokens.base64url_encode(body + mark).decode())
    before = await dump(harness.store)
    assert await refused(harness, token_of(first)[:-1] + "!")
    assert await dump(harness.store) == before
    await harness.refresh_login.refresh(token_of(first))


async def test_the_token_of_another_login_is_no_replay(harness: AuthHarness) -> None:
    """Each login has a family of its own."""
    first = await harness.register()
    second = await harness.log_in()
    await harness.refresh_login.refresh(token_of(first))
    await harness.refresh_login.refresh(token_of(second))
    assert await harness.revoked() == []


async def test_the_idle_limit(harness: AuthHarness, clock: FixedClock) -> None:
    """A login not refreshed for 30 days is over, to the second, and nothing is revoked."""
    first = await harness.register()
    clock.advance(days=30, seconds=-1)
    second = await harness.refresh_login.refresh(token_of(first))
    clock.advance(days=30)
    assert await refused(harness, token_of(second))
    assert await harness.revoked() == []


async def test_the_absolute_limit(harness: AuthHarness, clock: FixedClock) -> None:
    """However often it is refreshed, a login is over after 180 days."""
    result = await harness.register()
    for _ in range(8):
        clock.advance(days=20)
        result = await harness.refresh_login.refresh(token_of(result))
    clock.advance(days=20, seconds=-1)
    result = await harness.refresh_login.refresh(token_of(result))
    clock.advance(seconds=1)
    assert await refused(harness, token_of(result))


async def test_an_ended_login_cannot_be_refreshed(harness: AuthHarness) -> None:
    """After a logout or the deletion of the account its refresh token is worth nothing."""
    first, other = await harness.register(), await harness.log_in()
    await harness.devices.end(harness.call(first), harness.caller(first).login_id)
    assert await refused(harness, token_of(first))
    await harness.deletion.delete(harness.call(other), PASSWORD)
    assert await refused(harness, token_of(other))
