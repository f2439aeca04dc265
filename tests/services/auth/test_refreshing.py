"""Refreshing: each token is good once, tabs may race, and a stolen copy ends the login."""

import asyncio

import pytest

from kernel.identity.revocations import Revocation
from services.auth import refresh_tokens
from services.auth.errors import RefreshTokenInvalid
from services.auth.model import LoginResult
from services.auth.refresh_tokens import RefreshToken
from tests.services.auth.parts import PASSWORD, Parts, make_settings
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore, dump

GRACE = 30


async def refused(parts: Parts, token: str) -> bool:
    """Whether a token is refused."""
    try:
        await parts.logins.refresh(token)
    except RefreshTokenInvalid:
        return True
    return False


def token_of(grant: LoginResult) -> str:
    """The refresh token of a grant."""
    return grant.tokens.refresh_token


async def test_a_refresh_carries_the_login_on(parts: Parts, clock: FixedClock) -> None:
    """New tokens for the same login of the same user, and a new idle time."""
    first = await parts.register()
    clock.advance(days=20)
    second = await parts.logins.refresh(token_of(first))
    caller = parts.caller(second)
    assert token_of(second) != token_of(first)
    assert caller.user_id == first.user.user_id
    assert caller.issue_second == int(clock.now().timestamp())
    (login,) = await parts.logins_of(first)
    assert (login.login_id, login.last_used_time) == (caller.login_id, clock.now())
    clock.advance(days=20)
    await parts.logins.refresh(token_of(second))


async def test_a_repeat_within_the_grace_gets_the_same_successor(
    parts: Parts, clock: FixedClock
) -> None:
    """A second tab with the old token goes on with the first one's next token."""
    first = await parts.register()
    second = await parts.logins.refresh(token_of(first))
    clock.advance(seconds=GRACE)
    again = await parts.logins.refresh(token_of(first))
    assert token_of(again) == token_of(second)
    assert await parts.revoked() == []
    await parts.logins.refresh(token_of(again))


async def test_50_refreshes_at_once_give_one_successor(parts: Parts) -> None:
    """Whatever the order, all of them get the token that is in force after them."""
    first = await parts.register()
    grants = await asyncio.gather(*(parts.logins.refresh(token_of(first)) for _ in range(50)))
    assert len({token_of(grant) for grant in grants}) == 1
    await parts.logins.refresh(token_of(grants[0]))


async def test_two_replicas_give_one_successor(
    parts: Parts, watched: WatchedStore, clock: FixedClock
) -> None:
    """Two processes on one store agree."""
    other = Parts(watched, clock, parts.settings, seed=6)
    await other.keyring.refresh()
    first = await parts.register()
    grants = await asyncio.gather(
        *(replica.logins.refresh(token_of(first)) for replica in (parts, other) for _ in range(5))
    )
    assert len({token_of(grant) for grant in grants}) == 1
    await other.passwords.close()


async def test_a_replay_after_the_grace_ends_the_login(
    parts: Parts, watched: WatchedStore, clock: FixedClock
) -> None:
    """A spent token shown late ends the family for both, in one transaction."""
    first = await parts.register()
    second = await parts.logins.refresh(token_of(first))
    clock.advance(seconds=GRACE, milliseconds=1)
    watched.writes = 0
    assert await refused(parts, token_of(first))
    assert watched.writes == 1
    assert await parts.logins_of(first) == []
    caller = parts.caller(second)
    assert await parts.revoked() == [Revocation(caller.user_id, clock.now(), caller.login_id)]
    assert await refused(parts, token_of(second))


async def test_a_replay_after_the_successor_was_used_ends_the_login(parts: Parts) -> None:
    """Even within the grace: whoever used the successor has it, so the old one is a copy."""
    first = await parts.register()
    second = await parts.logins.refresh(token_of(first))
    third = await parts.logins.refresh(token_of(second))
    assert await refused(parts, token_of(first))
    assert await parts.logins_of(first) == []
    assert await refused(parts, token_of(third))


async def test_the_thief_who_comes_first_is_out_as_well(parts: Parts, clock: FixedClock) -> None:
    """When the owner shows the token that a thief has already used, both are logged out."""
    owner = await parts.register()
    thief = await parts.logins.refresh(token_of(owner))
    clock.advance(minutes=5)
    thief = await parts.logins.refresh(token_of(thief))
    assert await refused(parts, token_of(owner))
    assert await refused(parts, token_of(thief))


@pytest.mark.parametrize("grace", ["0", "60"])
async def test_the_grace_is_a_setting(watched: WatchedStore, clock: FixedClock, grace: str) -> None:
    """Exactly at its end a repeat is still one, a millisecond after it is a theft."""
    parts = Parts(watched, clock, make_settings(REFRESH_GRACE_SECONDS=grace))
    await parts.keyring.refresh()
    first = await parts.register()
    second = await parts.logins.refresh(token_of(first))
    clock.advance(seconds=int(grace))
    assert token_of(await parts.logins.refresh(token_of(first))) == token_of(second)
    clock.advance(milliseconds=1)
    assert await refused(parts, token_of(first))
    await parts.passwords.close()


@pytest.mark.parametrize("garbage", ["", "x", "A" * 107, "ü" * 107, "=" * 107, "x" * 100_000])
async def test_garbage_ends_nothing(parts: Parts, watched: WatchedStore, garbage: str) -> None:
    """What never was a token is refused without a look at the store."""
    await parts.register()
    watched.writes = 0
    assert await refused(parts, garbage)
    assert watched.writes == 0


async def test_a_forged_token_ends_nothing(parts: Parts) -> None:
    """Whoever knows the ids, from an access token say, cannot log the user out."""
    first = await parts.register()
    caller = parts.caller(first)
    forged = RefreshToken(caller.user_id, caller.login_id, b"x" * 32)
    body = forged.user_id.bytes + forged.login_id.bytes + forged.secret
    for mark in (b"\0" * 16, body[:16]):
        assert await refused(parts, refresh_tokens.base64url_encode(body + mark).decode())
    before = await dump(parts.store)
    assert await refused(parts, token_of(first)[:-1] + "!")
    assert await dump(parts.store) == before
    await parts.logins.refresh(token_of(first))


async def test_the_token_of_another_login_is_no_replay(parts: Parts) -> None:
    """Each login has a family of its own."""
    first = await parts.register()
    second = await parts.log_in()
    await parts.logins.refresh(token_of(first))
    await parts.logins.refresh(token_of(second))
    assert await parts.revoked() == []


async def test_the_idle_limit(parts: Parts, clock: FixedClock) -> None:
    """A login not refreshed for 30 days is over, to the second, and nothing is revoked."""
    first = await parts.register()
    clock.advance(days=30, seconds=-1)
    second = await parts.logins.refresh(token_of(first))
    clock.advance(days=30)
    assert await refused(parts, token_of(second))
    assert await parts.revoked() == []


async def test_the_absolute_limit(parts: Parts, clock: FixedClock) -> None:
    """However often it is refreshed, a login is over after 180 days."""
    grant = await parts.register()
    for _ in range(8):
        clock.advance(days=20)
        grant = await parts.logins.refresh(token_of(grant))
    clock.advance(days=20, seconds=-1)
    grant = await parts.logins.refresh(token_of(grant))
    clock.advance(seconds=1)
    assert await refused(parts, token_of(grant))


async def test_an_ended_login_cannot_be_refreshed(parts: Parts) -> None:
    """After a logout or the deletion of the account its refresh token is worth nothing."""
    first, other = await parts.register(), await parts.log_in()
    await parts.logins.end(parts.caller(first), parts.caller(first).login_id)
    assert await refused(parts, token_of(first))
    await parts.accounts.delete(parts.caller(other), PASSWORD)
    assert await refused(parts, token_of(other))
