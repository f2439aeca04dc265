"""What the policy of a tenant asks of the logins that act in it."""

from dataclasses import replace

import pytest

from kernel.errors import ReauthenticationRequired
from kernel.identity.callers import Role
from kernel.self_tenant import self_tenant_id
from services.auth.logins.errors import RefreshTokenInvalid
from services.auth.logins.model import LoginLimits, LoginResult, LoginTenant
from services.auth.security_log.model import Event
from tests.services.auth.apps import confirm, enroll
from tests.services.auth.harness import AuthHarness
from tests.support.clock import FixedClock

HOUR = 3600


async def member(
    harness: AuthHarness, limits: LoginLimits, *, switch: bool = True
) -> tuple[LoginResult, LoginTenant]:
    """A new user in a tenant with these limits, and switched to it."""
    result = await harness.register()
    user_id = result.user.user_id
    tenant = replace(harness.memberships.put(user_id, Role.MEMBER), limits=limits)
    harness.memberships.of[user_id, tenant.tenant_id] = tenant
    if switch:
        await harness.switch_tenant.switch(harness.call(result), tenant.tenant_id)
    return result, tenant


async def refreshed(harness: AuthHarness, result: LoginResult) -> LoginResult:
    """The next tokens."""
    return await harness.refresh_login.refresh(result.tokens.refresh_token or "")


async def test_a_login_that_is_not_used_ends(harness: AuthHarness, clock: FixedClock) -> None:
    """After the idle time of its tenant; each refresh begins it again."""
    result, tenant = await member(harness, LoginLimits(idle=HOUR))
    for _ in range(3):
        clock.advance(seconds=HOUR - 1)
        result = await refreshed(harness, result)
        assert result.tenant.tenant_id == tenant.tenant_id
    clock.advance(seconds=HOUR)
    with pytest.raises(RefreshTokenInvalid):
        await refreshed(harness, result)


async def test_a_refresh_for_another_tenant_keeps_the_limits(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """The login still acts in its tenant, so it ends when it is not used for that tenant's time."""
    result, _ = await member(harness, LoginLimits(idle=HOUR))
    result = await refreshed(harness, result)
    own = self_tenant_id(result.user.user_id)
    token = result.tokens.refresh_token or ""
    result = await harness.refresh_login.refresh(token, own)
    clock.advance(seconds=HOUR)
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(result.tokens.refresh_token or "", own)


async def test_a_login_that_is_too_old_ends(harness: AuthHarness, clock: FixedClock) -> None:
    """However often it is refreshed; its access tokens end with it."""
    result, _ = await member(harness, LoginLimits(life=HOUR))
    clock.advance(seconds=HOUR - 60)
    result = await refreshed(harness, result)
    assert result.tokens.expires_in == 60
    clock.advance(seconds=60)
    with pytest.raises(RefreshTokenInvalid):
        await refreshed(harness, result)


async def test_a_policy_that_is_new_ends_older_logins(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """At their next refresh, and in the security log."""
    result, tenant = await member(harness, LoginLimits())
    clock.advance(seconds=2 * HOUR)
    limited = replace(tenant, limits=LoginLimits(life=HOUR))
    harness.memberships.of[result.user.user_id, tenant.tenant_id] = limited
    with pytest.raises(RefreshTokenInvalid):
        await refreshed(harness, result)
    assert await harness.logins_of(result) == []
    assert (await harness.events(await harness.log_in()))[1] is Event.LOGIN_ENDED


async def test_a_login_cannot_act_there_when_it_is_too_old(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """A switch and a refresh that names the tenant are refused; elsewhere it goes on."""
    result, tenant = await member(harness, LoginLimits(life=HOUR), switch=False)
    clock.advance(seconds=HOUR)
    result = await refreshed(harness, result)
    with pytest.raises(ReauthenticationRequired) as refusal:
        await harness.switch_tenant.switch(harness.call(result), tenant.tenant_id)
    assert refusal.value.metadata == {"maxAgeSeconds": str(HOUR), "proof": "password"}
    token = result.tokens.refresh_token or ""
    with pytest.raises(ReauthenticationRequired):
        await harness.refresh_login.refresh(token, tenant.tenant_id)
    await refreshed(harness, result)


async def test_a_further_proof_begins_a_login_that_may(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """It takes the place of the one that is too old."""
    result, tenant = await member(harness, LoginLimits(life=HOUR), switch=False)
    clock.advance(seconds=HOUR)
    call = harness.call(await refreshed(harness, result))
    tokens = await harness.reauthentication.by_password(call, "correct horse battery staple")
    proved = replace(result, tokens=tokens)
    switched = await harness.switch_tenant.switch(harness.call(proved), tenant.tenant_id)
    assert switched.tenant.tenant_id == tenant.tenant_id


async def test_a_second_factor_that_the_tenant_asks_for(harness: AuthHarness) -> None:
    """Tokens for the tenant say that it is missing, until the login has one."""
    result, tenant = await member(harness, LoginLimits())
    demanding = replace(tenant, second_factor_required=True)
    harness.memberships.of[result.user.user_id, tenant.tenant_id] = demanding
    result = await refreshed(harness, result)
    assert harness.caller(result).second_factor_required
    user = await confirm(harness, result, await enroll(harness, result))
    assert not harness.caller(user.result).second_factor_required
    assert not harness.caller(await refreshed(harness, user.result)).second_factor_required
