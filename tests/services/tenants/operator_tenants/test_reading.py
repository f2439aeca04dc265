"""What operators see of tenants; each look is an act."""

from uuid import uuid4

import pytest

from kernel.errors import InvalidRequest, PageTokenInvalid, TenantNotFound
from kernel.identity.callers import Caller
from kernel.self_tenant import self_tenant_id
from services.tenants.operator_events.model import TenantAct
from tests.services.tenants.harness import TenantsHarness, call, person

OPERATOR = person()


async def test_organizations_are_listed_by_slug(harness: TenantsHarness, ada: Caller) -> None:
    """In pages, without self-tenants; each page is an act."""
    for name in ("Delta", "Bravo", "Alpha", "Charlie"):
        await harness.found(ada, name)
    await harness.tenants.list(call(ada), 10, "")
    reading = harness.operator_reading
    first = await reading.list(call(OPERATOR), 3, "")
    second = await reading.list(call(OPERATOR), 3, first.next_page_token)
    assert [one.tenant.name for one in first.items] == ["Alpha", "Bravo", "Charlie"]
    assert [one.tenant.name for one in second.items] == ["Delta"]
    assert second.next_page_token == ""
    assert {one.member_count for one in first.items} == {1}
    assert [act.act for act in await harness.acts()] == [TenantAct.TENANTS_LISTED] * 2


async def test_tenants_are_found_by_slug_and_by_user(harness: TenantsHarness, ada: Caller) -> None:
    """By a slug the one organization or none; by a user the self-tenant, too."""
    acme = await harness.found(ada)
    await harness.tenants.list(call(ada), 10, "")
    reading = harness.operator_reading
    found = await reading.list(call(OPERATOR), 10, "", slug="acme")
    assert [one.tenant.tenant_id for one in found.items] == [acme]
    assert (await reading.list(call(OPERATOR), 10, "", slug="other")).items == []
    found = await reading.list(call(OPERATOR), 10, "", user_id=ada.user_id)
    assert {one.tenant.tenant_id for one in found.items} == {acme, self_tenant_id(ada.user_id)}
    assert {one.member_count for one in found.items} == {1}
    assert (await harness.acts())[-1].user_id == ada.user_id
    with pytest.raises(InvalidRequest):
        await reading.list(call(OPERATOR), 10, "", slug="acme", user_id=ada.user_id)


async def test_a_tenant_is_shown_with_its_owners(harness: TenantsHarness, ada: Caller) -> None:
    """An organization and a self-tenant; what is not there is no act."""
    acme, itself = await harness.found(ada), self_tenant_id(ada.user_id)
    await harness.tenants.list(call(ada), 10, "")
    await harness.join(acme)
    reading = harness.operator_reading
    found = await reading.get(call(OPERATOR), acme)
    assert (found.member_count, found.owner_ids) == (2, [ada.user_id])
    found = await reading.get(call(OPERATOR), itself)
    assert (found.tenant.kind, found.member_count, found.owner_ids) == ("self", 1, [ada.user_id])
    with pytest.raises(TenantNotFound):
        await reading.get(call(OPERATOR), uuid4())
    seen = [(act.act, act.tenant_id) for act in await harness.acts()]
    assert seen == [(TenantAct.TENANT_VIEWED, acme), (TenantAct.TENANT_VIEWED, itself)]


async def test_members_are_listed_in_pages(harness: TenantsHarness, ada: Caller) -> None:
    """A page token is good for its own tenant alone."""
    acme, other = await harness.found(ada), await harness.found(ada, "Other")
    for _ in range(3):
        await harness.join(acme)
    reading = harness.operator_reading
    first = await reading.members(call(OPERATOR), acme, 3, "")
    second = await reading.members(call(OPERATOR), acme, 3, first.next_page_token)
    assert (len(first.items), len(second.items)) == (3, 1)
    with pytest.raises(PageTokenInvalid):
        await reading.members(call(OPERATOR), other, 3, first.next_page_token)
    with pytest.raises(TenantNotFound):
        await reading.members(call(OPERATOR), uuid4(), 3, "")
    assert [act.tenant_id for act in await harness.acts()] == [acme, acme]
