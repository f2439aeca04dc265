"""Concurrent acceptances of one invitation token admit exactly one member."""

from dataclasses import replace

import pytest

from kernel.identity.callers import Role
from tests.races.conftest import Teams
from tests.races.race import Race
from tests.services.tenants.harness import EMAIL, call, person


@pytest.mark.parametrize("many", [2, 5])
@pytest.mark.parametrize("same", [False, True], ids=["different", "same"])
async def test_one_acceptance_succeeds(teams: Teams, race: Race, many: int, same: bool) -> None:
    """One of the concurrent acceptances succeeds, and the token is spent afterwards."""
    for _ in race.rounds():
        ada = person()
        acme = await teams.any.found(ada)
        issued = await teams.any.invitations.create(call(ada, acme), EMAIL, Role.MEMBER)
        bob = person()
        bobs = [bob] * many if same else [bob, *(person() for _ in range(many - 1))]
        reasons = await race.reasons(
            *(teams.any.acceptance.accept(call(one), issued.token) for one in bobs)
        )
        assert sorted(reasons) == ["", *["INVITATION_NOT_FOUND"] * (many - 1)]
        joined = bobs[reasons.index("")].user_id
        members = (await teams.any.members.list(call(ada, acme), 10, "")).items
        assert {one.user_id for one in members} == {ada.user_id, joined}
        again = await race.reasons(teams.any.acceptance.accept(call(person()), issued.token))
        assert again == ["INVITATION_NOT_FOUND"]
        actions = [entry.action for entry in await teams.any.noted(ada, acme)]
        assert actions == ["tenant.created", "invitation.created", "member.joined"]
    assert await teams.any.invitation_rows() == []


async def test_two_invitations_of_one_user(teams: Teams, race: Race) -> None:
    """A user who accepts two invitations concurrently joins once; the other stays valid."""
    for _ in race.rounds():
        ada, bob = person(), person()
        acme = await teams.any.found(ada)
        ada_call = call(ada, acme)
        tokens = [
            (await teams.any.invitations.create(ada_call, f"{n}@Example.com", role)).token
            for n, role in enumerate((Role.MEMBER, Role.ADMIN))
        ]
        reasons = await race.reasons(
            *(teams.any.acceptance.accept(call(bob), token) for token in tokens)
        )
        assert sorted(reasons) == ["", "MEMBER_EXISTS"]
        await teams.any.acceptance.accept(call(person()), tokens[reasons.index("MEMBER_EXISTS")])
        listed = await teams.any.members.list(call(replace(bob), acme), 10, "")
        assert len(listed.items) == 3
