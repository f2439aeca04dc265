"""The display names of users in the lists of members."""

import asyncio
from dataclasses import replace
from uuid import UUID

import pytest

from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from services.tenants import keys
from services.tenants.invitations.model import NewInvitation
from services.tenants.memberships.errors import ProfileUnavailable
from services.tenants.memberships.model import UNKNOWN
from services.tenants.settings import TenantsSettings
from tests.services.tenants.harness import (
    TenantsHarness,
    call,
    person,
    profile_of,
    put_organizations,
)
from tests.support.clock import START, FixedClock
from tests.support.store import WatchedStore, rows_between


async def name_in(harness: TenantsHarness, tenant_id: UUID, user_id: UUID) -> tuple[str, int]:
    """The display name of a user in an organization, and its profile revision."""
    found = await harness.member(tenant_id, user_id)
    assert found is not None
    return found.profile.display_name, found.profile.revision


async def test_a_rename_reaches_every_organization_of_the_user(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The self-tenant, other members and all other fields do not change."""
    own = await harness.self_tenants.ensure(ada.user_id, START)
    other = await harness.found(ada, "Other")
    bob = await harness.join(acme)
    more = await put_organizations(store, ada.user_id, 250)
    before = await harness.member(acme, ada.user_id)
    assert before is not None
    await harness.rename(ada.user_id, "Ada King", 1)
    changed = replace(before, profile=replace(before.profile, display_name="Ada King", revision=1))
    assert await harness.member(acme, ada.user_id) == changed
    assert await harness.owners(acme) == [ada.user_id]
    for tenant_id in (other, *(one.tenant.tenant_id for one in more)):
        assert await name_in(harness, tenant_id, ada.user_id) == ("Ada King", 1)
    assert await harness.member(own.tenant.tenant_id, ada.user_id) == own.member
    assert own.member.profile == UNKNOWN
    found = await harness.member(acme, bob.user_id)
    assert found is not None
    assert found.profile == profile_of(bob.user_id)


async def test_the_highest_profile_revision_wins(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A rename with an older or the same revision changes nothing."""
    for name, revision in (("Second", 2), ("First", 1), ("Other", 2), ("Zeroth", 0)):
        await harness.rename(ada.user_id, name, revision)
        assert await name_in(harness, acme, ada.user_id) == ("Second", 2)
    await harness.rename(ada.user_id, "Third", 3)
    assert await name_in(harness, acme, ada.user_id) == ("Third", 3)


async def test_a_late_rename_does_not_replace_a_newer_name(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """It still updates the organizations that have an older revision."""
    harness.profiles.told[ada.user_id] = replace(
        profile_of(ada.user_id), display_name="New", revision=2
    )
    other = await harness.found(ada)
    await harness.rename(ada.user_id, "Old", 1)
    assert await name_in(harness, other, ada.user_id) == ("New", 2)
    assert await name_in(harness, acme, ada.user_id) == ("Old", 1)


async def test_a_change_of_role_keeps_the_name_and_its_revision(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Bob is renamed first and becomes an admin afterwards."""
    bob = await harness.join(acme)
    await harness.rename(bob.user_id, "Bob", 5)
    await harness.members.update(call(ada, acme), bob.user_id, Role.ADMIN)
    assert await name_in(harness, acme, bob.user_id) == ("Bob", 5)


async def test_renaming_a_user_without_memberships_writes_no_row(
    store: Store, harness: TenantsHarness, ada: Caller
) -> None:
    """A rename creates no membership."""
    await harness.rename(ada.user_id, "Ada", 1)
    assert await rows_between(store, *keys.TENANTS.range()) == []


@pytest.mark.parametrize("by_invitation", [False, True])
async def test_a_rename_while_a_membership_is_created_is_not_lost(
    harness: TenantsHarness, new_invitation: NewInvitation, acme: UUID, *, by_invitation: bool
) -> None:
    """Auth renames the user after the profile is read and before the membership exists."""
    bob = person()

    async def change() -> None:
        harness.profiles.asked = None
        harness.profiles.told[bob.user_id] = replace(
            profile_of(bob.user_id), display_name="Robert", revision=1
        )
        await harness.rename(bob.user_id, "Robert", 1)

    harness.profiles.asked = change
    if by_invitation:
        await harness.acceptance.accept(call(bob), new_invitation.token)
        tenant_id = acme
    else:
        tenant_id = await harness.found(bob)
    assert await name_in(harness, tenant_id, bob.user_id) == ("Robert", 1)


async def test_an_acceptance_succeeds_although_auth_fails_after_the_commit(
    harness: TenantsHarness, new_invitation: NewInvitation, acme: UUID
) -> None:
    """Auth fails when the service reads the profile a second time."""
    bob, asked = person(), 0

    async def fail() -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise ProfileUnavailable

    harness.profiles.asked = fail
    joined = await harness.acceptance.accept(call(bob, key="key"), new_invitation.token)
    assert await harness.membership(acme, bob.user_id) == joined


async def test_a_creation_succeeds_although_the_store_fails_after_the_commit(
    store: Store, clock: FixedClock, settings: TenantsSettings
) -> None:
    """The caller gets the organization, and has no reason to create a second one."""
    watched, bob, asked = WatchedStore(store), person(), 0
    harness = TenantsHarness(watched, clock, settings)

    async def fail() -> None:
        nonlocal asked
        asked += 1
        harness.profiles.told[bob.user_id] = replace(profile_of(bob.user_id), revision=asked)
        watched.failures = asked - 1

    harness.profiles.asked = fail
    made = await harness.organizations.create(call(bob), "Acme", None)
    assert (asked, watched.failures) == (2, 0)
    assert await harness.membership(made.tenant.tenant_id, bob.user_id) == made


async def test_a_concurrent_rename_does_not_undo_a_removal(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """After a removal and a rename at once the member is gone: a hundred times."""
    for number in range(100):
        bob = await harness.join(acme)
        both = [
            harness.members.remove(call(ada, acme), bob.user_id),
            harness.rename(bob.user_id, "Bob", 1),
        ]
        if number % 2:
            both.reverse()
        await asyncio.gather(*both)
        assert await harness.member(acme, bob.user_id) is None
