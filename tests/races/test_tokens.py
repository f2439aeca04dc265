"""Tokens that are issued while the membership they describe changes."""

from uuid import UUID

import pytest

from kernel.errors import TenantNotFound, TenantSuspended
from kernel.identity.callers import Caller
from services.tenants.memberships.model import SUSPENDED
from tests.races.race import Race, reason_of
from tests.races.scenario import (
    CHANGES,
    REMOVAL,
    Scenario,
    accepted,
    begin,
    deliver_all,
    open_session,
    sessions_of,
)
from tests.services.auth.harness import PASSWORD
from tests.support.in_process import InProcessSystem


@pytest.mark.parametrize("name", CHANGES)
async def test_no_token_claims_too_much(
    systems: list[InProcessSystem], race: Race, name: str
) -> None:
    """After delivery, every token whose role or tenant state has become wrong is refused."""
    for number in race.rounds():
        scenario = await begin(systems, race, number)
        some = race.random.choices(systems, k=6)
        change, _, *answers = await race.run(
            CHANGES[name](some[0], scenario),
            some[1].deliver_revocations(),
            some[2].switch(scenario.bob, scenario.acme),
            some[3].switch(scenario.bob_other_device, scenario.acme),
            some[4].refresh(scenario.bob_login),
            some[5].switch(scenario.ada, scenario.acme),
        )
        assert reason_of(change) == ""
        assert {reason_of(one) for one in answers} <= {"", "TENANT_NOT_FOUND", "TENANT_SUSPENDED"}
        await deliver_all(systems)
        tokens = [scenario.bob, *(one for one in answers if isinstance(one, Caller))]
        for token in tokens:
            for system in systems:
                true = token.tenant_id != scenario.acme or await _is_true(system, token)
                assert true or not accepted(system, token), token
                assert token.tenant_id == scenario.acme or accepted(system, token), token


async def _is_true(system: InProcessSystem, token: Caller) -> bool:
    """Whether a token states the role and the tenant's state as they are now."""
    try:
        found = (await system.teams.memberships.find(token.user_id, token.tenant_id)).membership
    except (TenantNotFound, TenantSuspended):
        return False
    said = (token.role, token.tenant_suspended)
    return said == (found.member.role, found.tenant.state == SUSPENDED)


async def test_a_returning_member_is_accepted(systems: list[InProcessSystem], race: Race) -> None:
    """The new token and session are valid, even if the old revocation comes late or twice."""
    for number in race.rounds():
        scenario = await begin(systems, race, number)
        one, other = race.random.sample(systems, 2)
        old = await open_session(one, scenario.bob)
        await CHANGES[REMOVAL](one, scenario)
        delivered, bob = await race.run(
            one.deliver_revocations(), _return_and_work(other, scenario)
        )
        assert [revocation.user_id for revocation in delivered] == [scenario.bob.user_id]
        await other.deliver_again(delivered)
        await deliver_all(systems)
        assert [accepted(system, bob) for system in systems] == [True, True]
        assert [accepted(system, scenario.bob) for system in systems] == [False, False]
        (kept,) = await sessions_of(one, bob)
        assert (kept.tenant_epoch, kept != old) == (bob.tenant_epoch, True)


async def _return_and_work(system: InProcessSystem, scenario: Scenario) -> Caller:
    bob = await scenario.return_bob(system)
    await open_session(system, bob)
    return bob


async def test_no_token_of_a_deleted_user_is_accepted(
    systems: list[InProcessSystem], race: Race
) -> None:
    """Every token of the user is refused, and the user has left the organization."""
    for number in race.rounds():
        scenario = await begin(systems, race, number)
        some = race.random.choices(systems, k=4)
        deletion, *answers = await race.run(
            _delete(some[0], scenario.bob_other_device),
            some[1].switch(scenario.bob, scenario.acme),
            some[2].switch(scenario.bob_other_device, scenario.acme),
            some[3].refresh(scenario.bob_login),
        )
        assert reason_of(deletion) == ""
        refused = {"", "ACCESS_TOKEN_REVOKED", "REFRESH_TOKEN_INVALID", "TENANT_NOT_FOUND"}
        assert {reason_of(one) for one in answers} <= refused
        await deliver_all(systems)
        tokens = [
            scenario.bob,
            scenario.bob_other_device,
            *(one for one in answers if isinstance(one, Caller)),
        ]
        assert not any(accepted(system, token) for system in systems for token in tokens)
        await _is_nowhere(systems[0], scenario.bob.user_id, scenario.acme)


async def _delete(system: InProcessSystem, caller: Caller) -> None:
    await system.auth.deletion.delete(system.auth.call(caller), PASSWORD)
    await system.deliver_account_tasks()


async def _is_nowhere(system: InProcessSystem, user_id: UUID, tenant_id: UUID) -> None:
    assert await system.teams.member(tenant_id, user_id) is None
    owner = (await system.teams.owners(tenant_id))[0]
    assert owner != user_id
