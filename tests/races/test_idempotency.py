"""The same change, sent several times at once under one idempotency key."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from kernel.identity.callers import Role
from services.tenants.memberships.model import Act
from tests.races.conftest import Teams
from tests.races.race import Attempt, Race
from tests.services.tenants.harness import ACT, DEVICE, EMAIL, act, call, person

MANY = 5


async def _answer(race: Race, calls: Iterable[Attempt]) -> Any:
    """Runs the calls at once, checks that all give the same answer, and returns it."""
    first, *others = await race.run(*calls)
    assert others == [first] * (MANY - 1)
    return first


def _other(one: Act) -> Act:
    """The same key for a different request."""
    assert one.replay is not None
    return Act(DEVICE, replace(one.replay, digest=b"other"))


async def test_create(teams: Teams, race: Race) -> None:
    """One organization is created, and every call returns it."""
    for number in race.rounds():
        ada, key = person(), act(f"create {number}")
        creates = (teams.any.organizations.create(ada, key, "Acme", None) for _ in range(MANY))
        made = await _answer(race, creates)
        listed = (await teams.any.tenants.list(ada, 10, "")).memberships
        assert [one for one in listed if not one.member.in_self_tenant] == [made]
        actions = [entry.action for entry in await teams.any.noted(ada, made.tenant.tenant_id)]
        assert actions == ["tenant.created"]


async def test_invite(teams: Teams, race: Race) -> None:
    """One invitation is created, and every call returns its one valid token."""
    for number in race.rounds():
        ada, key = person(), act(f"invite {number}")
        owner = call(ada, await teams.any.found(ada))
        creates = (
            teams.any.invitations.create(owner, key, EMAIL, Role.MEMBER) for _ in range(MANY)
        )
        issued = await _answer(race, creates)
        listed = (await teams.any.invitations.list(owner, 10, "")).invitations
        assert listed == [issued.invitation]
        actions = [entry.action for entry in await teams.any.noted(ada, owner.tenant_id)]
        assert actions == ["tenant.created", "invitation.created"]
        await teams.any.acceptance.accept(person(), ACT, issued.token)


async def test_accept(teams: Teams, race: Race) -> None:
    """One membership is created, and every call returns it, although the token is spent."""
    for number in race.rounds():
        ada, bob, key = person(), person(), act(f"accept {number}")
        owner = call(ada, await teams.any.found(ada))
        token = (await teams.any.invitations.create(owner, ACT, EMAIL, Role.ADMIN)).token
        accepts = (teams.any.acceptance.accept(bob, key, token) for _ in range(MANY))
        joined = await _answer(race, accepts)
        assert await teams.any.membership(owner.tenant_id, bob.user_id) == joined
        actions = [entry.action for entry in await teams.any.noted(ada, owner.tenant_id)]
        assert actions == ["tenant.created", "invitation.created", "member.joined"]


async def test_two_requests_under_one_key(teams: Teams, race: Race) -> None:
    """One of two different requests is done; the other is refused every time."""
    for number in race.rounds():
        ada, key = person(), act(f"both {number}")
        names = {"One": key, "Two": _other(key)}
        reasons = await race.reasons(
            *(
                teams.any.organizations.create(ada, one, name, None)
                for name, one in names.items()
                for _ in range(2)
            )
        )
        assert reasons in (
            ["", "", *["IDEMPOTENCY_KEY_REUSED"] * 2],
            ["IDEMPOTENCY_KEY_REUSED"] * 2 + ["", ""],
        )
        listed = (await teams.any.tenants.list(ada, 10, "")).memberships
        (made,) = [one.tenant.name for one in listed if not one.member.in_self_tenant]
        assert made == ("Two" if reasons[0] else "One")
