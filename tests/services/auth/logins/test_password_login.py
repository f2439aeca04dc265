"""Logins with a password: what they give, what they cost, and what they refuse."""

import asyncio

import pytest

from services.auth.logins.errors import BadCredentials
from services.auth.logins.repository import LOGINS
from services.auth.users.repository import USERS
from tests.services.auth.harness import EMAIL, OTHER_PASSWORD, PASSWORD, AuthHarness, make_settings
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore


async def test_a_login_gives_tokens_for_the_self_tenant(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """The access token names the user, its tenant, its role and this login, for 15 minutes."""
    user = (await harness.register()).user
    clock.advance(hours=1)
    result = await harness.log_in()
    caller = harness.caller(result)
    assert (caller.user_id, caller.tenant_id) == (user.user_id, result.tenant.tenant_id)
    assert caller.expire_second - caller.issue_second == result.tokens.expires_in == 900
    login = await harness.store.read(lambda tx: LOGINS.get(tx, user.user_id, caller.login_id))
    assert login is not None
    assert (login.create_time, login.device.address) == (clock.now(), "192.0.2.1")


async def test_unknown_account_and_wrong_password_are_the_same(harness: AuthHarness) -> None:
    """Both get the same error and cost exactly one hash, as a right one does."""
    await harness.register()
    for email, password in (("nobody@example.com", PASSWORD), (EMAIL, OTHER_PASSWORD)):
        hashes = harness.passwords.hashes
        with pytest.raises(BadCredentials) as error:
            await harness.log_in(email, password)
        assert (error.value.metadata, error.value.violations) == ({}, ())
        assert harness.passwords.hashes == hashes + 1
    hashes = harness.passwords.hashes
    await harness.log_in()
    assert harness.passwords.hashes == hashes + 1


@pytest.mark.parametrize(
    "email", ["", "x" * 600, "\0" * 300, "\U0001f600" * 250, "ß" * 900, "a@" + "b" * 100_000],
    ids=["empty", "long", "NUL", "emoji", "folds", "huge"],
)  # fmt: skip
async def test_any_text_may_be_asked_for(harness: AuthHarness, email: str) -> None:
    """An address that no account can have is an unknown account like others."""
    with pytest.raises(BadCredentials):
        await harness.log_in(email)
    assert harness.passwords.hashes == 1


async def test_a_failed_login_writes_nothing(harness: AuthHarness, watched: WatchedStore) -> None:
    """Guessing leaves no trace in the store and no revocation."""
    await harness.register()
    watched.writes = 0
    with pytest.raises(BadCredentials):
        await harness.log_in(password=OTHER_PASSWORD)
    assert watched.writes == 0


async def test_a_grown_setting_hashes_anew(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """The first login under stronger settings replaces the hash, with its own commit, once."""
    user_id = (await harness.register()).user.user_id
    grown = AuthHarness(watched, clock, make_settings(ARGON2_PASSES="2"), seed=6)
    await grown.signing_keys.refresh()
    watched.writes = 0
    await grown.log_in()
    assert (grown.passwords.hashes, watched.writes) == (2, 1)
    user = await watched.read(lambda tx: USERS.get(tx, user_id))
    assert user is not None
    assert "t=2" in user.password_hash
    await grown.log_in()
    assert grown.passwords.hashes == 3
    await grown.passwords.close()


async def test_logins_at_once_under_a_grown_setting(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """That another login has just replaced the hash is no reason to refuse the right password."""
    await harness.register()
    grown = AuthHarness(watched, clock, make_settings(ARGON2_PASSES="2"), seed=6)
    await grown.signing_keys.refresh()
    results = await asyncio.gather(*(grown.log_in() for _ in range(4)))
    assert len({result.tokens.refresh_token for result in results}) == 4
    await grown.passwords.close()


async def test_a_password_changed_meanwhile_begins_no_login(harness: AuthHarness) -> None:
    """A check against the old password is worth nothing once the new one is committed."""
    result = await harness.register()

    async def change() -> None:
        await harness.password_change.change(harness.call(result), PASSWORD, OTHER_PASSWORD)

    harness.passwords.meanwhile = change
    with pytest.raises(BadCredentials):
        await harness.log_in()
    assert len(await harness.logins_of(result)) == 1


async def test_an_account_deleted_meanwhile_begins_no_login(harness: AuthHarness) -> None:
    """No login is left behind for a user that is gone."""
    result = await harness.register()

    async def delete() -> None:
        await harness.deletion.delete(harness.call(result), PASSWORD)

    harness.passwords.meanwhile = delete
    with pytest.raises(BadCredentials):
        await harness.log_in()
    assert await harness.logins_of(result) == []
