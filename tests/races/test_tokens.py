"""Tokens that are issued while what they say of somebody stops being so."""

from uuid import UUID

import pytest

from kernel.errors import TenantNotFound, TenantSuspended
from kernel.identity.callers import Caller
from services.tenants.model import SUSPENDED
from tests.races.contest import Contest, reason_of
from tests.races.house import House
from tests.races.scene import (
    CHANGES,
    REMOVAL,
    Scene,
    accepted,
    begin,
    open_session,
    sessions_of,
    tell,
)
from tests.services.auth.harness import PASSWORD


@pytest.mark.parametrize("name", CHANGES)
async def test_no_token_says_more_than_is_so(
    houses: list[House], contest: Contest, name: str
) -> None:
    """Once all is told, none from before or during the change is good that does not say the truth."""
    for number in contest.rounds():
        scene = await begin(houses, contest, number)
        some = contest.chance.choices(houses, k=6)
        change, _, *answers = await contest.run(
            CHANGES[name](some[0], scene),
            some[1].deliver(),
            some[2].switched(scene.bob, scene.acme),
            some[3].switched(scene.home, scene.acme),
            some[4].refreshed(scene.here),
            some[5].switched(scene.ada, scene.acme),
        )
        assert reason_of(change) == ""
        assert {reason_of(one) for one in answers} <= {"", "TENANT_NOT_FOUND", "TENANT_SUSPENDED"}
        await tell(houses)
        tokens = [scene.bob, *(one for one in answers if isinstance(one, Caller))]
        for token in tokens:
            for house in houses:
                true = token.tenant_id != scene.acme or await _is_true(house, token)
                assert true or not accepted(house, token), token
                assert token.tenant_id == scene.acme or accepted(house, token), token


async def _is_true(house: House, token: Caller) -> bool:
    """Whether a token says of somebody in an organization what is so."""
    try:
        found = (await house.teams.tenants.membership_at(token.user_id, token.tenant_id)).membership
    except (TenantNotFound, TenantSuspended):
        return False
    said = (token.role, token.tenant_suspended)
    return said == (found.member.role, found.tenant.state == SUSPENDED)


async def test_who_comes_back_is_let_in(houses: list[House], contest: Contest) -> None:
    """A token and a session from after another invitation are good, whenever the news arrive."""
    for number in contest.rounds():
        scene = await begin(houses, contest, number)
        one, other = contest.chance.sample(houses, 2)
        old = await open_session(one, scene.bob)
        await CHANGES[REMOVAL](one, scene)
        told, bob = await contest.run(one.deliver(), _return_and_work(other, scene))
        assert [loss.user_id for loss in told] == [scene.bob.user_id]
        await other.repeat(told)
        await tell(houses)
        assert [accepted(house, bob) for house in houses] == [True, True]
        assert [accepted(house, scene.bob) for house in houses] == [False, False]
        (kept,) = await sessions_of(one, bob)
        assert (kept.tenant_epoch, kept != old) == (bob.tenant_epoch, True)


async def _return_and_work(house: House, scene: Scene) -> Caller:
    bob = await scene.return_bob(house)
    await open_session(house, bob)
    return bob


async def test_an_account_ends(houses: list[House], contest: Contest) -> None:
    """No token of a user who is deleted is good, and it is a member of nothing."""
    for number in contest.rounds():
        scene = await begin(houses, contest, number)
        some = contest.chance.choices(houses, k=4)
        deletion, *answers = await contest.run(
            _delete(some[0], scene.home),
            some[1].switched(scene.bob, scene.acme),
            some[2].switched(scene.home, scene.acme),
            some[3].refreshed(scene.here),
        )
        assert reason_of(deletion) == ""
        refused = {"", "ACCESS_TOKEN_REVOKED", "REFRESH_TOKEN_INVALID", "TENANT_NOT_FOUND"}
        assert {reason_of(one) for one in answers} <= refused
        await tell(houses)
        tokens = [scene.bob, scene.home, *(one for one in answers if isinstance(one, Caller))]
        assert not any(accepted(house, token) for house in houses for token in tokens)
        await _is_nowhere(houses[0], scene.bob.user_id, scene.acme)


async def _delete(house: House, caller: Caller) -> None:
    await house.auth.deletion.delete(caller, PASSWORD)
    await house.settle_accounts()


async def _is_nowhere(house: House, user_id: UUID, tenant_id: UUID) -> None:
    assert await house.teams.member(tenant_id, user_id) is None
    owner = (await house.teams.owners(tenant_id))[0]
    assert owner != user_id
