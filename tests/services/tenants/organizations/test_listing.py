"""How a user gets and lists tenants."""

from uuid import uuid4

import pytest

from kernel.errors import PageTokenInvalid, TenantNotFound
from kernel.identity.callers import Caller, Role
from kernel.storage import Store, Write
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Membership
from tests.services.tenants.harness import (
    TenantsHarness,
    call,
    expected_self_tenant_id,
    put_organizations,
    rows,
)
from tests.support.clock import START
from tests.support.tokens import caller_of, somebody


async def test_the_first_list_creates_the_self_tenant(
    store: Store, harness: TenantsHarness, caller: Caller
) -> None:
    """A user who lists tenants finds the self-tenant beside the organization."""
    (organization,) = await put_organizations(store, caller.user_id)
    listed = (await harness.tenants.list(call(caller), 10, "")).items
    assert len(listed) == 2
    assert organization in listed
    assert (
        await harness.tenants.get(call(caller), expected_self_tenant_id(caller.user_id)) in listed
    )


async def test_a_user_who_is_not_a_member_finds_no_tenant(
    store: Store, harness: TenantsHarness, caller: Caller
) -> None:
    """The answer is that of an unknown tenant, and the service writes no row."""
    await harness.self_tenants.ensure(caller.user_id, START)
    (organization,) = await put_organizations(store, caller.user_id)
    before = await rows(store)
    other = caller_of(somebody(tenant_id=caller.tenant_id))
    for tenant_id in (caller.tenant_id, organization.tenant.tenant_id, uuid4()):
        with pytest.raises(TenantNotFound):
            await harness.tenants.get(call(other), tenant_id)
    assert await rows(store) == before
    assert caller.tenant_id not in {
        membership.tenant.tenant_id
        for membership in (await harness.tenants.list(call(other), 10, "")).items
    }


async def test_a_user_reads_tenants_from_any_active_tenant(
    harness: TenantsHarness, caller: Caller
) -> None:
    """The active tenant in the token is not the one that is read."""
    made = await harness.self_tenants.ensure(caller.user_id, START)
    elsewhere = caller_of(somebody(user_id=caller.user_id, role=Role.MEMBER))
    assert await harness.tenants.get(call(elsewhere), made.tenant.tenant_id) == made
    assert (await harness.tenants.list(call(elsewhere), 10, "")).items == [made]


async def test_pages_give_every_tenant_once(
    store: Store, harness: TenantsHarness, caller: Caller
) -> None:
    """Pages follow the order of ids and show the user's role in each tenant."""
    made = await put_organizations(store, caller.user_id, 24)
    made.append(await harness.self_tenants.ensure(caller.user_id, START))
    found: list[list[Membership]] = []
    token = ""
    while not found or token:
        page = await harness.tenants.list(call(caller), 10, token)
        found.append(page.items)
        token = page.next_page_token
    assert [len(page) for page in found] == [10, 10, 5]
    assert [membership for page in found for membership in page] == sorted(
        made, key=lambda membership: membership.tenant.tenant_id
    )


async def test_a_page_token_works_only_for_its_user(
    store: Store, harness: TenantsHarness, caller: Caller
) -> None:
    """The service refuses it from another user, and refuses a malformed token."""
    await put_organizations(store, caller.user_id, 3)
    token = (await harness.tenants.list(call(caller), 1, "")).next_page_token
    assert (await harness.tenants.list(call(caller), 1, token)).items
    other = caller_of(somebody(tenant_id=caller.tenant_id))
    for sender, bad in ((other, token), (caller, "garbage"), (caller, token + "A")):
        with pytest.raises(PageTokenInvalid):
            await harness.tenants.list(call(sender), 1, bad)


async def test_a_page_is_filled_over_deleted_organizations(
    store: Store, harness: TenantsHarness, caller: Caller
) -> None:
    """Organizations that are deleted and not yet removed do not shorten a page."""
    made = await put_organizations(store, caller.user_id, 24)
    own = await harness.self_tenants.ensure(caller.user_id, START)
    in_order = sorted([*made, own], key=lambda membership: membership.tenant.tenant_id)
    kept = [own, *made[:3]]

    async def delete(tx: Write) -> None:
        for membership in made[3:]:
            await memberships.clear_organization(tx, membership.tenant)

    await store.write(delete)
    page = await harness.tenants.list(call(caller), 4, "")
    assert page.items == [membership for membership in in_order if membership in kept]
