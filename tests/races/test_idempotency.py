"""Concurrent retries of one request under one idempotency key."""

from collections.abc import Iterable
from typing import Any

from kernel.identity.callers import Role
from tests.races.conftest import Teams
from tests.races.race import Attempt, Race
from tests.services.tenants.harness import EMAIL, call, person

MANY = 5


async def _answer(race: Race, calls: Iterable[Attempt]) -> Any:
    """Runs the calls concurrently, checks that all answers are equal, and returns the answer."""
    first, *others = await race.run(*calls)
    assert others == [first] * (MANY - 1)
    return first


async def test_concurrent_creates_make_one_organization(teams: Teams, race: Race) -> None:
    """One organization is created, and every call returns it."""
    for number in race.rounds():
        ada = person()
        owner = call(ada, key=f"create {number}")
        creates = (teams.any.organizations.create(owner, "Acme", None) for _ in range(MANY))
        made = await _answer(race, creates)
        listed = (await teams.any.tenants.list(call(ada), 10, "")).items
        assert [one for one in listed if not one.member.in_self_tenant] == [made]
        actions = [entry.action for entry in await teams.any.noted(ada, made.tenant.tenant_id)]
        assert actions == ["tenant.created"]


async def test_concurrent_invites_make_one_invitation(teams: Teams, race: Race) -> None:
    """One invitation is created, and every call returns its one valid token."""
    for number in race.rounds():
        ada = person()
        owner = call(ada, await teams.any.found(ada), key=f"invite {number}")
        creates = (teams.any.invitations.create(owner, EMAIL, Role.MEMBER) for _ in range(MANY))
        issued = await _answer(race, creates)
        listed = (await teams.any.invitations.list(owner, 10, "")).items
        assert listed == [issued.invitation]
        actions = [entry.action for entry in await teams.any.noted(ada, owner.tenant_id)]
        assert actions == ["tenant.created", "invitation.created"]
        await teams.any.acceptance.accept(call(person()), issued.token)


async def test_concurrent_acceptances_make_one_membership(teams: Teams, race: Race) -> None:
    """One membership is created, and every call returns it, although the token is spent."""
    for number in race.rounds():
        ada, bob = person(), call(person(), key=f"accept {number}")
        owner = call(ada, await teams.any.found(ada))
        token = (await teams.any.invitations.create(owner, EMAIL, Role.ADMIN)).token
        accepts = (teams.any.acceptance.accept(bob, token) for _ in range(MANY))
        joined = await _answer(race, accepts)
        assert await teams.any.membership(owner.tenant_id, bob.caller.user_id) == joined
        actions = [entry.action for entry in await teams.any.noted(ada, owner.tenant_id)]
        assert actions == ["tenant.created", "invitation.created", "member.joined"]


async def test_two_requests_under_one_key(teams: Teams, race: Race) -> None:
    """Every call of one request succeeds, and every call of the other request is refused."""
    for number in race.rounds():
        ada, key = person(), f"both {number}"
        calls = {"One": call(ada, key=key), "Two": call(ada, key=key, digest=b"other")}
        reasons = await race.reasons(
            *(
                teams.any.organizations.create(one, name, None)
                for name, one in calls.items()
                for _ in range(2)
            )
        )
        assert reasons in (
            ["", "", *["IDEMPOTENCY_KEY_REUSED"] * 2],
            ["IDEMPOTENCY_KEY_REUSED"] * 2 + ["", ""],
        )
        listed = (await teams.any.tenants.list(call(ada), 10, "")).items
        (made,) = [one.tenant.name for one in listed if not one.member.in_self_tenant]
        assert made == ("Two" if reasons[0] else "One")
