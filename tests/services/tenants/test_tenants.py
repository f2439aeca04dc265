"""The rules of tenants."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import pytest

from kernel.errors import PageTokenInvalid, TenantNotFound
from kernel.identity.callers import Caller, Role
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Member, Membership, Tenant
from services.tenants.settings import TenantsSettings
from services.tenants.tenants import Tenants
from tests.services.tenants.harness import put_organizations, rows
from tests.support.clock import START, FixedClock
from tests.support.tokens import caller_of, somebody


def own_id(user_id: UUID) -> UUID:
    """The id of a self-tenant by the report's formula."""
    return uuid5(NAMESPACE_OID, f"self-tenant-{user_id}")


@pytest.fixture
def caller() -> Caller:
    """A user in its own tenant."""
    user_id = uuid4()
    return caller_of(somebody(user_id=user_id, tenant_id=own_id(user_id)))


class _ReadOnly:
    """A store that refuses to write."""

    def __init__(self, store: Store) -> None:
        self.read = store.read

    async def write(self, fn: Any) -> Any:
        raise AssertionError(fn)


async def test_ensure_self_tenant_makes_the_owner(tenants: Tenants, caller: Caller) -> None:
    """The self-tenant has the derived id, and its user owns it since registration."""
    time = START - timedelta(minutes=1)
    made = await tenants.ensure_self_tenant(caller.user_id, time)
    tenant_id = own_id(caller.user_id)
    assert made == Membership(
        Tenant(tenant_id, "Personal", f"personal-{tenant_id.hex[:12]}", "self", "active", time),
        Member(tenant_id, caller.user_id, Role.OWNER, time),
    )
    assert await tenants.get(caller, tenant_id) == made


async def test_ensure_self_tenant_again_changes_nothing(
    store: Store, tenants: Tenants, caller: Caller, settings: TenantsSettings, clock: FixedClock
) -> None:
    """A repeat gives what is there, whatever the time in it, and writes nothing."""
    made = await tenants.ensure_self_tenant(caller.user_id, START)
    read_only: Any = _ReadOnly(store)
    again = Tenants(read_only, clock, Seal(secrets_of(settings.seal_keys)), settings)
    assert await again.ensure_self_tenant(caller.user_id, START + timedelta(days=1)) == made
    assert await again.get(caller, made.tenant.tenant_id) == made
    assert (await again.list(caller, 10, "")).memberships == [made]


async def test_ensure_self_tenant_at_once_makes_one(
    store: Store, tenants: Tenants, caller: Caller
) -> None:
    """Of many at once one makes the tenant, and all give it."""
    times = [START + timedelta(seconds=n) for n in range(50)]
    made = await asyncio.gather(
        *(tenants.ensure_self_tenant(caller.user_id, time) for time in times)
    )
    assert len(set(made)) == 1
    assert len(await rows(store)) == 3


async def test_first_touch_makes_the_own_tenant(tenants: Tenants, caller: Caller) -> None:
    """Whoever asks for its own tenant finds it, even before auth has had it made."""
    found = await tenants.get(caller, own_id(caller.user_id))
    assert (found.member.role, found.tenant.create_time) == (Role.OWNER, START)
    assert await tenants.ensure_self_tenant(caller.user_id, START + timedelta(days=1)) == found


async def test_first_list_makes_the_own_tenant(
    store: Store, tenants: Tenants, caller: Caller
) -> None:
    """Whoever lists its tenants finds its own among them."""
    (organization,) = await put_organizations(store, caller.user_id)
    listed = (await tenants.list(caller, 10, "")).memberships
    assert len(listed) == 2
    assert organization in listed
    assert await tenants.get(caller, own_id(caller.user_id)) in listed


async def test_others_find_no_tenant(store: Store, tenants: Tenants, caller: Caller) -> None:
    """Who is no member gets the same answer as for a tenant that is not there."""
    await tenants.ensure_self_tenant(caller.user_id, START)
    (organization,) = await put_organizations(store, caller.user_id)
    before = await rows(store)
    other = caller_of(somebody(tenant_id=caller.tenant_id))
    for tenant_id in (caller.tenant_id, organization.tenant.tenant_id, uuid4()):
        with pytest.raises(TenantNotFound):
            await tenants.get(other, tenant_id)
    assert await rows(store) == before
    assert caller.tenant_id not in {
        membership.tenant.tenant_id
        for membership in (await tenants.list(other, 10, "")).memberships
    }


async def test_own_tenant_of_another_is_not_made(
    store: Store, tenants: Tenants, caller: Caller
) -> None:
    """Asking for somebody else's self-tenant does not make it."""
    with pytest.raises(TenantNotFound):
        await tenants.get(caller, own_id(uuid4()))
    assert await rows(store) == []


async def test_active_tenant_does_not_matter(tenants: Tenants, caller: Caller) -> None:
    """A user sees its tenants from whichever of them it is in."""
    made = await tenants.ensure_self_tenant(caller.user_id, START)
    elsewhere = caller_of(somebody(user_id=caller.user_id, role=Role.MEMBER))
    assert await tenants.get(elsewhere, made.tenant.tenant_id) == made
    assert (await tenants.list(elsewhere, 10, "")).memberships == [made]


async def test_pages_give_every_tenant_once(store: Store, tenants: Tenants, caller: Caller) -> None:
    """The tenants of a user come in pages with the user's role in each."""
    made = await put_organizations(store, caller.user_id, 24)
    made.append(await tenants.ensure_self_tenant(caller.user_id, START))
    found: list[list[Membership]] = []
    token = ""
    while not found or token:
        page = await tenants.list(caller, 10, token)
        found.append(page.memberships)
        token = page.next_page_token
    assert [len(page) for page in found] == [10, 10, 5]
    assert [membership for page in found for membership in page] == sorted(
        made, key=lambda membership: membership.tenant.tenant_id
    )


async def test_page_tokens_are_good_for_their_user_only(
    store: Store, tenants: Tenants, caller: Caller
) -> None:
    """A token of another user is refused, and so is garbage."""
    await put_organizations(store, caller.user_id, 3)
    token = (await tenants.list(caller, 1, "")).next_page_token
    assert (await tenants.list(caller, 1, token)).memberships
    other = caller_of(somebody(tenant_id=caller.tenant_id))
    for sender, bad in ((other, token), (caller, "garbage"), (caller, token + "A")):
        with pytest.raises(PageTokenInvalid):
            await tenants.list(sender, 1, bad)


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
        assert memberships.TENANT.key(own_id(caller.user_id)) not in await rows(store)
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
        await tenants.get(caller, own_id(caller.user_id))
    assert (await tenants.list(caller, 10, "")).memberships == []
    # The delivery must succeed, or it would come again until the reminder is gone.
    late = await tenants.ensure_self_tenant(caller.user_id, START)
    assert late.tenant.tenant_id == own_id(caller.user_id)
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
