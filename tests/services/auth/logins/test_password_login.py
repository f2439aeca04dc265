"""Logins with a password: the tokens, the hashes computed, and the refusals."""

import asyncio

import pytest

from kernel.identity.callers import Role
from kernel.identity.devices import Device
from services.auth.keys import AUTH
from services.auth.logins.errors import BadCredentials
from services.auth.logins.repository import LOGINS
from services.auth.users.repository import USERS
from tests.services.auth.harness import (
    EMAIL,
    METADATA,
    OTHER_PASSWORD,
    PASSWORD,
    AuthHarness,
    keys_of,
    make_settings,
)
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore


async def test_a_login_gives_tokens_for_the_self_tenant(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """The access token names the user, the login, and an owner of the self-tenant for 15 minutes."""
    user = (await harness.register()).user
    clock.advance(hours=1)
    result = await harness.log_in()
    caller = harness.caller(result)
    assert (caller.user_id, caller.tenant_id) == (user.user_id, result.tenant.tenant_id)
    assert caller.role is Role.OWNER
    assert caller.expire_second - caller.issue_second == result.tokens.expires_in == 900
    login = await harness.store.read(lambda tx: LOGINS.get(tx, user.user_id, caller.login_id))
    assert login is not None
    assert (login.create_time, login.device.address) == (clock.now(), "192.0.2.1")


async def test_an_unknown_account_and_a_wrong_password_are_indistinguishable(
    harness: AuthHarness,
) -> None:
    """Both raise the same error and compute one hash, as a successful login does."""
    await harness.register()
    for email, password in (("unknown@example.com", PASSWORD), (EMAIL, OTHER_PASSWORD)):
        hashes = harness.passwords.hashes
        with pytest.raises(BadCredentials) as error:
            await harness.log_in(email, password)
        assert (error.value.metadata, error.value.violations) == ({}, ())
        assert harness.passwords.hashes == hashes + 1
    hashes = harness.passwords.hashes
    await harness.log_in()
    assert harness.passwords.hashes == hashes + 1


@pytest.mark.parametrize(
    "email", ["", "x" * 600, "\0" * 300, "\U0001f600" * 250, "ß" * 900, "a@" + "b" * 100_000,
     "ada@\u2603.example", "ada@xn--zz.example", "ada@example..com", "@example.com"],
    ids=["empty", "long", "NUL", "emoji", "folds", "huge", "symbol", "Punycode", "dots", "unknown"],
)  # fmt: skip
async def test_an_impossible_email_address_is_an_unknown_account(
    harness: AuthHarness, email: str
) -> None:
    """Auth answers an address that no account can have as it answers an unknown one."""
    with pytest.raises(BadCredentials):
        await harness.log_in(email)
    assert harness.passwords.hashes == 1


async def test_a_password_does_not_expire(harness: AuthHarness, clock: FixedClock) -> None:
    """The password of an account that was not used for five years is still good."""
    user = (await harness.register()).user
    clock.advance(days=5 * 365)
    assert (await harness.log_in()).user == user


async def test_every_hash_waits_in_the_queue_of_the_callers_network(harness: AuthHarness) -> None:
    """Registration, login, change of password and deletion name the network of the call's address."""
    result = await harness.register()
    with pytest.raises(BadCredentials):
        await harness.log_in("unknown@example.com")
    await harness.log_in()
    await harness.password_change.change(harness.call(result), PASSWORD, OTHER_PASSWORD)
    await harness.deletion.delete(harness.call(result), OTHER_PASSWORD)
    network = Device("", METADATA["x-forwarded-for"]).network
    assert harness.passwords.networks == [network] * 6
    assert network != ""


async def test_a_failed_login_writes_only_that_it_failed(
    harness: AuthHarness, watched: WatchedStore
) -> None:
    """A login with a wrong password commits one transaction: failures, and an entry in the log."""
    await harness.register()
    before = await keys_of(harness.store)
    watched.writes = 0
    with pytest.raises(BadCredentials):
        await harness.log_in(password=OTHER_PASSWORD)
    assert watched.writes == 1
    new = set(await keys_of(harness.store)) - set(before)
    throttling = AUTH["throttling"].prefix
    assert sum(key.startswith(throttling) for key in new) == 3  # lane, its expiry, network
    rest = [key for key in new if not key.startswith(throttling)]
    assert [key.startswith(AUTH["security_log"].prefix) for key in rest] == [True]


async def test_a_login_under_stronger_settings_replaces_the_hash(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """The first login rehashes the password in the login's transaction; the second does not."""
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


async def test_concurrent_logins_under_stronger_settings_all_succeed(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """Auth accepts the right password although a concurrent login has just replaced the hash."""
    await harness.register()
    grown = AuthHarness(watched, clock, make_settings(ARGON2_PASSES="2"), seed=6)
    await grown.signing_keys.refresh()
    results = await asyncio.gather(*(grown.log_in() for _ in range(4)))
    assert len({result.tokens.refresh_token for result in results}) == 4
    await grown.passwords.close()


async def test_a_password_change_during_a_login_refuses_the_login(harness: AuthHarness) -> None:
    """Auth refuses the login if the password changes after auth has checked it."""
    result = await harness.register()

    async def change() -> None:
        await harness.password_change.change(harness.call(result), PASSWORD, OTHER_PASSWORD)

    harness.passwords.meanwhile = change
    with pytest.raises(BadCredentials):
        await harness.log_in()
    assert len(await harness.logins_of(result)) == 1


async def test_a_deletion_during_a_login_refuses_the_login(harness: AuthHarness) -> None:
    """Auth refuses the login and stores none if the account is deleted after the check."""
    result = await harness.register()

    async def delete() -> None:
        await harness.deletion.delete(harness.call(result), PASSWORD)

    harness.passwords.meanwhile = delete
    with pytest.raises(BadCredentials):
        await harness.log_in()
    assert await harness.logins_of(result) == []
