"""The active tenant of a login: switched, kept on refresh, and lost."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from kernel.errors import (
    AccessTokenExpired,
    AccessTokenRevoked,
    ServiceError,
    TenantNotFound,
    TenantSuspended,
)
from kernel.identity.callers import Caller, Role
from kernel.self_tenant import self_tenant_id
from services.auth.logins.errors import RefreshTokenInvalid, TenantsUnavailable
from services.auth.logins.model import LoginLimits, LoginResult
from tests.services.auth.harness import OTHER_PASSWORD, PASSWORD, AuthHarness
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore


def acting_as(caller: Caller) -> tuple[UUID, Role, int]:
    """The tenant, role and epoch in a token."""
    return caller.tenant_id, caller.role, caller.tenant_epoch


def refresh_token(result: LoginResult) -> str:
    """The refresh token of a login, which has one."""
    assert result.tokens.refresh_token is not None
    return result.tokens.refresh_token


async def test_a_switch_gives_tokens_for_the_tenant(harness: AuthHarness) -> None:
    """The answer has the role and epoch from tenants, the same login, and no refresh token."""
    result = await harness.register()
    acme = harness.memberships.put(result.user.user_id, Role.ADMIN, epoch=7)
    before = harness.caller(result)
    switched = await harness.switch_tenant.switch(harness.call(before), acme.tenant_id)
    after = harness.caller(switched)
    assert acting_as(after) == (acme.tenant_id, Role.ADMIN, 7)
    assert (after.user_id, after.login_id) == (before.user_id, before.login_id)
    assert (switched.tenant, switched.tokens.refresh_token) == (acme, None)


async def test_a_switch_does_not_extend_the_access_token(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """The new token expires when the caller's token would have, after any number of switches."""
    result = await harness.register()
    own, end = self_tenant_id(result.user.user_id), harness.caller(result).expire_second
    for _ in range(3):
        clock.advance(seconds=200)
        result = await harness.switch_tenant.switch(harness.call(result), own)
        caller = harness.caller(result)
        assert caller.expire_second == end
        assert result.tokens.expires_in == end - caller.issue_second
    clock.advance(seconds=300)
    with pytest.raises(AccessTokenExpired):
        harness.caller(result)


async def test_a_refresh_stays_in_the_switched_tenant(harness: AuthHarness) -> None:
    """The login's refresh token gives tokens for that tenant, with the current role and epoch."""
    result = await harness.register()
    acme = harness.memberships.put(result.user.user_id, Role.ADMIN)
    await harness.switch_tenant.switch(harness.call(result), acme.tenant_id)
    demoted = replace(acme, role="member", epoch=9)
    harness.memberships.of[result.user.user_id, acme.tenant_id] = demoted
    refreshed = await harness.refresh_login.refresh(refresh_token(result))
    assert acting_as(harness.caller(refreshed)) == (acme.tenant_id, Role.MEMBER, 9)
    assert refreshed.tenant == demoted


async def test_the_next_login_starts_in_the_last_active_tenant(harness: AuthHarness) -> None:
    """A new login starts in the tenant that the user last switched to, even the self-tenant."""
    result = await harness.register()
    call, own = harness.call(result), self_tenant_id(result.user.user_id)
    acme = harness.memberships.put(result.user.user_id, Role.MEMBER)
    await harness.switch_tenant.switch(call, acme.tenant_id)
    assert (await harness.log_in()).tenant == acme
    back = await harness.switch_tenant.switch(call, own)
    assert acting_as(harness.caller(back)) == (own, Role.OWNER, 0)
    assert (await harness.log_in()).tenant.tenant_id == own


@pytest.mark.parametrize("event", ["password", "everywhere"])
async def test_password_change_and_logout_all_reset_the_tenant(
    harness: AuthHarness, event: str
) -> None:
    """The next login is in the self-tenant, so a thief cannot leave the user in another one."""
    result = await harness.register()
    acme = harness.memberships.put(result.user.user_id, Role.MEMBER)
    call = harness.call(await harness.switch_tenant.switch(harness.call(result), acme.tenant_id))
    password = PASSWORD
    if event == "password":
        await harness.password_change.change(call, PASSWORD, password := OTHER_PASSWORD)
    else:
        await harness.devices.end_all(call)
    assert (await harness.log_in(password=password)).tenant.kind == "self"


async def test_a_switch_does_not_move_other_logins(harness: AuthHarness) -> None:
    """Another login of the same user refreshes in its own tenant."""
    result, other = await harness.register(), await harness.log_in()
    acme = harness.memberships.put(result.user.user_id, Role.MEMBER)
    await harness.switch_tenant.switch(harness.call(result), acme.tenant_id)
    refreshed = await harness.refresh_login.refresh(refresh_token(other))
    assert refreshed.tenant.tenant_id == self_tenant_id(result.user.user_id)


@pytest.mark.parametrize("error", [TenantNotFound(), TenantSuspended(), TenantsUnavailable()])
async def test_a_refused_switch_changes_nothing(
    harness: AuthHarness, watched: WatchedStore, error: ServiceError
) -> None:
    """Auth passes the error of tenants on and commits no transaction."""
    result = await harness.register()
    harness.memberships.refusal = error
    commits = watched.writes
    with pytest.raises(type(error)):
        await harness.switch_tenant.switch(harness.call(result), uuid4())
    assert watched.writes == commits


@pytest.mark.parametrize("error", [TenantNotFound(), TenantSuspended()])
async def test_a_lost_tenant_is_replaced_by_the_self_tenant(
    harness: AuthHarness, error: ServiceError
) -> None:
    """A refresh and a login fall back to the self-tenant, and later refreshes stay there."""
    result = await harness.register()
    own = self_tenant_id(result.user.user_id)
    acme = harness.memberships.put(result.user.user_id, Role.MEMBER)
    await harness.switch_tenant.switch(harness.call(result), acme.tenant_id)
    harness.memberships.refusal = error
    refreshed = await harness.refresh_login.refresh(refresh_token(result))
    assert acting_as(harness.caller(refreshed)) == (own, Role.OWNER, 0)
    assert (await harness.log_in()).tenant.tenant_id == own
    harness.memberships.refusal = None
    again = await harness.refresh_login.refresh(refresh_token(refreshed))
    assert again.tenant.tenant_id == own


async def test_a_refresh_without_tenants_keeps_the_refresh_token(harness: AuthHarness) -> None:
    """The refresh fails while tenants is unavailable, and the same token works afterwards."""
    result = await harness.register()
    acme = harness.memberships.put(result.user.user_id, Role.MEMBER)
    await harness.switch_tenant.switch(harness.call(result), acme.tenant_id)
    harness.memberships.refusal = TenantsUnavailable()
    for _ in range(2):
        with pytest.raises(TenantsUnavailable):
            await harness.refresh_login.refresh(refresh_token(result))
    harness.clock.advance(seconds=3600)
    harness.memberships.refusal = None
    assert (await harness.refresh_login.refresh(refresh_token(result))).tenant == acme


async def test_a_login_without_tenants_starts_in_the_self_tenant(harness: AuthHarness) -> None:
    """A login while tenants is unavailable succeeds; a later login is in the tenant again."""
    result = await harness.register()
    acme = harness.memberships.put(result.user.user_id, Role.MEMBER)
    await harness.switch_tenant.switch(harness.call(result), acme.tenant_id)
    harness.memberships.refusal = TenantsUnavailable()
    assert (await harness.log_in()).tenant.kind == "self"
    harness.memberships.refusal = None
    assert (await harness.log_in()).tenant == acme


async def test_a_refresh_keeps_a_concurrent_switch(harness: AuthHarness) -> None:
    """A refresh that a switch overtakes asks tenants again, and returns the new tenant."""
    result = await harness.register()
    user_id = result.user.user_id
    acme, looms = (harness.memberships.put(user_id, Role.MEMBER) for _ in range(2))
    call = harness.call(result)
    await harness.switch_tenant.switch(call, acme.tenant_id)
    harness.memberships.meanwhile = lambda: harness.switch_tenant.switch(call, looms.tenant_id)
    refreshed = await harness.refresh_login.refresh(refresh_token(result))
    assert refreshed.tenant == looms
    assert [login.tenant_id for login in await harness.logins_of(result)] == [looms.tenant_id]


@pytest.mark.parametrize("later", ["logout", "login", "logout of all"])
async def test_tokens_from_before_a_switch_that_shortens_the_login(
    harness: AuthHarness, later: str
) -> None:
    """They can outlive the login, and end with it all the same."""
    result = await harness.register()
    call, user_id = harness.call(result), result.user.user_id
    acme = harness.memberships.put(user_id, Role.MEMBER)
    harness.memberships.of[user_id, acme.tenant_id] = replace(acme, limits=LoginLimits(idle=60))
    await harness.switch_tenant.switch(call, acme.tenant_id)
    harness.clock.advance(seconds=61)
    if later == "logout":
        await harness.devices.log_out(call)
    else:
        await harness.log_in()
        if later == "logout of all":
            await harness.devices.end_all(call)
    ended = {revoked.source_id for revoked in await harness.revoked()}
    assert call.caller.login_id in ended


async def test_a_switch_does_not_revive_an_ended_login(harness: AuthHarness) -> None:
    """Auth refuses a switch if the user logs out while auth waits for tenants."""
    result = await harness.register()
    call = harness.call(result)
    acme = harness.memberships.put(result.user.user_id, Role.MEMBER)
    harness.memberships.meanwhile = lambda: harness.devices.log_out(call)
    with pytest.raises(AccessTokenRevoked):
        await harness.switch_tenant.switch(call, acme.tenant_id)
    assert await harness.logins_of(result) == []
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(refresh_token(result))
