"""Who becomes the owner of an organization whose last owner is deleted."""

from datetime import timedelta
from uuid import UUID

import pytest

from kernel.errors import TenantNotFound
from kernel.identity.callers import Caller, Role
from kernel.storage import Store, Write
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.audit.model import AuditEntry
from services.tenants.audit.repository import AUDIT
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Member
from services.tenants.operator_events.model import TenantAct
from services.tenants.settings import TenantsSettings
from tests.ops.doctor.environment import findings
from tests.services.tenants.harness import TenantsHarness, call, person, profile_of
from tests.support.clock import START, FixedClock
from tests.support.store import WatchedStore, rows_between


async def test_the_longest_serving_admin_succeeds_the_last_owner(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A longer serving member does not succeed; the audit log records the promotion."""
    await harness.join(acme)
    await harness.join(acme, Role.ADMIN, START + timedelta(days=2))
    successor = await harness.join(acme, Role.ADMIN, START + timedelta(days=1))
    await harness.erasure.erase(ada.user_id)
    assert await harness.owners(acme) == [successor.user_id]
    erased, promoted = (await harness.noted(successor, acme))[1:]
    assert erased == AuditEntry.unsigned(START, "member.erased")
    assert promoted == AuditEntry.unsigned(START, "member.role_changed", successor.user_id, "owner")


async def test_without_admins_the_longest_serving_member_succeeds(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The organization has two members, and no admin."""
    await harness.join(acme, time=START + timedelta(days=2))
    successor = await harness.join(acme, time=START + timedelta(days=1))
    await harness.erasure.erase(ada.user_id)
    assert await harness.owners(acme) == [successor.user_id]


async def test_the_longest_serving_of_many_admins_succeeds(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """It is the one of 151 admins whose id comes last."""
    first, last = UUID(int=1, version=4), UUID(int=(1 << 128) - 1, version=4)
    admins = [UUID(int=first.int + number) for number in range(150)]
    times = {one: START + timedelta(days=2) for one in admins}
    times[last] = START + timedelta(days=1)
    await harness.put(
        *(Member(acme, one, Role.ADMIN, time, profile_of(one)) for one, time in times.items())
    )
    await harness.erasure.erase(ada.user_id)
    assert await harness.owners(acme) == [last]


async def test_of_many_members_one_of_the_first_hundred_succeeds(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Without an admin, the longest-serving of a hundred, in the order of ids, succeeds; no later one."""
    members = [UUID(int=number << 64) for number in range(1, 102)]
    hundredth, next_one = members[99], members[100]
    times = {one: START + timedelta(days=3) for one in members}
    times |= {hundredth: START + timedelta(days=2), next_one: START + timedelta(days=1)}
    await harness.put(
        *(Member(acme, one, Role.MEMBER, time, profile_of(one)) for one, time in times.items())
    )
    await harness.erasure.erase(ada.user_id)
    assert await harness.owners(acme) == [hundredth]


async def test_a_dangling_row_in_the_role_index_does_not_end_the_organization(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The index names an admin who does not exist; the only member succeeds."""
    bob = await harness.join(acme)

    async def damage(tx: Write) -> None:
        tx.set(memberships.MEMBER_BY_ROLE.key(acme, int(Role.ADMIN), 0, person().user_id), b"")

    await store.write(damage)
    await harness.erasure.erase(ada.user_id)
    assert await harness.owners(acme) == [bob.user_id]


async def test_an_owner_of_many_organizations_is_erased_in_several_transactions(
    store: Store, clock: FixedClock, settings: TenantsSettings
) -> None:
    """One transaction for all would exceed the time limit of the store."""
    watched = WatchedStore(store)
    harness, ada = TenantsHarness(watched, clock, settings), person()
    places = [await harness.found(ada) for _ in range(23)]
    successors = [await harness.join(place, Role.ADMIN) for place in places]
    before = watched.writes
    await harness.erasure.erase(ada.user_id)
    assert watched.writes - before >= 5
    for place, successor in zip(places, successors, strict=True):
        assert await harness.owners(place) == [successor.user_id]


async def test_no_admin_is_promoted_if_another_owner_remains(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Ada is erased, and the other owner stays the only one."""
    other = await harness.join(acme, Role.OWNER)
    await harness.join(acme, Role.ADMIN)
    await harness.erasure.erase(ada.user_id)
    assert await harness.owners(acme) == [other.user_id]


async def test_erasing_the_last_member_deletes_the_organization(
    store: Store, harness: TenantsHarness, sweeper: Sweeper, ada: Caller, acme: UUID
) -> None:
    """The sweeper removes its row."""
    await harness.erasure.erase(ada.user_id)
    assert await harness.owners(acme) == []
    await sweeper.sweep()
    left = await rows_between(store, *memberships.TENANT.range())
    assert left == []


async def test_the_last_member_of_what_an_operator_has_suspended(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The organization stays, with its log, until an operator resumes it."""
    operator = call(person())
    await harness.operator_changes.suspend(operator, acme, "Sends spam")
    log = AUDIT.range(acme)
    before = await rows_between(harness.store, *log)
    await harness.erasure.erase(ada.user_id)
    found = await harness.operator_reading.get(operator, acme)
    assert (found.tenant.suspended_by_operator, found.member_count, found.owner_ids) == (
        True, 0, [],
    )  # fmt: skip
    assert len(await rows_between(harness.store, *log)) == len(before) + 1
    odd = {"has no owner", "has no count of its members"}
    assert odd.isdisjoint(finding.text for finding in await findings(harness.store))
    await harness.operator_changes.resume(operator, acme, "Over")
    with pytest.raises(TenantNotFound):
        await harness.operator_reading.get(operator, acme)
    assert [act.act for act in await harness.acts()][-1] == TenantAct.TENANT_RESUMED
    ended = (await harness.session_revocations())[-1]
    assert (ended.tenant_id, ended.user_id) == (acme, None)
    assert odd.isdisjoint(finding.text for finding in await findings(harness.store))
