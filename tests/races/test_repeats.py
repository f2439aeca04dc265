"""A change that is sent several times at once, under one key."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from kernel.identity.callers import Role
from services.tenants.memberships.model import Act
from tests.races.conftest import Teams
from tests.races.contest import Call, Contest
from tests.services.tenants.harness import ACT, DEVICE, EMAIL, act, call, person

MANY = 5


async def _answer(contest: Contest, calls: Iterable[Call]) -> Any:
    """The one answer of many calls at once."""
    first, *others = await contest.run(*calls)
    assert others == [first] * (MANY - 1)
    return first


def _other(one: Act) -> Act:
    """The same key with another request."""
    assert one.replay is not None
    return Act(DEVICE, replace(one.replay, digest=b"other"))


async def test_create(teams: Teams, contest: Contest) -> None:
    """One organization is made, and all are told of it."""
    for number in contest.rounds():
        ada, key = person(), act(f"create {number}")
        creates = (teams.any.organizations.create(ada, key, "Acme", None) for _ in range(MANY))
        made = await _answer(contest, creates)
        listed = (await teams.any.tenants.list(ada, 10, "")).memberships
        assert [one for one in listed if not one.member.in_self_tenant] == [made]
        actions = [entry.action for entry in await teams.any.noted(ada, made.tenant.tenant_id)]
        assert actions == ["tenant.created"]


async def test_invite(teams: Teams, contest: Contest) -> None:
    """One invitation is made, and all are told the one token, which is good."""
    for number in contest.rounds():
        ada, key = person(), act(f"invite {number}")
        ours = call(ada, await teams.any.found(ada))
        creates = (teams.any.invitations.create(ours, key, EMAIL, Role.MEMBER) for _ in range(MANY))
        issued = await _answer(contest, creates)
        listed = (await teams.any.invitations.list(ours, 10, "")).invitations
        assert listed == [issued.invitation]
        actions = [entry.action for entry in await teams.any.noted(ada, ours.tenant_id)]
        assert actions == ["tenant.created", "invitation.created"]
        await teams.any.acceptance.accept(person(), ACT, issued.token)


async def test_accept(teams: Teams, contest: Contest) -> None:
    """One membership is made, and all are told of it, though the token is spent."""
    for number in contest.rounds():
        ada, bob, key = person(), person(), act(f"accept {number}")
        ours = call(ada, await teams.any.found(ada))
        token = (await teams.any.invitations.create(ours, ACT, EMAIL, Role.ADMIN)).token
        accepts = (teams.any.acceptance.accept(bob, key, token) for _ in range(MANY))
        joined = await _answer(contest, accepts)
        assert await teams.any.membership(ours.tenant_id, bob.user_id) == joined
        actions = [entry.action for entry in await teams.any.noted(ada, ours.tenant_id)]
        assert actions == ["tenant.created", "invitation.created", "member.joined"]


async def test_two_requests_under_one_key(teams: Teams, contest: Contest) -> None:
    """One of them is done; the other is refused each time."""
    for number in contest.rounds():
        ada, key = person(), act(f"both {number}")
        names = {"One": key, "Two": _other(key)}
        reasons = await contest.reasons(
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
