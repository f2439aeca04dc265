"""The service accounts of an organization, and who may do what with them."""

from dataclasses import replace
from uuid import uuid4

import pytest

from kernel.errors import RoleMissing, TenantNotActive, TenantNotFound
from kernel.identity.callers import Call, Role
from kernel.identity.scopes import SESSIONS_READ
from services.auth.bearer_tokens.errors import ProgramsNotAllowed
from services.auth.bearer_tokens.exchange import BearerTokenRefused
from services.auth.security_log.model import Event
from services.auth.service_accounts.errors import (
    OrganizationRequired,
    ServiceAccountLimitReached,
    ServiceAccountNotFound,
)
from services.auth.service_accounts.model import AccountUpdate
from services.auth.service_accounts.repository import keys_of
from tests.services.auth.harness import METADATA, AuthHarness, make_settings
from tests.services.auth.service_accounts.harness import SCOPES, organization
from tests.support.audit_events import waiting_events
from tests.support.clock import FixedClock
from tests.support.store import WatchedStore


async def test_a_service_account_is_made_listed_and_got(harness: AuthHarness) -> None:
    """It has its role and scopes, and the log of its maker says so."""
    acme = await organization(harness)
    account = await acme.account()
    call = await acme.call()
    assert (await harness.service_accounts.list(call, 50, "")).items == [account]
    assert await harness.service_accounts.get(call, account.account_id) == account
    assert Event.SERVICE_ACCOUNT_CREATED in await harness.events(acme.login)


async def test_the_audit_log_gets_every_change(harness: AuthHarness) -> None:
    """Of accounts and keys, with their names, and who made it where; a change of nothing is none."""
    acme = await organization(harness)
    account = await acme.account()
    key = (await acme.key(account)).key
    call = await acme.call()
    renamed = AccountUpdate(name="Deploy", scopes=frozenset({SESSIONS_READ}))
    for _ in range(2):
        await harness.service_accounts.update(call, account.account_id, renamed)
    await harness.service_account_keys.revoke(call, account.account_id, key.key_id)
    await harness.service_accounts.delete(call, account.account_id)
    events = await waiting_events(harness.store)
    assert [(one.action, one.target_id, one.target_name, one.detail) for one in events] == [
        ("service_account.created", account.account_id, "Build", "member"),
        ("service_account_key.created", key.key_id, "Server", str(account.account_id)),
        ("service_account.updated", account.account_id, "Deploy", "member"),
        ("service_account_key.deleted", key.key_id, "Server", str(account.account_id)),
        ("service_account.deleted", account.account_id, "Deploy", "member"),
    ]
    assert len({one.event_id for one in events}) == len(events)
    last = events[-1]
    assert (last.tenant_id, last.time) == (acme.tenant.tenant_id, harness.clock.now())
    assert (last.user_id, last.login_id) == (call.caller.user_id, call.caller.login_id)
    assert (last.device, last.program) == (call.device, call.caller.program)


async def test_a_refused_change_is_not_in_the_audit_log(harness: AuthHarness) -> None:
    """Its event is rolled back with it."""
    acme = await organization(harness)
    call = await acme.call()
    for attempt in (
        harness.service_accounts.delete(call, uuid4()),
        harness.service_account_keys.create(call, uuid4(), "x", None),
    ):
        with pytest.raises(ServiceAccountNotFound):
            await attempt
    assert await waiting_events(harness.store) == []


async def test_the_role_is_at_most_that_of_the_caller(harness: AuthHarness) -> None:
    """By the smaller one of the token's and the one of now."""
    acme = await organization(harness)
    call = await acme.call()
    await acme.account(Role.ADMIN)
    harness.memberships.of[acme.user_id, acme.tenant.tenant_id] = replace(
        acme.tenant, role="member"
    )
    with pytest.raises(RoleMissing):
        await harness.service_accounts.create(call, "Build", Role.MEMBER, SCOPES)
    with pytest.raises(RoleMissing):
        await harness.service_accounts.list(call, 50, "")


async def test_another_tenant_than_the_active_one(harness: AuthHarness) -> None:
    """A member of both acts in the one of the token; a stranger finds none."""
    acme = await organization(harness)
    account = await acme.account()
    other = harness.memberships.put(acme.user_id, Role.ADMIN)
    call = Call((await acme.call()).caller, METADATA, tenant_id=other.tenant_id)
    with pytest.raises(TenantNotActive):
        await harness.service_accounts.get(call, account.account_id)
    eve = await harness.register("eve@example.com")
    stranger = Call(harness.caller(eve), METADATA, tenant_id=acme.tenant.tenant_id)
    for attempt in (
        harness.service_accounts.get(stranger, account.account_id),
        harness.service_accounts.delete(stranger, account.account_id),
        harness.service_account_keys.create(stranger, account.account_id, "x", None),
    ):
        with pytest.raises(TenantNotFound):
            await attempt


async def test_accounts_of_other_organizations_are_not_found(harness: AuthHarness) -> None:
    """Also by an admin of another one, who knows the id."""
    acme, evil = await organization(harness), await organization(harness, email="eve@example.com")
    account = await acme.account()
    key = await acme.key(account)
    call = await evil.call()
    for attempt in (
        harness.service_accounts.get(call, account.account_id),
        harness.service_accounts.update(call, account.account_id, AccountUpdate("x")),
        harness.service_accounts.delete(call, account.account_id),
        harness.service_account_keys.create(call, account.account_id, "x", None),
        harness.service_account_keys.list(call, account.account_id, 50, ""),
        harness.service_account_keys.revoke(call, account.account_id, key.key.key_id),
        harness.service_accounts.get(call, uuid4()),
    ):
        with pytest.raises(ServiceAccountNotFound):
            await attempt


async def test_a_self_tenant_has_no_service_accounts(harness: AuthHarness) -> None:
    """A user has personal tokens there."""
    result = await harness.register()
    with pytest.raises(OrganizationRequired):
        await harness.service_accounts.create(harness.call(result), "x", Role.MEMBER, SCOPES)


async def test_the_policy_of_the_organization(harness: AuthHarness) -> None:
    """Without programs there are neither new accounts nor new keys."""
    acme = await organization(harness)
    account = await acme.account()
    harness.memberships.of[acme.user_id, acme.tenant.tenant_id] = replace(
        acme.tenant, programs_allowed=False
    )
    with pytest.raises(ProgramsNotAllowed):
        await acme.account()
    with pytest.raises(ProgramsNotAllowed):
        await acme.key(account)


async def test_the_limit_of_an_organization(watched: WatchedStore, clock: FixedClock) -> None:
    """A deleted account makes room."""
    settings = make_settings(SERVICE_ACCOUNTS_PER_TENANT="1")
    harness = AuthHarness(watched, clock, settings)
    await harness.signing_keys.refresh()
    acme = await organization(harness)
    account = await acme.account()
    with pytest.raises(ServiceAccountLimitReached):
        await acme.account()
    await harness.service_accounts.delete(await acme.call(), account.account_id)
    await acme.account()
    await harness.passwords.close()


async def test_a_change_that_takes_away_counts_for_live_tokens(harness: AuthHarness) -> None:
    """A smaller role and fewer scopes reach the next call with the key."""
    acme = await organization(harness)
    account = await acme.account(Role.ADMIN)
    new = await acme.key(account)
    before = await harness.exchanged(new.text)
    assert (before.role, before.scopes) == (Role.ADMIN, SCOPES)
    for update, role, scopes in (
        (AccountUpdate(role=Role.MEMBER), Role.MEMBER, SCOPES),
        (AccountUpdate(scopes=frozenset({SESSIONS_READ})), Role.MEMBER, {SESSIONS_READ}),
    ):
        await harness.service_accounts.update(await acme.call(), account.account_id, update)
        after = await harness.exchanged(new.text)
        assert (after.role, after.scopes) == (role, scopes)
        assert after.login_id != before.login_id
    assert Event.SERVICE_ACCOUNT_UPDATED in await harness.events(acme.login)


async def test_a_change_that_gives_more_ends_no_token(harness: AuthHarness) -> None:
    """Live tokens stay as they are; another name changes nothing for them."""
    acme = await organization(harness)
    account = await acme.account()
    new = await acme.key(account)
    before = await harness.exchanged(new.text)
    update = AccountUpdate("Other", Role.ADMIN)
    changed = await harness.service_accounts.update(await acme.call(), account.account_id, update)
    assert (changed.name, changed.role, changed.grant_id) == (
        "Other",
        Role.ADMIN,
        account.grant_id,
    )
    assert await harness.exchanged(new.text) == before


async def test_a_deleted_account_is_gone_with_its_keys(harness: AuthHarness) -> None:
    """Its tokens end at once, also those that were not made from a key."""
    acme = await organization(harness)
    account = await acme.account()
    new = await acme.key(account)
    await harness.exchanged(new.text)
    await harness.service_accounts.delete(await acme.call(), account.account_id)
    with pytest.raises(BearerTokenRefused):
        await harness.exchanged(new.text)
    assert await harness.store.read(lambda tx: keys_of(tx, account.account_id)) == []
    (last,) = (await harness.revoked())[-1:]
    assert (last.user_id, last.source_id) == (account.account_id, None)


async def test_the_erasure_of_an_organization(harness: AuthHarness) -> None:
    """All its accounts go, and those of others stay."""
    acme, other = await organization(harness), await organization(harness, email="b@example.com")
    mine, theirs = [await acme.key(await acme.account()) for _ in range(12)], await other.account()
    kept = await other.key(theirs)
    for _ in range(2):
        await harness.erase_tenant.erase(acme.tenant.tenant_id)
    assert (await harness.service_accounts.list(await acme.call(), 50, "")).items == []
    for new in mine:
        with pytest.raises(BearerTokenRefused):
            await harness.exchanged(new.text)
    await harness.exchanged(kept.text)


async def test_a_suspended_organization(harness: AuthHarness) -> None:
    """Its service accounts have no access; an owner is told that it is suspended."""
    acme = await organization(harness, Role.OWNER)
    new = await acme.key(await acme.account())
    await harness.exchanged(new.text)
    key = acme.user_id, acme.tenant.tenant_id
    harness.memberships.of[key] = replace(acme.tenant, state="suspended", epoch=2)
    await harness.log.revoke_tenant_tokens(acme.tenant.tenant_id, None, 2)
    with pytest.raises(BearerTokenRefused):
        await harness.exchanged(new.text)
