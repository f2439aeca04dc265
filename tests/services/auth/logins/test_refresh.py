"""Refreshing: each token works once, tabs may race, and a replayed token ends the login."""

import asyncio
from dataclasses import replace

import jwt
import pytest

from coditect.auth.records.v1 import logins_pb2
from kernel import base64url
from kernel.identity.callers import Assurance
from kernel.identity.revocations import Revocation
from kernel.storage import Write
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.logins.model import PASSWORD_ALONE, LoginResult
from services.auth.logins.repository import LOGIN, LOGINS
from services.auth.tokens.refresh import RefreshToken
from tests.services.auth.harness import PASSWORD, AuthHarness, make_settings
from tests.services.auth.passkeys.harness import holder
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore, dump

GRACE = 30


async def refused(harness: AuthHarness, token: str) -> bool:
    """Whether auth refuses a refresh token."""
    try:
        await harness.refresh_login.refresh(token)
    except RefreshTokenInvalid:
        return True
    return False


def token_of(result: LoginResult) -> str:
    """The refresh token of a login."""
    return result.tokens.refresh_token


async def test_a_refresh_extends_the_login(harness: AuthHarness, clock: FixedClock) -> None:
    """The user gets new tokens for the same login, and the idle limit starts again."""
    first = await harness.register()
    clock.advance(days=10)
    second = await harness.refresh_login.refresh(token_of(first))
    caller = harness.caller(second)
    assert token_of(second) != token_of(first)
    assert caller.user_id == first.user.user_id
    assert caller.issue_second == int(clock.now().timestamp())
    (login,) = await harness.logins_of(first)
    assert (login.login_id, login.last_used_time) == (caller.login_id, clock.now())
    clock.advance(days=10)
    await harness.refresh_login.refresh(token_of(second))


async def test_a_repeat_within_the_grace_gets_the_same_successor(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A second tab that sends the old token gets the new token of the first tab."""
    first = await harness.register()
    second = await harness.refresh_login.refresh(token_of(first))
    clock.advance(seconds=GRACE)
    again = await harness.refresh_login.refresh(token_of(first))
    assert token_of(again) == token_of(second)
    assert await harness.revoked() == []
    await harness.refresh_login.refresh(token_of(again))


async def test_50_concurrent_refreshes_give_one_successor(harness: AuthHarness) -> None:
    """All 50 refreshes return the same new token, and that token works."""
    first = await harness.register()
    results = await asyncio.gather(
        *(harness.refresh_login.refresh(token_of(first)) for _ in range(50))
    )
    assert len({token_of(result) for result in results}) == 1
    await harness.refresh_login.refresh(token_of(results[0]))


async def test_two_replicas_give_one_successor(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """Concurrent refreshes at two replicas on one store return the same new token."""
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
    """Auth ends and revokes the login in one transaction; the newest token is refused too."""
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
    """Auth ends the login even within the grace, because the client already has the successor."""
    first = await harness.register()
    second = await harness.refresh_login.refresh(token_of(first))
    third = await harness.refresh_login.refresh(token_of(second))
    assert await refused(harness, token_of(first))
    assert await harness.logins_of(first) == []
    assert await refused(harness, token_of(third))


async def test_a_replay_by_the_owner_logs_out_the_thief_too(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """If the owner sends a token that a thief has already used, auth refuses both."""
    owner = await harness.register()
    thief = await harness.refresh_login.refresh(token_of(owner))
    clock.advance(minutes=5)
    thief = await harness.refresh_login.refresh(token_of(thief))
    assert await refused(harness, token_of(owner))
    assert await refused(harness, token_of(thief))


@pytest.mark.parametrize("grace", ["0", "60"])
async def test_the_grace_is_a_setting(watched: WatchedStore, clock: FixedClock, grace: str) -> None:
    """A repeat succeeds at the end of the grace and is refused one millisecond later."""
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
async def test_a_garbage_token_is_refused_without_a_write(
    harness: AuthHarness, watched: WatchedStore, garbage: str
) -> None:
    """Auth refuses text that is not a token, and commits no transaction."""
    await harness.register()
    watched.writes = 0
    assert await refused(harness, garbage)
    assert watched.writes == 0


async def test_a_forged_token_ends_no_login(harness: AuthHarness) -> None:
    """An attacker who knows only the user and login ids cannot log the user out."""
    first = await harness.register()
    caller = harness.caller(first)
    forged = RefreshToken(caller.user_id, caller.login_id, b"x" * 32)
    body = forged.user_id.bytes + forged.login_id.bytes + forged.secret
    for mark in (b"\0" * 16, body[:16]):
        assert await refused(harness, base64url.encode(body + mark))
    before = await dump(harness.store)
    assert await refused(harness, token_of(first)[:-1] + "!")
    assert await dump(harness.store) == before
    await harness.refresh_login.refresh(token_of(first))


async def test_refreshing_two_logins_revokes_neither(harness: AuthHarness) -> None:
    """Each login has its own chain of refresh tokens."""
    first = await harness.register()
    second = await harness.log_in()
    await harness.refresh_login.refresh(token_of(first))
    await harness.refresh_login.refresh(token_of(second))
    assert await harness.revoked() == []


async def test_a_login_expires_after_the_idle_limit(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """Auth refuses a token exactly 14 days after the last refresh, and revokes nothing."""
    first = await harness.register()
    clock.advance(days=14, seconds=-1)
    second = await harness.refresh_login.refresh(token_of(first))
    clock.advance(days=14)
    assert await refused(harness, token_of(second))
    assert await harness.revoked() == []


async def test_a_login_expires_after_the_absolute_limit(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A login expires 30 days after it began, even if it is refreshed every 10 days."""
    result = await harness.register()
    for _ in range(2):
        clock.advance(days=10)
        result = await harness.refresh_login.refresh(token_of(result))
    clock.advance(days=10, seconds=-1)
    result = await harness.refresh_login.refresh(token_of(result))
    clock.advance(seconds=1)
    assert await refused(harness, token_of(result))


async def test_an_ended_login_cannot_be_refreshed(harness: AuthHarness) -> None:
    """Auth refuses the refresh token after a logout and after the account is deleted."""
    first, other = await harness.register(), await harness.log_in()
    await harness.devices.end(harness.call(first), harness.caller(first).login_id)
    assert await refused(harness, token_of(first))
    await harness.deletion.delete(harness.call(other), PASSWORD)
    assert await refused(harness, token_of(other))


async def test_a_login_of_an_older_version_is_one_by_a_password(harness: AuthHarness) -> None:
    """A record without methods gives a token that says so."""
    result = await harness.register()
    key = LOGIN.key(result.user.user_id, harness.caller(result).login_id)

    async def forget_methods(tx: Write) -> None:
        record = logins_pb2.LoginRecord.FromString(await tx.get(key) or b"")
        assert record.authentication_methods
        record.ClearField("authentication_methods")
        tx.set(key, record.SerializeToString())

    await harness.store.write(forget_methods)
    refreshed = await harness.refresh_login.refresh(result.tokens.refresh_token or "")
    claims = jwt.decode(refreshed.tokens.access_token, options={"verify_signature": False})
    assert (claims["amr"], claims["acr"]) == (["pwd"], "aal1")
    assert harness.caller(refreshed).assurance is Assurance.AAL1


async def test_a_login_that_has_not_shown_the_second_factor_ends(harness: AuthHarness) -> None:
    """A version that knows no second factors has begun it by the password alone."""
    ada = await holder(harness)
    (login,) = await harness.logins_of(ada.result)
    assert not await refused(harness, token_of(ada.result))
    rotated = (await harness.logins_of(ada.result))[0]
    by_password = replace(rotated, methods=PASSWORD_ALONE)
    await harness.store.write(lambda tx: LOGINS.put(tx, by_password))
    assert await refused(harness, token_of(ada.result))
    assert await harness.logins_of(ada.result) == []
    assert login.login_id in {one.source_id for one in await harness.revoked()}
