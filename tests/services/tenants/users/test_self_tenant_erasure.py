"""TODO."""

import pytest

from kernel.errors import TenantNotFound
from kernel.identity.callers import Caller
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.memberships import repository as memberships
from services.tenants.organizations.listing import Tenants
from tests.services.tenants.harness import expected_self_tenant_id, put_organizations, rows
from tests.support.clock import START, FixedClock
from tests.support.tokens import caller_of, somebody


async def test_erased_user_leaves_nothing_but_a_reminder(
    store: Store, tenants: Tenants, caller: Caller
) -> None:
    """Erasing removes the own tenant and all memberships, more than one transaction takes."""
    organizations = await put_organizations(store, caller.user_id, 250)
    await tenants.ensure_self_tenant(caller.user_id, START)
    other = caller_of(somebody())
    kept = await tenants.ensure_self_tenant(other.user_id, START)
    for _ in range(2):
        await tenants.erase_user(caller.user_id)
        left = [key for key in await rows(store) if caller.user_id.bytes in key]
        assert memberships.DELETED_USERS.key(caller.user_id) in left
        assert not any(
            key in memberships.MEMBER.space or key in memberships.MEMBER_BY_USER.space
            for key in left
        )
        assert memberships.TENANT.key(expected_self_tenant_id(caller.user_id)) not in await rows(
            store
        )
        assert (await tenants.list(caller, 10, "")).memberships == []
        with pytest.raises(TenantNotFound):
            await tenants.get(caller, organizations[0].tenant.tenant_id)
    assert (await tenants.list(other, 10, "")).memberships == [kept]


async def test_erased_user_does_not_come_back(
    store: Store, tenants: Tenants, caller: Caller
) -> None:
    """No late token and no late delivery makes the tenant of an erased user again."""
    await tenants.ensure_self_tenant(caller.user_id, START)
    await tenants.erase_user(caller.user_id)
    before = await rows(store)
    with pytest.raises(TenantNotFound):
        await tenants.get(caller, expected_self_tenant_id(caller.user_id))
    assert (await tenants.list(caller, 10, "")).memberships == []
    # The delivery must succeed, or it would come again until the reminder is gone.
    late = await tenants.ensure_self_tenant(caller.user_id, START)
    assert late.tenant.tenant_id == expected_self_tenant_id(caller.user_id)
    assert await rows(store) == before


async def test_reminder_of_an_erased_user_is_swept(
    store: Store, tenants: Tenants, sweeper: Sweeper, caller: Caller, clock: FixedClock
) -> None:
    """It stays longer than any token lives, also when erased twice, and then goes."""
    await tenants.erase_user(caller.user_id)
    clock.advance(hours=1)
    await tenants.erase_user(caller.user_id)
    clock.advance(hours=23)
    await sweeper.sweep()
    assert len(await rows(store)) == 2
    clock.advance(minutes=15)
    await sweeper.sweep()
    assert await rows(store) == []
