"""Limits are exact: of those who come at once, as many get in as there is room for."""

from uuid import UUID

from kernel.identity.callers import Caller, Role
from tests.races.conftest import Open, Teams
from tests.races.contest import Contest
from tests.services.tenants.harness import ACT, EMAIL, call, person

ROOM, MORE = 3, 3


async def _tokens(teams: Teams, owner: Caller, tenant_id: UUID, count: int) -> list[str]:
    return [
        (
            await teams.any.invitations.create(
                call(owner, tenant_id), ACT, f"{number}@Example.com", Role.MEMBER
            )
        ).token
        for number in range(count)
    ]


async def test_members(open_teams: Open, contest: Contest) -> None:
    """Of an organization, with its owner; the invitations of those left over stay good."""
    teams = open_teams(MEMBERS_PER_TENANT=str(1 + ROOM))
    for _ in contest.rounds():
        ada = person()
        acme = await teams.any.found(ada)
        tokens = await _tokens(teams, ada, acme, ROOM + MORE)
        people = [person() for _ in tokens]
        reasons = await contest.reasons(
            *(
                teams.any.acceptance.accept(one, ACT, token)
                for one, token in zip(people, tokens, strict=True)
            )
        )
        assert sorted(reasons) == [""] * ROOM + ["MEMBER_LIMIT_REACHED"] * MORE
        assert len((await teams.any.members.list(call(ada, acme), 10, "")).members) == 1 + ROOM
        assert len((await teams.any.invitations.list(call(ada, acme), 10, "")).invitations) == MORE


async def test_members_while_some_leave(open_teams: Open, contest: Contest) -> None:
    """Who leaves makes room for one, and for no more than one."""
    teams = open_teams(MEMBERS_PER_TENANT=str(1 + ROOM))
    for _ in contest.rounds():
        ada = person()
        acme = await teams.any.found(ada)
        some = [await teams.any.join(acme) for _ in range(ROOM)]
        tokens = await _tokens(teams, ada, acme, ROOM)
        goings = [
            teams.any.members.remove(call(one, acme), ACT, one.user_id) for one in some[: ROOM - 1]
        ]
        comings = [teams.any.acceptance.accept(person(), ACT, token) for token in tokens]
        reasons = await contest.reasons(*goings, *comings)
        assert reasons[: ROOM - 1] == [""] * (ROOM - 1)
        joined = reasons[ROOM - 1 :].count("")
        assert joined < ROOM
        members = (await teams.any.members.list(call(ada, acme), 10, "")).members
        assert len(members) == 2 + joined
        assert set(reasons) <= {"", "MEMBER_LIMIT_REACHED"}


async def test_invitations(open_teams: Open, contest: Contest) -> None:
    """Of an organization."""
    teams = open_teams(INVITATIONS_PER_TENANT=str(ROOM))
    for _ in contest.rounds():
        ada = person()
        acme = await teams.any.found(ada)
        emails = [f"{number}@Example.com" for number in range(ROOM + MORE)]
        reasons = await contest.reasons(
            *(
                teams.any.invitations.create(call(ada, acme), ACT, email, Role.MEMBER)
                for email in emails
            )
        )
        assert sorted(reasons) == [""] * ROOM + ["INVITATION_LIMIT_REACHED"] * MORE
        listed = (await teams.any.invitations.list(call(ada, acme), 10, "")).invitations
        invited = {email for email, reason in zip(emails, reasons, strict=True) if not reason}
        assert {one.email for one in listed} == invited


async def test_invitations_of_one_address(teams: Teams, contest: Contest) -> None:
    """However it is spelt there is one at a time."""
    for _ in contest.rounds():
        ada = person()
        acme = await teams.any.found(ada)
        reasons = await contest.reasons(
            *(
                teams.any.invitations.create(call(ada, acme), ACT, email, Role.MEMBER)
                for email in (EMAIL, EMAIL.lower(), EMAIL.upper(), EMAIL)
            )
        )
        assert sorted(reasons) == ["", *["INVITATION_EXISTS"] * 3]
        assert len((await teams.any.invitations.list(call(ada, acme), 10, "")).invitations) == 1


async def test_organizations_of_a_user(open_teams: Open, contest: Contest) -> None:
    """Whether they are made or joined."""
    teams = open_teams(TENANTS_PER_USER=str(ROOM))
    for _ in contest.rounds():
        bob, tokens = person(), []
        for _ in range(ROOM):
            ada = person()
            tokens += await _tokens(teams, ada, await teams.any.found(ada), 1)
        reasons = await contest.reasons(
            *(teams.any.organizations.create(bob, ACT, "Acme", None) for _ in range(MORE)),
            *(teams.any.acceptance.accept(bob, ACT, token) for token in tokens),
        )
        assert sorted(reasons) == [""] * ROOM + ["TENANT_LIMIT_REACHED"] * MORE
        listed = (await teams.any.tenants.list(bob, 10, "")).memberships
        assert sum(not one.member.in_self_tenant for one in listed) == ROOM
