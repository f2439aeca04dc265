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
from kernel.identity.revocations import Revocation
from kernel.self_tenant import self_tenant_id
from services.auth.errors import RefreshTokenInvalid, TenantsUnavailable
from services.auth.model import LoginResult
from tests.services.auth.parts import OTHER_PASSWORD, PASSWORD, Parts
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore


def acting_as(caller: Caller) -> tuple[UUID, Role, int]:
    """What a token says about a tenant."""
    return caller.tenant_id, caller.role, caller.tenant_epoch


def refresh_token(grant: LoginResult) -> str:
    """The refresh token of a grant that has one."""
    assert grant.tokens.refresh_token is not None
    return grant.tokens.refresh_token


async def test_a_switch_gives_tokens_for_the_tenant(parts: Parts) -> None:
    """With the role and the epoch that tenants says, for the same login, and no refresh token."""
    grant = await parts.register()
    acme = parts.memberships.put(grant.user.user_id, Role.ADMIN, epoch=7)
    before = parts.caller(grant)
    switched = await parts.switching.switch(before, acme.tenant_id)
    after = parts.caller(switched)
    assert acting_as(after) == (acme.tenant_id, Role.ADMIN, 7)
    assert (after.user_id, after.login_id) == (before.user_id, before.login_id)
    assert (switched.tenant, switched.tokens.refresh_token) == (acme, None)


async def test_switching_on_and_on_gains_no_time(parts: Parts, clock: FixedClock) -> None:
    """The token of a switch ends with the one that it was made with, and says so."""
    grant = await parts.register()
    own, end = self_tenant_id(grant.user.user_id), parts.caller(grant).expire_second
    for _ in range(3):
        clock.advance(seconds=200)
        grant = await parts.switching.switch(parts.caller(grant), own)
        caller = parts.caller(grant)
        assert caller.expire_second == end
        assert grant.tokens.expires_in == end - caller.issue_second
    clock.advance(seconds=300)
    with pytest.raises(AccessTokenExpired):
        parts.caller(grant)


async def test_the_login_stays_there(parts: Parts) -> None:
    """The refresh token at hand gives tokens for the tenant, with the role of that moment."""
    grant = await parts.register()
    acme = parts.memberships.put(grant.user.user_id, Role.ADMIN)
    await parts.switching.switch(parts.caller(grant), acme.tenant_id)
    demoted = replace(acme, role="member", epoch=9)
    parts.memberships.of[grant.user.user_id, acme.tenant_id] = demoted
    refreshed = await parts.logins.refresh(refresh_token(grant))
    assert acting_as(parts.caller(refreshed)) == (acme.tenant_id, Role.MEMBER, 9)
    assert refreshed.tenant == demoted


async def test_the_next_login_returns_there(parts: Parts) -> None:
    """To the last active tenant, whichever login was in it; and back home after a switch home."""
    grant = await parts.register()
    caller, own = parts.caller(grant), self_tenant_id(grant.user.user_id)
    acme = parts.memberships.put(grant.user.user_id, Role.MEMBER)
    await parts.switching.switch(caller, acme.tenant_id)
    assert (await parts.log_in()).tenant == acme
    home = await parts.switching.switch(caller, own)
    assert acting_as(parts.caller(home)) == (own, Role.OWNER, 0)
    assert (await parts.log_in()).tenant.tenant_id == own


@pytest.mark.parametrize("scare", ["password", "everywhere"])
async def test_after_a_scare_the_next_login_is_at_home(parts: Parts, scare: str) -> None:
    """A thief cannot have left the user in a tenant of its own."""
    grant = await parts.register()
    acme = parts.memberships.put(grant.user.user_id, Role.MEMBER)
    caller = parts.caller(await parts.switching.switch(parts.caller(grant), acme.tenant_id))
    password = PASSWORD
    if scare == "password":
        await parts.accounts.change_password(caller, PASSWORD, password := OTHER_PASSWORD)
    else:
        await parts.logins.end_all(caller)
    assert (await parts.log_in(password=password)).tenant.kind == "self"


async def test_other_logins_stay_where_they_are(parts: Parts) -> None:
    """A switch on one device moves no other."""
    grant, other = await parts.register(), await parts.log_in()
    acme = parts.memberships.put(grant.user.user_id, Role.MEMBER)
    await parts.switching.switch(parts.caller(grant), acme.tenant_id)
    refreshed = await parts.logins.refresh(refresh_token(other))
    assert refreshed.tenant.tenant_id == self_tenant_id(grant.user.user_id)


@pytest.mark.parametrize("error", [TenantNotFound(), TenantSuspended(), TenantsUnavailable()])
async def test_a_refused_switch_changes_nothing(
    parts: Parts, watched: WatchedStore, error: ServiceError
) -> None:
    """Whatever tenants says no with is the answer, and the login stays as it was."""
    grant = await parts.register()
    parts.memberships.refusal = error
    commits = watched.writes
    with pytest.raises(type(error)):
        await parts.switching.switch(parts.caller(grant), uuid4())
    assert watched.writes == commits


@pytest.mark.parametrize("error", [TenantNotFound(), TenantSuspended()])
async def test_a_lost_tenant_sends_home(parts: Parts, error: ServiceError) -> None:
    """Who is thrown out, or finds it suspended, goes on in the own tenant, with every token."""
    grant = await parts.register()
    own = self_tenant_id(grant.user.user_id)
    acme = parts.memberships.put(grant.user.user_id, Role.MEMBER)
    await parts.switching.switch(parts.caller(grant), acme.tenant_id)
    parts.memberships.refusal = error
    refreshed = await parts.logins.refresh(refresh_token(grant))
    assert acting_as(parts.caller(refreshed)) == (own, Role.OWNER, 0)
    assert (await parts.log_in()).tenant.tenant_id == own
    parts.memberships.refusal = None
    again = await parts.logins.refresh(refresh_token(refreshed))
    assert again.tenant.tenant_id == own


async def test_a_refresh_without_an_answer_spends_nothing(parts: Parts) -> None:
    """With tenants away a login in another tenant waits; the token is as good as before."""
    grant = await parts.register()
    acme = parts.memberships.put(grant.user.user_id, Role.MEMBER)
    await parts.switching.switch(parts.caller(grant), acme.tenant_id)
    parts.memberships.refusal = TenantsUnavailable()
    for _ in range(2):
        with pytest.raises(TenantsUnavailable):
            await parts.logins.refresh(refresh_token(grant))
    parts.clock.advance(seconds=3600)
    parts.memberships.refusal = None
    assert (await parts.logins.refresh(refresh_token(grant))).tenant == acme


async def test_a_login_without_an_answer_is_at_home(parts: Parts) -> None:
    """Nobody is kept out because tenants is away; the next login finds the tenant again."""
    grant = await parts.register()
    acme = parts.memberships.put(grant.user.user_id, Role.MEMBER)
    await parts.switching.switch(parts.caller(grant), acme.tenant_id)
    parts.memberships.refusal = TenantsUnavailable()
    assert (await parts.log_in()).tenant.kind == "self"
    parts.memberships.refusal = None
    assert (await parts.log_in()).tenant == acme


async def test_a_switch_during_a_refresh(parts: Parts) -> None:
    """The refresh that asked about the tenant before asks again: it never undoes the switch."""
    grant = await parts.register()
    user_id = grant.user.user_id
    acme, looms = (parts.memberships.put(user_id, Role.MEMBER) for _ in range(2))
    caller = parts.caller(grant)
    await parts.switching.switch(caller, acme.tenant_id)
    parts.memberships.meanwhile = lambda: parts.switching.switch(caller, looms.tenant_id)
    refreshed = await parts.logins.refresh(refresh_token(grant))
    assert refreshed.tenant == looms
    assert [login.tenant_id for login in await parts.logins_of(grant)] == [looms.tenant_id]


async def test_a_switch_after_the_logout(parts: Parts) -> None:
    """A login, or an account, that ended while tenants was asked is not brought back."""
    grant = await parts.register()
    caller = parts.caller(grant)
    acme = parts.memberships.put(grant.user.user_id, Role.MEMBER)
    parts.memberships.meanwhile = lambda: parts.logins.log_out(caller)
    with pytest.raises(AccessTokenRevoked):
        await parts.switching.switch(caller, acme.tenant_id)
    assert await parts.logins_of(grant) == []
    with pytest.raises(RefreshTokenInvalid):
        await parts.logins.refresh(refresh_token(grant))


async def test_tokens_of_a_tenant_are_revoked(parts: Parts, clock: FixedClock) -> None:
    """Up to the epoch before, one user's or everybody's; the log carries it, repeats and all."""
    user_id, tenant_id = uuid4(), uuid4()
    for _ in range(2):
        await parts.switching.revoke(tenant_id, user_id, 4)
    await parts.switching.revoke(tenant_id, None, 5)
    told = Revocation(user_id, clock.now(), tenant_id=tenant_id, tenant_epoch=4)
    everybody = replace(told, user_id=None, tenant_epoch=5)
    assert await parts.revoked() == [told, told, everybody]
