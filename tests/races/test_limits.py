"""Limits hold exactly when concurrent calls compete for the last places."""

from uuid import UUID

from kernel.identity.callers import Caller, Role
from tests.races.conftest import Open, Teams
from tests.races.race import Race
from tests.services.tenants.harness import EMAIL, call, person

LIMIT, EXCESS = 3, 3


async def _tokens(teams: Teams, owner: Caller, tenant_id: UUID, count: int) -> list[str]:
    return [
        (
            await teams.any.invitations.create(
                call(owner, tenant_id), f"{number}@Example.com", Role.MEMBER
            )
        ).token
        for number in range(count)
    ]


async def test_members_of_an_organization(open_teams: Open, race: Race) -> None:
    """As many users join as the limit leaves beside the owner; other invitations stay pending."""
    teams = open_teams(MEMBERS_PER_TENANT=str(1 + LIMIT))
    for _ in race.rounds():
        ada = person()
        acme = await teams.any.found(ada)
        tokens = await _tokens(teams, ada, acme, LIMIT + EXCESS)
        people = [person() for _ in tokens]
        reasons = await race.reasons(
            *(
                teams.any.acceptance.accept(call(one), token)
                for one, token in zip(people, tokens, strict=True)
            )
        )
        assert sorted(reasons) == [""] * LIMIT + ["MEMBER_LIMIT_REACHED"] * EXCESS
        assert len((await teams.any.members.list(call(ada, acme), 10, "")).items) == 1 + LIMIT
        assert len((await teams.any.invitations.list(call(ada, acme), 10, "")).items) == EXCESS


async def test_members_while_some_leave(open_teams: Open, race: Race) -> None:
    """No more users join than members leave at the same time, so the limit holds."""
    teams = open_teams(MEMBERS_PER_TENANT=str(1 + LIMIT))
    for _ in race.rounds():
        ada = person()
        acme = await teams.any.found(ada)
        some = [await teams.any.join(acme) for _ in range(LIMIT)]
        tokens = await _tokens(teams, ada, acme, LIMIT)
        leaves = [
            teams.any.members.remove(call(one, acme), one.user_id) for one in some[: LIMIT - 1]
        ]
        acceptances = [teams.any.acceptance.accept(call(person()), token) for token in tokens]
        reasons = await race.reasons(*leaves, *acceptances)
        assert reasons[: LIMIT - 1] == [""] * (LIMIT - 1)
        joined = reasons[LIMIT - 1 :].count("")
        assert joined < LIMIT
        members = (await teams.any.members.list(call(ada, acme), 10, "")).items
        assert len(members) == 2 + joined
        assert set(reasons) <= {"", "MEMBER_LIMIT_REACHED"}


async def test_invitations_of_an_organization(open_teams: Open, race: Race) -> None:
    """As many invitations are created as the limit allows."""
    teams = open_teams(INVITATIONS_PER_TENANT=str(LIMIT))
    for _ in race.rounds():
        ada = person()
        acme = await teams.any.found(ada)
        emails = [f"{number}@Example.com" for number in range(LIMIT + EXCESS)]
        reasons = await race.reasons(
            *(teams.any.invitations.create(call(ada, acme), email, Role.MEMBER) for email in emails)
        )
        assert sorted(reasons) == [""] * LIMIT + ["INVITATION_LIMIT_REACHED"] * EXCESS
        listed = (await teams.any.invitations.list(call(ada, acme), 10, "")).items
        invited = {email for email, reason in zip(emails, reasons, strict=True) if not reason}
        assert {one.email for one in listed} == invited


async def test_invitations_of_one_address(teams: Teams, race: Race) -> None:
    """One of several concurrent invitations of an address succeeds, in any letter case."""
    for _ in race.rounds():
        ada = person()
        acme = await teams.any.found(ada)
        reasons = await race.reasons(
            *(
                teams.any.invitations.create(call(ada, acme), email, Role.MEMBER)
                for email in (EMAIL, EMAIL.lower(), EMAIL.upper(), EMAIL)
            )
        )
        assert sorted(reasons) == ["", *["INVITATION_EXISTS"] * 3]
        assert len((await teams.any.invitations.list(call(ada, acme), 10, "")).items) == 1


async def test_organizations_of_a_user(open_teams: Open, race: Race) -> None:
    """Created and joined organizations both count against the user's limit."""
    teams = open_teams(TENANTS_PER_USER=str(LIMIT))
    for _ in race.rounds():
        bob, tokens = person(), []
        for _ in range(LIMIT):
            ada = person()
            tokens += await _tokens(teams, ada, await teams.any.found(ada), 1)
        reasons = await race.reasons(
            *(teams.any.organizations.create(call(bob), "Acme", None) for _ in range(EXCESS)),
            *(teams.any.acceptance.accept(call(bob), token) for token in tokens),
        )
        assert sorted(reasons) == [""] * LIMIT + ["TENANT_LIMIT_REACHED"] * EXCESS
        listed = (await teams.any.tenants.list(call(bob), 10, "")).items
        assert sum(not one.member.in_self_tenant for one in listed) == LIMIT
