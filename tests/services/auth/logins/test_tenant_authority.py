"""Who may do something in a tenant, where auth keeps what it is about."""

from dataclasses import replace
from uuid import uuid4

import pytest

from kernel.errors import (
    AccessTokenRevoked,
    RoleMissing,
    SecondFactorRequired,
    ServiceError,
    TenantNotActive,
    TenantNotFound,
    TenantSuspended,
)
from kernel.identity.callers import Assurance, Call, Caller, Role
from services.auth.logins.active_tenant import ActiveTenant
from services.auth.logins.errors import TenantsUnavailable
from services.auth.logins.tenant_authority import TenantAuthority
from tests.services.auth.harness import METADATA, AuthHarness


@pytest.fixture
def authority(harness: AuthHarness) -> TenantAuthority:
    """What checks callers."""
    return TenantAuthority(harness.runtime, ActiveTenant(harness.memberships))


async def member(harness: AuthHarness, role: Role = Role.ADMIN, **state: str) -> Caller:
    """A user whose token is for a tenant where they have a role."""
    result = await harness.register()
    tenant = harness.memberships.put(result.user.user_id, role, **state)
    return replace(harness.caller(result), tenant_id=tenant.tenant_id, role=role)


def call(caller: Caller, **of: object) -> Call:
    """A call that asks for an admin of the caller's tenant, except for what is given."""
    given = {"tenant_id": caller.tenant_id, "least_role": Role.ADMIN, **of}
    return Call(caller, METADATA, **given)  # type: ignore[arg-type] # as given


async def refusal(authority: TenantAuthority, of: Call) -> type[ServiceError]:
    """The error of a call that is refused."""
    with pytest.raises(ServiceError) as refused:
        await authority.require(of)
    if refused.value.reason != TenantSuspended.reason:
        with pytest.raises(type(refused.value)):
            await authority.require_reader(of)
    return type(refused.value)


async def test_an_admin_may(harness: AuthHarness, authority: TenantAuthority) -> None:
    """The answer is the tenant as its member sees it."""
    caller = await member(harness)
    assert (await authority.require(call(caller))).tenant_id == caller.tenant_id
    await authority.require_reader(call(caller))


async def test_a_user_owns_the_self_tenant(
    harness: AuthHarness, authority: TenantAuthority
) -> None:
    """Which needs no question to tenants."""
    harness.memberships.refusal = TenantsUnavailable()
    caller = harness.caller(await harness.register())
    assert (await authority.require(call(caller))).is_self_tenant


async def test_a_stranger_finds_no_tenant(harness: AuthHarness, authority: TenantAuthority) -> None:
    """Whether or not the token is for it."""
    caller = await member(harness)
    assert await refusal(authority, call(caller, tenant_id=uuid4())) is TenantNotFound
    gone = replace(caller, tenant_id=uuid4())
    assert await refusal(authority, call(gone)) is TenantNotFound


async def test_a_member_must_be_active_in_it(
    harness: AuthHarness, authority: TenantAuthority
) -> None:
    """A token for another tenant of the user will not do."""
    caller = await member(harness)
    elsewhere = harness.memberships.put(caller.user_id, Role.OWNER)
    assert await refusal(authority, call(caller, tenant_id=elsewhere.tenant_id)) is TenantNotActive


async def test_the_smaller_role_counts(harness: AuthHarness, authority: TenantAuthority) -> None:
    """Of the token's and the membership's."""
    caller = await member(harness, Role.MEMBER)
    assert await refusal(authority, call(replace(caller, role=Role.OWNER))) is RoleMissing
    tenant = harness.memberships.put(caller.user_id, Role.OWNER)
    old = replace(caller, tenant_id=tenant.tenant_id)
    assert await refusal(authority, call(old)) is RoleMissing


async def test_a_suspended_tenant_refuses_every_change(
    harness: AuthHarness, authority: TenantAuthority
) -> None:
    """Its owners can read what is there, as they do in tenants."""
    caller = await member(harness, Role.OWNER, state="suspended")
    assert await refusal(authority, call(caller)) is TenantSuspended
    await authority.require_reader(call(caller))
    with pytest.raises(TenantSuspended):
        await authority.require_reader(call(replace(caller, role=Role.ADMIN)))


async def test_a_tenant_may_ask_for_a_second_factor(
    harness: AuthHarness, authority: TenantAuthority
) -> None:
    """Then the login must have shown two."""
    caller = await member(harness)
    key = (caller.user_id, caller.tenant_id)
    strict = replace(harness.memberships.of[key], second_factor_required=True)
    harness.memberships.of[key] = strict
    assert await refusal(authority, call(caller)) is SecondFactorRequired
    await authority.require(call(replace(caller, assurance=Assurance.AAL2)))


async def test_a_tenant_may_let_no_programs_in(
    harness: AuthHarness, authority: TenantAuthority
) -> None:
    """Then a program is refused at once, and its user is not."""
    caller = await member(harness)
    key = (caller.user_id, caller.tenant_id)
    harness.memberships.of[key] = replace(harness.memberships.of[key], programs_allowed=False)
    for program in (replace(caller, client_id="coditect-cli"), replace(caller, token_id=uuid4())):
        assert await refusal(authority, call(program)) is AccessTokenRevoked
    await authority.require(call(caller))


async def test_without_tenants_there_is_no_answer(
    harness: AuthHarness, authority: TenantAuthority
) -> None:
    """A membership that is not known is none."""
    caller = await member(harness)
    harness.memberships.refusal = TenantsUnavailable()
    assert await refusal(authority, call(caller)) is TenantsUnavailable


async def test_a_service_account_may_in_its_tenant(
    harness: AuthHarness, authority: TenantAuthority
) -> None:
    """It is no member: the role is that of its token, and the tenant too."""
    user = await member(harness)
    account = replace(user, user_id=uuid4(), is_service_account=True)
    harness.memberships.refusal = TenantsUnavailable()
    await authority.require_reader(call(account))
    with pytest.raises(TenantNotFound):
        await authority.require_reader(call(account, tenant_id=uuid4()))
    with pytest.raises(RoleMissing):
        await authority.require_reader(call(replace(account, role=Role.MEMBER)))
