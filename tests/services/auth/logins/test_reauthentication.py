"""A further proof of the password in a login."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from kernel.errors import AccessTokenRevoked
from kernel.identity.callers import Caller, Role
from kernel.storage import Write
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.logins.model import Login, LoginResult, Tokens
from services.auth.logins.repository import LOGINS
from services.auth.passwords.errors import PasswordWrong
from tests.services.auth.harness import OTHER_PASSWORD, PASSWORD, AuthHarness, verifier
from tests.support.clock import FixedClock


def second(clock: FixedClock) -> int:
    """The current time as a token writes it."""
    return int(clock.now().timestamp())


def caller_of(harness: AuthHarness, tokens: Tokens) -> Caller:
    """The caller of an access token."""
    return verifier(harness).verify(tokens.access_token)


async def login_of(harness: AuthHarness, result: LoginResult) -> Login:
    """The only login of a user."""
    (login,) = await harness.logins_of(result)
    return login


async def test_a_login_proves_the_password(harness: AuthHarness, clock: FixedClock) -> None:
    """Registration and login give tokens with the time of the proof."""
    assert harness.caller(await harness.register()).auth_second == second(clock)
    clock.advance(seconds=600)
    assert harness.caller(await harness.log_in()).auth_second == second(clock)


async def test_refresh_and_switch_keep_the_time(harness: AuthHarness, clock: FixedClock) -> None:
    """Neither proves the password, so the tokens have the time of the login."""
    result = await harness.register()
    proved = second(clock)
    clock.advance(seconds=600)
    refreshed = await harness.refresh_login.refresh(result.tokens.refresh_token or "")
    assert harness.caller(refreshed).auth_second == proved
    switched = await harness.switch_tenant.switch(
        harness.call(refreshed), harness.caller(refreshed).tenant_id
    )
    assert harness.caller(switched).auth_second == proved


async def test_a_proof_counts_in_the_next_tokens_too(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """The answer and the next refresh have the time of the proof."""
    result = await harness.register()
    clock.advance(seconds=600)
    tokens = await harness.reauthentication.by_password(harness.call(result), PASSWORD)
    proved = second(clock)
    assert caller_of(harness, tokens).auth_second == proved
    login = await login_of(harness, result)
    assert (login.auth_time, login.last_used_time) == (clock.now(), clock.now())
    clock.advance(seconds=600)
    refreshed = await harness.refresh_login.refresh(tokens.refresh_token or "")
    assert harness.caller(refreshed).auth_second == proved


async def test_the_tokens_of_before_end(harness: AuthHarness) -> None:
    """A new login takes the place of the old one, on the same device (ASVS 5.0, 7.2.4)."""
    result = await harness.register()
    before = await login_of(harness, result)
    tokens = await harness.reauthentication.by_password(harness.call(result), PASSWORD)
    after = await login_of(harness, result)
    assert caller_of(harness, tokens).login_id == after.login_id != before.login_id
    assert (after.device_id, after.tenant_id) == (before.device_id, before.tenant_id)
    assert [one.source_id for one in await harness.revoked()] == [before.login_id]
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(result.tokens.refresh_token or "")


async def test_the_token_is_for_the_same_tenant(harness: AuthHarness) -> None:
    """The token has tenant, role, epoch and suspension of the token of the call, without asking."""
    caller = replace(
        harness.caller(await harness.register()),
        tenant_id=uuid4(), role=Role.ADMIN, tenant_epoch=7, tenant_suspended=True,
    )  # fmt: skip
    tokens = await harness.reauthentication.by_password(harness.call(caller), PASSWORD)
    fresh = caller_of(harness, tokens)
    assert (fresh.tenant_id, fresh.role, fresh.tenant_epoch, fresh.tenant_suspended) == (
        caller.tenant_id, Role.ADMIN, 7, True,
    )  # fmt: skip
    assert fresh.user_id == caller.user_id


async def test_a_wrong_password_proves_nothing(harness: AuthHarness, clock: FixedClock) -> None:
    """The login stays as it is; another user's password is as wrong as any."""
    result = await harness.register()
    await harness.register("other@example.com", OTHER_PASSWORD)
    before = await login_of(harness, result)
    clock.advance(seconds=600)
    for password in (OTHER_PASSWORD, ""):
        with pytest.raises(PasswordWrong):
            await harness.reauthentication.by_password(harness.call(result), password)
    assert await login_of(harness, result) == before


async def test_a_login_that_has_ended_cannot_be_proved(harness: AuthHarness) -> None:
    """A logout that overtakes the proof wins; the proof brings no login back."""
    result = await harness.register()
    await harness.devices.log_out(harness.call(result))
    with pytest.raises(AccessTokenRevoked):
        await harness.reauthentication.by_password(harness.call(result), PASSWORD)
    assert await harness.logins_of(result) == []


async def test_a_proof_begins_a_whole_life(harness: AuthHarness, clock: FixedClock) -> None:
    """The user has proved who they are, as at a login (NIST SP 800-63B-4, section 2.1.3)."""
    result = await harness.register()
    call, idle = harness.call(result), timedelta(seconds=harness.settings.login_idle_seconds)
    clock.advance(seconds=harness.settings.login_idle_seconds - 60)
    tokens = await harness.reauthentication.by_password(call, PASSWORD)
    assert tokens.expires_in == harness.settings.token_seconds
    login = await login_of(harness, result)
    assert (login.create_time, login.expire_time) == (clock.now(), clock.now() + idle)


async def test_a_proof_by_a_clock_that_was_ahead(harness: AuthHarness, clock: FixedClock) -> None:
    """A refresh after the clock is set right forgets a proof from the future, for good."""
    clock.set_ahead(hours=5)
    result = await harness.register()
    clock.set_ahead(hours=-5)
    refreshed = await harness.refresh_login.refresh(result.tokens.refresh_token or "")
    assert harness.caller(refreshed).auth_second == 0
    clock.advance(seconds=5 * 3600)  # the time of the proof has come
    refreshed = await harness.refresh_login.refresh(refreshed.tokens.refresh_token or "")
    assert harness.caller(refreshed).auth_second == 0


async def test_a_switch_forgets_a_proof_from_the_future(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """No token says that the user proves the password later than now."""
    result = await harness.register()
    login = await login_of(harness, result)
    ahead = replace(login, auth_time=clock.now() + timedelta(seconds=6))

    async def put(tx: Write) -> None:
        await LOGINS.put(tx, ahead)

    await harness.store.write(put)
    caller = harness.caller(result)
    switched = await harness.switch_tenant.switch(harness.call(result), caller.tenant_id)
    assert harness.caller(switched).auth_second == 0
