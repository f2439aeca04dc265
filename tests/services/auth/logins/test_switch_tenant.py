"""The tenant of a login: switched, kept, lost, and refused from an epoch on."""

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
from services.auth.logins.model import LoginResult
from tests.services.auth.harness import OTHER_PASSWORD, PASSWORD, AuthHarness
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore


def acting_as(caller: Caller) -> tuple[UUID, Role, int]:
    """What a token says about a tenant."""
    return caller.tenant_id, caller.role, caller.tenant_epoch


def refresh_token(result: LoginResult) -> str:
    """The refresh token of a login, which has one."""
    assert result.tokens.refresh_token is not None
    return result.tokens.refresh_token


async def test_a_switch_gives_tokens_for_the_tenant(harness: AuthHarness) -> None:
    """With the role and the epoch that tenants says, for the same login, and no refresh token."""
    result = await harness.register()
    acme = harness.memberships.put(result.user.user_id, Role.ADMIN, epoch=7)
    before = harness.caller(result)
    switched = await harness.switch_tenant.switch(harness.call(before), acme.tenant_id)
    after = harness.caller(switched)
    assert acting_as(after) == (acme.tenant_id, Role.ADMIN, 7)
    assert (after.user_id, after.login_id) == (before.user_id, before.login_id)
    assert (switched.tenant, switched.tokens.refresh_token) == (acme, None)


async def test_switching_on_and_on_gains_no_time(harness: AuthHarness, clock: FixedClock) -> None:
    """The token of a switch ends with the one that it was made with, and says so."""
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


async def test_the_login_stays_there(harness: AuthHarness) -> None:
    """The refresh token at hand gives tokens for the tenant, with the role of that moment."""
    result = await harness.register()
    acme = harness.memberships.put(result.user.user_id, Role.ADMIN)
    await harness.switch_tenant.switch(harness.call(result), acme.tenant_id)
    demoted = replace(acme, role="member", epoch=9)
    harness.memberships.of[result.user.user_id, acme.tenant_id] = demoted
    refreshed = await harness.refresh_login.refresh(refresh_token(result))
    assert acting_as(harness.caller(refreshed)) == (acme.tenant_id, Role.MEMBER, 9)
    assert refreshed.tenant == demoted


async def test_the_next_login_returns_there(harness: AuthHarness) -> None:
    """It starts in the last active tenant, of whichever login, and after a switch back in the self-tenant."""
    result = await harness.register()
    call, own = harness.call(result), self_tenant_id(result.user.user_id)
    acme = harness.memberships.put(result.user.user_id, Role.MEMBER)
    await harness.switch_tenant.switch(call, acme.tenant_id)
    assert (await harness.log_in()).tenant == acme
    back = await harness.switch_tenant.switch(call, own)
    assert acting_as(harness.caller(back)) == (own, Role.OWNER, 0)
    assert (await harness.log_in()).tenant.tenant_id == own


@pytest.mark.parametrize("scare", ["password", "everywhere"])
async def test_after_a_scare_the_next_login_is_at_home(harness: AuthHarness, scare: str) -> None:
    """A thief cannot have left the user in a tenant of its own."""
    result = await harness.register()
    acme = harness.memberships.put(result.user.user_id, Role.MEMBER)
    call = harness.call(await harness.switch_tenant.switch(harness.call(result), acme.tenant_id))
    password = PASSWORD
    if scare == "password":
        await harness.password_change.change(call, PASSWORD, password := OTHER_PASSWORD)
    else:
        await harness.devices.end_all(call)
    assert (await harness.log_in(password=password)).tenant.kind == "self"


async def test_other_logins_stay_where_they_are(harness: AuthHarness) -> None:
    """A switch on one device moves no other."""
    result, other = await harness.register(), await harness.log_in()
    acme = harness.memberships.put(result.user.user_id, Role.MEMBER)
    await harness.switch_tenant.switch(harness.call(result), acme.tenant_id)
    refreshed = await harness.refresh_login.refresh(refresh_token(other))
    assert refreshed.tenant.tenant_id == self_tenant_id(result.user.user_id)


@pytest.mark.parametrize("error", [TenantNotFound(), TenantSuspended(), TenantsUnavailable()])
async def test_a_refused_switch_changes_nothing(
    harness: AuthHarness, watched: WatchedStore, error: ServiceError
) -> None:
    """Whatever tenants says no with is the answer, and the login stays as it was."""
    result = await harness.register()
    harness.memberships.refusal = error
    commits = watched.writes
    with pytest.raises(type(error)):
        await harness.switch_tenant.switch(harness.call(result), uuid4())
    assert watched.writes == commits


@pytest.mark.parametrize("error", [TenantNotFound(), TenantSuspended()])
async def test_a_lost_tenant_gives_way_to_the_self_tenant(
    harness: AuthHarness, error: ServiceError
) -> None:
    """A removed member, or one of a suspended tenant, continues in the self-tenant with every token."""
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


async def test_a_refresh_without_an_answer_spends_nothing(harness: AuthHarness) -> None:
    """With tenants away a login in another tenant waits; the token is as good as before."""
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


async def test_a_login_without_an_answer_is_in_the_self_tenant(harness: AuthHarness) -> None:
    """A login succeeds while tenants is unavailable; the next one finds the tenant again."""
    result = await harness.register()
    acme = harness.memberships.put(result.user.user_id, Role.MEMBER)
    await harness.switch_tenant.switch(harness.call(result), acme.tenant_id)
    harness.memberships.refusal = TenantsUnavailable()
    assert (await harness.log_in()).tenant.kind == "self"
    harness.memberships.refusal = None
    assert (await harness.log_in()).tenant == acme


async def test_a_switch_during_a_refresh(harness: AuthHarness) -> None:
    """The refresh that asked about the tenant before asks again: it never undoes the switch."""
    result = await harness.register()
    user_id = result.user.user_id
    acme, looms = (harness.memberships.put(user_id, Role.MEMBER) for _ in range(2))
    call = harness.call(result)
    await harness.switch_tenant.switch(call, acme.tenant_id)
    harness.memberships.meanwhile = lambda: harness.switch_tenant.switch(call, looms.tenant_id)
    refreshed = await harness.refresh_login.refresh(refresh_token(result))
    assert refreshed.tenant == looms
    assert [login.tenant_id for login in await harness.logins_of(result)] == [looms.tenant_id]


async def test_a_switch_after_the_logout(harness: AuthHarness) -> None:
    """A login, or an account, that ended while tenants was asked is not brought back."""
    result = await harness.register()
    call = harness.call(result)
    acme = harness.memberships.put(result.user.user_id, Role.MEMBER)
    harness.memberships.meanwhile = lambda: harness.devices.log_out(call)
    with pytest.raises(AccessTokenRevoked):
        await harness.switch_tenant.switch(call, acme.tenant_id)
    assert await harness.logins_of(result) == []
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(refresh_token(result))
