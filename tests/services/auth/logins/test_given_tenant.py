"""A login and a refresh for a tenant that the client names: each tab acts in one of its own."""

import asyncio
from uuid import uuid4

import pytest

from kernel.errors import ServiceError, TenantNotFound, TenantSuspended
from kernel.identity.callers import Role
from kernel.self_tenant import self_tenant_id
from services.auth.logins.errors import BadCredentials, RefreshTokenInvalid, TenantsUnavailable
from services.auth.logins.model import LoginResult, LoginTenant
from tests.services.auth.harness import EMAIL, OTHER_PASSWORD, PASSWORD, AuthHarness
from tests.support.clock import FixedClock
from tests.support.store import dump

REFUSALS = (TenantNotFound, TenantSuspended, TenantsUnavailable)


def token_of(result: LoginResult) -> str:
    """The refresh token of a login."""
    assert result.tokens.refresh_token is not None
    return result.tokens.refresh_token


async def two_tabs(harness: AuthHarness) -> tuple[LoginResult, LoginTenant, LoginTenant]:
    """A login whose tabs have switched to one tenant each, the second one last."""
    result = await harness.register()
    first = harness.memberships.put(result.user.user_id, Role.ADMIN, epoch=3)
    second = harness.memberships.put(result.user.user_id, Role.MEMBER, epoch=8)
    for tenant in (first, second):
        await harness.switch_tenant.switch(harness.call(result), tenant.tenant_id)
    return result, first, second


async def test_a_refresh_gives_tokens_for_the_tenant_that_it_names(harness: AuthHarness) -> None:
    """The token has that tenant, role and epoch; a refresh without a tenant keeps the login's."""
    result, first, second = await two_tabs(harness)
    named = await harness.refresh_login.refresh(token_of(result), first.tenant_id)
    caller = harness.caller(named)
    assert (caller.tenant_id, caller.role, caller.tenant_epoch) == (first.tenant_id, Role.ADMIN, 3)
    assert named.tenant == first
    (login,) = await harness.logins_of(result)
    assert (login.tenant_id, login.role) == (second.tenant_id, Role.MEMBER)
    plain = await harness.refresh_login.refresh(token_of(named))
    assert (plain.tenant, harness.caller(plain).tenant_id) == (second, second.tenant_id)


async def test_a_refresh_may_name_the_self_tenant(harness: AuthHarness) -> None:
    """A tab can act in the self-tenant while another has switched away, without tenants."""
    result, _, _ = await two_tabs(harness)
    harness.memberships.refusal = TenantsUnavailable()
    own = self_tenant_id(result.user.user_id)
    named = await harness.refresh_login.refresh(token_of(result), own)
    assert harness.caller(named).tenant_id == own
    assert harness.caller(named).role is Role.OWNER


@pytest.mark.parametrize("error", REFUSALS)
async def test_a_refresh_that_its_tenant_refuses_spends_nothing(
    harness: AuthHarness, error: type[ServiceError]
) -> None:
    """The error is that of a switch, nothing is written, and the same token works afterwards."""
    result, first, _ = await two_tabs(harness)
    before = await dump(harness.store)
    harness.memberships.refusal = error()
    with pytest.raises(error):
        await harness.refresh_login.refresh(token_of(result), first.tenant_id)
    assert await dump(harness.store) == before
    harness.memberships.refusal = None
    named = await harness.refresh_login.refresh(token_of(result), first.tenant_id)
    assert harness.caller(named).tenant_id == first.tenant_id


async def test_a_repeat_for_another_tenant_mixes_nothing(harness: AuthHarness) -> None:
    """Two tabs send one refresh token: the same successor, and to each an access token of its own."""
    result, first, second = await two_tabs(harness)
    asked = [first, second, first, None]
    answers = [
        await harness.refresh_login.refresh(token_of(result), one.tenant_id if one else None)
        for one in asked
    ]
    assert len({token_of(answer) for answer in answers}) == 1
    expected = [first, second, first, second]
    assert [answer.tenant for answer in answers] == expected
    callers = [harness.caller(answer) for answer in answers]
    assert [caller.tenant_id for caller in callers] == [one.tenant_id for one in expected]
    assert [caller.tenant_epoch for caller in callers] == [one.epoch for one in expected]
    assert await harness.revoked() == []


async def test_tabs_that_refresh_at_once_get_their_own_tenants(harness: AuthHarness) -> None:
    """Twenty concurrent refreshes for two tenants and none share a successor, and no tenant."""
    result, first, second = await two_tabs(harness)
    asked = [(first, second, None)[number % 3] for number in range(20)]
    answers = await asyncio.gather(
        *(
            harness.refresh_login.refresh(token_of(result), one.tenant_id if one else None)
            for one in asked
        )
    )
    assert len({token_of(answer) for answer in answers}) == 1
    for one, answer in zip(asked, answers, strict=True):
        assert harness.caller(answer).tenant_id == (one or second).tenant_id


@pytest.mark.parametrize("error", REFUSALS)
async def test_the_bearer_of_a_spent_token_learns_nothing_of_a_tenant(
    harness: AuthHarness, clock: FixedClock, error: type[ServiceError]
) -> None:
    """A spent token ends the login, whatever tenant it comes with; tenants is not asked."""
    result, first, _ = await two_tabs(harness)
    await harness.refresh_login.refresh(token_of(result), first.tenant_id)
    clock.advance(minutes=1)
    harness.memberships.refusal = error()
    with pytest.raises(RefreshTokenInvalid):
        await harness.refresh_login.refresh(token_of(result), uuid4())
    assert await harness.logins_of(result) == []
    assert len(await harness.revoked()) == 1


async def test_a_login_may_name_its_tenant(harness: AuthHarness) -> None:
    """The new login acts in that tenant, and its plain refreshes too; other logins do not."""
    _, first, second = await two_tabs(harness)
    named = await harness.log_in(EMAIL, PASSWORD, first.tenant_id)
    assert (named.tenant, harness.caller(named).tenant_id) == (first, first.tenant_id)
    plain = await harness.refresh_login.refresh(token_of(named))
    assert plain.tenant == first
    assert (await harness.log_in()).tenant == second


@pytest.mark.parametrize("error", REFUSALS)
async def test_a_login_that_its_tenant_refuses_begins_nothing(
    harness: AuthHarness, error: type[ServiceError]
) -> None:
    """The error is that of a switch, after the password is known to be right; no login is left."""
    result, first, _ = await two_tabs(harness)
    harness.memberships.refusal = error()
    with pytest.raises(error):
        await harness.log_in(EMAIL, PASSWORD, first.tenant_id)
    with pytest.raises(BadCredentials):
        await harness.log_in(EMAIL, OTHER_PASSWORD, first.tenant_id)
    assert len(await harness.logins_of(result)) == 1
