"""Access revocations: the tenant counts each and queues notices for auth and sessions."""

import asyncio
from uuid import UUID

import pytest

from kernel.errors import RoleMissing, ServiceError
from kernel.identity.callers import Caller, Role
from kernel.self_tenant import self_tenant_id
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.invitations.model import NewInvitation
from services.tenants.members.errors import LastOwner
from services.tenants.organizations.model import TenantUpdate
from services.tenants.revocations import repository as revocations
from services.tenants.revocations.model import AccessRevocation
from tests.services.tenants.harness import TenantsHarness, call, person
from tests.support.clock import START
from tests.support.store import rows_between

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER
SUSPEND, RESUME = TenantUpdate(state="suspended"), TenantUpdate(state="active")


async def test_each_revocation_raises_the_epoch_and_queues_a_notice(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Auth gets all; sessions gets those that end a membership or the organization."""
    bob, eve = await harness.join(acme), await harness.join(acme)
    ours = call(ada, acme)
    await harness.members.update(ours, bob.user_id, ADMIN)
    await harness.members.update(ours, bob.user_id, MEMBER)
    await harness.members.remove(ours, bob.user_id)
    await harness.members.remove(call(eve, acme), eve.user_id)
    await harness.organizations.update(ours, SUSPEND)
    await harness.organizations.update(ours, RESUME)
    await harness.organizations.delete(ours)
    removed, left, deleted = (
        AccessRevocation(acme, bob.user_id, 3),
        AccessRevocation(acme, eve.user_id, 4),
        AccessRevocation(acme, None, 7),
    )
    assert await harness.token_revocations() == [
        AccessRevocation(acme, bob.user_id, 1),
        AccessRevocation(acme, bob.user_id, 2),
        removed,
        left,
        AccessRevocation(acme, None, 5),
        AccessRevocation(acme, None, 6),
        deleted,
    ]
    assert await harness.session_revocations() == [removed, left, deleted]
    assert await harness.epoch(acme) == 7


async def test_a_call_that_revokes_no_access_queues_no_notice(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """It changes nothing, is refused, or gives a user access."""
    bob = await harness.join(acme)
    ours = call(ada, acme)
    await harness.acceptance.accept(call(person()), new_invitation.token)
    await harness.members.update(ours, bob.user_id, MEMBER)
    await harness.organizations.update(ours, TenantUpdate(name="New", state="active"))
    await harness.rename(bob.user_id, "Bob", 1)
    with pytest.raises(LastOwner):
        await harness.members.update(ours, ada.user_id, MEMBER)
    with pytest.raises(RoleMissing):
        await harness.members.remove(call(bob, acme), ada.user_id)
    assert await harness.token_revocations() == await harness.session_revocations() == []
    assert await harness.epoch(acme) == 0


async def test_an_idempotent_retry_revokes_once(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Neither a retried change of role nor a retried suspension is counted again."""
    bob = await harness.join(acme)
    for _ in range(2):
        await harness.members.update(call(ada, acme, key="one"), bob.user_id, ADMIN)
    for _ in range(2):
        await harness.organizations.update(call(ada, acme, key="two"), SUSPEND)
    assert await harness.token_revocations() == [
        AccessRevocation(acme, bob.user_id, 1),
        AccessRevocation(acme, None, 2),
    ]


async def test_concurrent_revocations_get_distinct_epochs(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Each tenant has an epoch of its own."""
    other = await harness.found(ada)
    members = [await harness.join(acme) for _ in range(20)] + [await harness.join(other)]
    places = [acme] * 20 + [other]
    await asyncio.gather(
        *(
            harness.members.update(call(ada, place), member.user_id, ADMIN)
            for member, place in zip(members, places, strict=True)
        )
    )
    told = {(loss.tenant_id, loss.tenant_epoch) for loss in await harness.token_revocations()}
    assert told == {(other, 1), *((acme, number) for number in range(1, 21))}


async def test_an_erasure_revokes_access(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """The successor's tokens are revoked too; erasing the last member revokes all access."""
    successor = await harness.join(acme)
    await harness.erasure.erase(ada.user_id)
    erased = AccessRevocation(acme, ada.user_id, 1)
    assert await harness.token_revocations() == [
        erased,
        AccessRevocation(acme, successor.user_id, 2),
    ]
    assert await harness.session_revocations() == [erased]
    await harness.erasure.erase(successor.user_id)
    assert (
        (await harness.token_revocations())[2:]
        == (await harness.session_revocations())[1:]
        == [AccessRevocation(acme, None, 3)]
    )


async def test_a_self_tenant_revokes_no_access(harness: TenantsHarness, ada: Caller) -> None:
    """Its epoch is zero, and erasing its user queues no notice."""
    own = await harness.self_tenants.ensure(ada.user_id, START)
    assert (await harness.memberships.find(ada.user_id, own.tenant.tenant_id)).tenant_epoch == 0
    await harness.erasure.erase(ada.user_id)
    assert await harness.token_revocations() == await harness.session_revocations() == []


async def test_the_epoch_of_a_deleted_organization_is_kept_until_the_sweep(
    store: Store, harness: TenantsHarness, sweeper: Sweeper, ada: Caller, acme: UUID
) -> None:
    """The queued notices keep the epoch after it."""
    await harness.organizations.delete(call(ada, acme))
    assert await harness.epoch(acme) == 1
    await sweeper.sweep()
    assert await rows_between(store, *revocations.EPOCH.range()) == []
    assert (
        await harness.token_revocations()
        == await harness.session_revocations()
        == [AccessRevocation(acme, None, 1)]
    )


async def test_a_lookup_returns_the_membership_and_the_epoch(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A change of role changes both."""
    bob = await harness.join(acme)
    before = await harness.memberships.find(bob.user_id, acme)
    assert (before.membership, before.tenant_epoch) == (
        await harness.membership(acme, bob.user_id),
        0,
    )
    await harness.members.update(call(ada, acme), bob.user_id, ADMIN)
    after = await harness.memberships.find(bob.user_id, acme)
    assert (after.membership.member.role, after.tenant_epoch) == (ADMIN, 1)


async def reason(harness: TenantsHarness, caller: Caller, tenant_id: UUID) -> str:
    """Why a member has no access; empty if there is access."""
    try:
        await harness.memberships.find(caller.user_id, tenant_id)
    except ServiceError as error:
        return error.reason
    return ""


async def test_a_lookup_finds_only_members_who_have_access(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Only owners have access to a suspended organization, and only its user to a self-tenant."""
    admin, stranger, erased = await harness.join(acme, ADMIN), person(), person()
    await harness.erasure.erase(erased.user_id)
    assert await reason(harness, admin, acme) == await reason(harness, ada, acme) == ""
    assert await reason(harness, stranger, acme) == "TENANT_NOT_FOUND"
    assert await reason(harness, ada, UUID(int=7)) == "TENANT_NOT_FOUND"
    assert await reason(harness, stranger, self_tenant_id(stranger.user_id)) == ""
    assert await reason(harness, stranger, self_tenant_id(ada.user_id)) == "TENANT_NOT_FOUND"
    assert await reason(harness, erased, self_tenant_id(erased.user_id)) == "TENANT_NOT_FOUND"
    await harness.organizations.update(call(ada, acme), SUSPEND)
    assert await reason(harness, admin, acme) == "TENANT_SUSPENDED"
    assert await reason(harness, ada, acme) == ""
    await harness.organizations.update(call(ada, acme), RESUME)
    assert await reason(harness, admin, acme) == ""
    await harness.organizations.delete(call(ada, acme))
    assert await reason(harness, ada, acme) == "TENANT_NOT_FOUND"


async def test_a_lookup_reads_role_and_epoch_at_the_same_time(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Otherwise a token would outlive the role that it names."""
    bob = await harness.join(acme)
    running = True

    async def change() -> None:
        for number in range(100):
            role = MEMBER if number % 2 else ADMIN
            await harness.members.update(call(ada, acme), bob.user_id, role)

    async def look() -> None:
        while running:
            found = await harness.memberships.find(bob.user_id, acme)
            expected = ADMIN if found.tenant_epoch % 2 else MEMBER
            assert found.membership.member.role == expected
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    await change()
    running = False
    await looking
