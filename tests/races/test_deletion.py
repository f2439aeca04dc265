"""Deleting an organization during a concurrent change leaves no rows behind."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from kernel.identity.callers import Call, Caller, Role
from kernel.storage import Store
from services.tenants import catalogue, sweeper
from services.tenants.audit import repository as audit
from services.tenants.invitations import repository as invitations
from services.tenants.memberships import repository as memberships
from services.tenants.operator_events import repository as operator_events
from services.tenants.organizations import repository as organizations
from services.tenants.organizations.model import TenantUpdate
from services.tenants.revocations import repository as revocations
from tests.races.conftest import Teams
from tests.races.race import Attempt, Race
from tests.services.tenants.harness import EMAIL, TenantsHarness, call, make_settings, person
from tests.support.clock import FixedClock
from tests.support.store import rows_between
from tests.support.sweeping import sweep_settled

LATER_DAYS = 402  # longer than the audit log is kept


class Scenario(NamedTuple):
    """An organization just before it is deleted."""

    owner: Call
    """A call of its owner."""
    bob: Caller
    """A member."""
    token: str
    """The token of an invitation."""


Action = Callable[[TenantsHarness, Scenario], Attempt]

ACTIONS: dict[str, Action] = {
    "accept": lambda parts, scenario: parts.acceptance.accept(call(person()), scenario.token),
    "role": lambda parts, scenario: parts.members.update(
        scenario.owner, scenario.bob.user_id, Role.OWNER
    ),
    "removal": lambda parts, scenario: parts.members.remove(scenario.owner, scenario.bob.user_id),
    "leave": lambda parts, scenario: parts.members.remove(
        call(scenario.bob, scenario.owner.tenant_id), scenario.bob.user_id
    ),
    "invitation": lambda parts, scenario: parts.invitations.create(
        scenario.owner, "Eve@Example.com", Role.MEMBER
    ),
    "suspension": lambda parts, scenario: parts.organizations.update(
        scenario.owner, TenantUpdate(name="Other", state="suspended")
    ),
    "erasure": lambda parts, scenario: parts.erasure.erase(scenario.bob.user_id),
    "end": lambda parts, scenario: parts.erasure.erase(scenario.owner.caller.user_id),
    "deletion": lambda parts, scenario: parts.organizations.delete(scenario.owner),
}
REFUSALS = {
    "", "TENANT_NOT_FOUND", "INVITATION_NOT_FOUND", "MEMBER_NOT_FOUND", "TENANT_SUSPENDED",
}  # fmt: skip


@pytest.mark.parametrize("name", ACTIONS)
async def test_a_deletion_during_a_change_leaves_no_rows(
    store: Store, clock: FixedClock, teams: Teams, race: Race, name: str
) -> None:
    """Only rows with a retention period stay, and they are swept when it ends."""
    sweeping = sweeper.sweeper(store, clock, make_settings())
    for _ in race.rounds():
        scenario = await _scenario(teams)
        _, refusal, *_ = reasons = await race.reasons(
            ACTIONS[name](teams.any, scenario),
            teams.any.organizations.delete(scenario.owner),
            *(sweeping.sweep() for _ in range(race.random.randrange(3))),
        )
        assert set(reasons) <= REFUSALS
        if refusal:
            await _end(teams.any, scenario, refusal)
        await sweeping.sweep()
    assert await _left(store) <= {
        one.name
        for one in (
            audit.AUDIT_BY_DAY,
            invitations.EMAIL_QUOTA.counts,
            *memberships.DELETED_USERS.families,
        )
    }
    clock.advance(days=LATER_DAYS)
    await sweep_settled(sweeping, clock)
    assert await _left(store) == set()


async def _end(parts: TenantsHarness, scenario: Scenario, refusal: str) -> None:
    """Deletes an organization whose first deletion was refused because of the other action."""
    if refusal == "TENANT_SUSPENDED":
        await parts.organizations.update(scenario.owner, TenantUpdate(state="active"))
        await parts.organizations.delete(scenario.owner)
    elif await parts.owners(scenario.owner.tenant_id) == [scenario.bob.user_id]:  # the successor
        await parts.organizations.delete(call(scenario.bob, scenario.owner.tenant_id))


async def _scenario(teams: Teams) -> Scenario:
    ada = person()
    acme = await teams.any.found(ada)
    bob, owner = await teams.any.join(acme), call(ada, acme)
    issued = await teams.any.invitations.create(owner, EMAIL, Role.MEMBER)
    return Scenario(owner, bob, issued.token)


async def _left(store: Store) -> set[str]:
    """The families that have rows, except the outboxes, which other tasks empty."""
    outboxes = {
        *revocations.TOKEN_REVOCATIONS.families,
        *revocations.SESSION_REVOCATIONS.families,
        *invitations.INVITATION_EMAILS.families,
        *invitations.EMAIL_PROOFS.families,
        *organizations.TENANT_ERASURES.families,
        *operator_events.OPERATOR_EVENTS.families,
    }
    families = [family for family in catalogue.FAMILIES if family not in outboxes]
    return {family.name for family in families if await rows_between(store, *family.range())}
