"""Who becomes the owner of an organization whose last owner is deleted."""

from datetime import timedelta
from uuid import UUID

from kernel.identity.callers import Caller, Role
from kernel.storage import Store, Write
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.audit.model import AuditEntry
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Member
from services.tenants.settings import TenantsSettings
from tests.services.tenants.harness import TenantsHarness, person, profile_of
from tests.support.clock import START, FixedClock
from tests.support.store import WatchedStore, rows_between


async def test_last_owner_erased(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """The admin who has been there longest takes over; before any member."""
    await harness.join(acme)
    await harness.join(acme, Role.ADMIN, START + timedelta(days=2))
    successor = await harness.join(acme, Role.ADMIN, START + timedelta(days=1))
    await harness.erasure.erase(ada.user_id)
    assert await harness.owners(acme) == [successor.user_id]
    erased, promoted = (await harness.noted(successor, acme))[1:]
    assert erased == AuditEntry.unsigned(START, "member.erased")
    assert promoted == AuditEntry.unsigned(START, "member.role_changed", successor.user_id, "owner")


async def test_last_owner_erased_among_members(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Without admins it is the member who has been there longest."""
    await harness.join(acme, time=START + timedelta(days=2))
    successor = await harness.join(acme, time=START + timedelta(days=1))
    await harness.erasure.erase(ada.user_id)
    assert await harness.owners(acme) == [successor.user_id]


async def test_the_longest_serving_of_many_admins_succeeds(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """However many they are, and whatever their ids."""
    first, last = UUID(int=1, version=4), UUID(int=(1 << 128) - 1, version=4)
    admins = [UUID(int=first.int + number) for number in range(150)]
    times = {one: START + timedelta(days=2) for one in admins}
    times[last] = START + timedelta(days=1)
    await harness.put(
        *(Member(acme, one, Role.ADMIN, time, profile_of(one)) for one, time in times.items())
    )
    await harness.erasure.erase(ada.user_id)
    assert await harness.owners(acme) == [last]


async def test_a_dangling_row_of_a_role_deletes_nothing(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A row among the admins that leads nowhere is no reason to delete an organization."""
    bob = await harness.join(acme)

    async def damage(tx: Write) -> None:
        tx.set(memberships.MEMBER_BY_ROLE.key(acme, int(Role.ADMIN), 0, person().user_id), b"")

    await store.write(damage)
    await harness.erasure.erase(ada.user_id)
    assert await harness.owners(acme) == [bob.user_id]


async def test_an_owner_of_many_is_erased_in_small_pieces(
    store: Store, clock: FixedClock, settings: TenantsSettings
) -> None:
    """A few organizations in a transaction, or a store does not manage it in time."""
    watched = WatchedStore(store)
    harness, ada = TenantsHarness(watched, clock, settings), person()
    places = [await harness.found(ada) for _ in range(23)]
    successors = [await harness.join(place, Role.ADMIN) for place in places]
    before = watched.writes
    await harness.erasure.erase(ada.user_id)
    assert watched.writes - before >= 5
    for place, successor in zip(places, successors, strict=True):
        assert await harness.owners(place) == [successor.user_id]


async def test_owner_erased_beside_another(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Nobody takes over from one of several."""
    other = await harness.join(acme, Role.OWNER)
    await harness.join(acme, Role.ADMIN)
    await harness.erasure.erase(ada.user_id)
    assert await harness.owners(acme) == [other.user_id]


async def test_last_member_erased(
    store: Store, harness: TenantsHarness, sweeper: Sweeper, ada: Caller, acme: UUID
) -> None:
    """Without anybody an organization ends."""
    await harness.erasure.erase(ada.user_id)
    assert await harness.owners(acme) == []
    await sweeper.sweep()
    left = await rows_between(store, *memberships.TENANT.range())
    assert left == []
