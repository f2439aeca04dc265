"""Logins: begun with a password, ended everywhere, listed to their owner."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from kernel.errors import PageTokenInvalid
from kernel.identity.revocations import Revocation
from services.auth import repository
from services.auth.errors import BadCredentials, LoginNotFound
from services.auth.model import Login
from services.auth.users import repository as users
from tests.services.auth.harness import EMAIL, OTHER_PASSWORD, PASSWORD, AuthHarness, make_settings
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore
from tests.support.tokens import caller_of, somebody


async def test_a_login_gives_tokens_for_the_own_tenant(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """The access token names the user, its tenant, its role and this login, for 15 minutes."""
    user = (await harness.register()).user
    clock.advance(hours=1)
    result = await harness.log_in()
    caller = harness.caller(result)
    assert (caller.user_id, caller.tenant_id) == (user.user_id, result.tenant.tenant_id)
    assert caller.expire_second - caller.issue_second == result.tokens.expires_in == 900
    login = await harness.store.read(lambda tx: repository.login(tx, user.user_id, caller.login_id))
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
    user = await watched.read(lambda tx: users.user(tx, user_id))
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
        await harness.accounts.change_password(harness.caller(result), PASSWORD, OTHER_PASSWORD)

    harness.passwords.meanwhile = change
    with pytest.raises(BadCredentials):
        await harness.log_in()
    assert len(await harness.logins_of(result)) == 1


async def test_an_account_deleted_meanwhile_begins_no_login(harness: AuthHarness) -> None:
    """No login is left behind for a user that is gone."""
    result = await harness.register()

    async def delete() -> None:
        await harness.accounts.delete(harness.caller(result), PASSWORD)

    harness.passwords.meanwhile = delete
    with pytest.raises(BadCredentials):
        await harness.log_in()
    assert await harness.logins_of(result) == []


async def _logins(harness: AuthHarness, clock: FixedClock, count: int) -> list[Login]:
    """So many logins of a new user, a second between them, in the order of their use."""
    result = await harness.register()
    for _ in range(count - 1):
        clock.advance(seconds=1)
        await harness.log_in()
    clock.advance(seconds=1)
    return sorted(await harness.logins_of(result), key=lambda login: login.last_used_time)


async def test_the_limit_ends_the_login_used_least_recently(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """One login more ends the one that rested longest, and revokes its tokens."""
    harness = AuthHarness(watched, clock, make_settings(LOGINS_PER_USER="3"))
    await harness.signing_keys.refresh()
    first, second, third = await _logins(harness, clock, 3)
    used = replace(first, last_used_time=clock.now())  # the oldest, refreshed a moment ago
    await watched.write(lambda tx: repository.put_login(tx, used))
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
    before = await _logins(harness, clock, 7)
    smaller = AuthHarness(watched, clock, make_settings(LOGINS_PER_USER="3"), seed=6)
    await smaller.signing_keys.refresh()
    result = await smaller.log_in()
    kept = {login.login_id for login in await smaller.logins_of(result)}
    assert kept == {*(login.login_id for login in before[-2:]), smaller.caller(result).login_id}
    await smaller.passwords.close()


async def test_a_smaller_limit_leaves_no_login_alive(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """Ending all ends also those that were begun under a larger limit."""
    before = await _logins(harness, clock, 7)
    smaller = AuthHarness(watched, clock, make_settings(LOGINS_PER_USER="2"), seed=6)
    caller = caller_of(somebody(user_id=before[0].user_id))
    await smaller.logins.end_all(caller)
    assert len(await smaller.revoked()) == 7
    await smaller.passwords.close()


async def test_ending_a_login(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """Its record goes and its revocation comes in one transaction; the others stay."""
    result = await harness.register()
    other = harness.caller(await harness.log_in())
    watched.writes = 0
    await harness.logins.end(harness.caller(result), other.login_id)
    assert watched.writes == 1
    assert len(await harness.logins_of(result)) == 1
    assert await harness.revoked() == [Revocation(other.user_id, clock.now(), other.login_id)]
    with pytest.raises(LoginNotFound):
        await harness.logins.end(harness.caller(result), other.login_id)


async def test_the_login_of_somebody_else_is_not_there(harness: AuthHarness) -> None:
    """Another user's login and one that never was get the same answer, and nothing ends."""
    caller = harness.caller(await harness.register())
    other = await harness.register("other@example.com")
    for login_id in (harness.caller(other).login_id, uuid4()):
        with pytest.raises(LoginNotFound):
            await harness.logins.end(caller, login_id)
    assert await harness.revoked() == []
    assert len(await harness.logins_of(other)) == 1


async def test_ending_all(harness: AuthHarness, watched: WatchedStore, clock: FixedClock) -> None:
    """Every login of the user ends in one transaction, nobody else's does."""
    logins = await _logins(harness, clock, 4)
    other = await harness.register("other@example.com")
    watched.writes = 0
    await harness.logins.end_all(caller_of(somebody(user_id=logins[0].user_id)))
    assert watched.writes == 1
    assert {revocation.login_id for revocation in await harness.revoked()} == {
        login.login_id for login in logins
    }
    assert len(await harness.logins_of(other)) == 1


async def test_a_list_in_pages(harness: AuthHarness, clock: FixedClock) -> None:
    """All pages together are all logins, once each, in the order of their ids."""
    logins = await _logins(harness, clock, 7)
    caller = caller_of(somebody(user_id=logins[0].user_id))
    await harness.register("other@example.com")
    sizes, seen, token = [], [], ""
    while not sizes or token:
        page, token = await harness.logins.list(caller, 3, token)
        sizes.append(len(page))
        seen += page
    assert sizes == [3, 3, 1]
    assert seen == sorted(logins, key=lambda login: login.login_id)


async def test_the_page_token_of_somebody_else_is_refused(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A page token is good for the list of its user only."""
    logins = await _logins(harness, clock, 3)
    _, token = await harness.logins.list(caller_of(somebody(user_id=logins[0].user_id)), 1, "")
    other = harness.caller(await harness.register("other@example.com"))
    for foreign in (token, token[:-4], "nonsense"):
        with pytest.raises(PageTokenInvalid):
            await harness.logins.list(other, 1, foreign)


async def test_what_is_over_is_not_listed(harness: AuthHarness, clock: FixedClock) -> None:
    """A login that can no longer be refreshed is gone for its owner before it is swept."""
    logins = await _logins(harness, clock, 2)
    caller = caller_of(somebody(user_id=logins[0].user_id))
    clock.advance(seconds=harness.settings.login_idle_seconds - 2)
    page, _ = await harness.logins.list(caller, 10, "")
    assert [login.login_id for login in page] == [logins[1].login_id]


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
