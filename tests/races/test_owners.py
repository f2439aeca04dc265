"""An organization keeps an owner when its two owners leave concurrently."""

from collections.abc import Callable
from itertools import combinations_with_replacement
from uuid import UUID

import pytest

from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from services.tenants.memberships import repository as memberships
from tests.races.conftest import Teams
from tests.races.race import Attempt, Race
from tests.services.tenants.harness import TenantsHarness, call, person

Departure = Callable[[TenantsHarness, UUID, Caller, Caller], Attempt]

REFUSALS = {"LAST_OWNER", "ROLE_MISSING", "TENANT_NOT_FOUND", "MEMBER_NOT_FOUND"}


def leaves(parts: TenantsHarness, acme: UUID, who: Caller, _: Caller) -> Attempt:
    """An owner leaves."""
    return parts.members.remove(call(who, acme), who.user_id)


def is_removed(parts: TenantsHarness, acme: UUID, who: Caller, other: Caller) -> Attempt:
    """The other owner removes an owner."""
    return parts.members.remove(call(other, acme), who.user_id)


def steps_down(parts: TenantsHarness, acme: UUID, who: Caller, _: Caller) -> Attempt:
    """An owner takes a lower role."""
    return parts.members.update(call(who, acme), who.user_id, Role.ADMIN)


def is_demoted(parts: TenantsHarness, acme: UUID, who: Caller, other: Caller) -> Attempt:
    """The other owner gives an owner a lower role."""
    return parts.members.update(call(other, acme), who.user_id, Role.MEMBER)


def is_deleted(parts: TenantsHarness, _: UUID, who: Caller, __: Caller) -> Attempt:
    """An owner deletes their account."""
    return parts.erasure.erase(who.user_id)


DEPARTURES = (leaves, is_removed, steps_down, is_demoted, is_deleted)
PAIRS = list(combinations_with_replacement(DEPARTURES, 2))


@pytest.mark.parametrize(
    ("one", "other"), PAIRS, ids=[f"{one.__name__}-{other.__name__}" for one, other in PAIRS]
)
async def test_two_owners_leave(
    store: Store, teams: Teams, race: Race, one: Departure, other: Departure
) -> None:
    """One owner stays, or a successor becomes owner, or the organization is gone."""
    for _ in race.rounds():
        ada = person()
        acme = await teams.any.found(ada)
        bob = await teams.any.join(acme, Role.OWNER)
        candidates = [
            (await teams.any.join(acme, role)).user_id
            for role in race.random.choice([(), (Role.MEMBER,), (Role.ADMIN, Role.MEMBER)])
        ]
        reasons = await race.reasons(
            one(teams.any, acme, ada, bob), other(teams.any, acme, bob, ada)
        )
        assert set(reasons) <= {"", *REFUSALS}
        owners = await teams.any.owners(acme)
        if is_deleted not in (one, other):
            assert (len(owners), reasons.count("")) == (1, 1)
            assert owners[0] in {ada.user_id, bob.user_id}
        elif owners:
            assert set(owners) <= {ada.user_id, bob.user_id, *candidates}
        else:
            assert (candidates, reasons) == ([], ["", ""])
        await _check_tenant(store, acme, owned=bool(owners))


async def _check_tenant(store: Store, acme: UUID, *, owned: bool) -> None:
    found = await store.read(lambda tx: memberships.ALL_TENANTS.get(tx, acme))
    left = await store.read(lambda tx: memberships.MEMBERS.page(tx, acme, after=None, limit=10))
    assert (found is not None, bool(left.items)) == (owned, owned)
