"""Creating, accepting, withdrawing and resending one invitation concurrently."""

from typing import NamedTuple

from kernel.identity.callers import Role
from tests.races.conftest import Teams
from tests.races.race import Race, explained, reason_of
from tests.services.tenants.harness import EMAIL, call, person, profile_of


class State(NamedTuple):
    """The state of one email address in an organization."""

    joined: bool
    invitation: str
    """The pending invitation: `old`, `new` or none."""
    token: str
    """The valid token: `first`, `resent`, `new` or none."""


BEGIN = State(joined=False, invitation="old", token="first")
DELETED = "INVITATION_NOT_FOUND"


def invite(seen: State) -> tuple[str, State]:
    """Invites the same address again."""
    if seen.joined:
        return "MEMBER_EXISTS", seen
    if seen.invitation:
        return "INVITATION_EXISTS", seen
    return "", State(joined=False, invitation="new", token="new")


def accept(seen: State) -> tuple[str, State]:
    """Accepts with the first token."""
    if seen.token != "first":
        return DELETED, seen
    return "", State(joined=True, invitation="", token="")


def withdraw(seen: State) -> tuple[str, State]:
    """Withdraws the first invitation."""
    if seen.invitation != "old":
        return DELETED, seen
    return "", seen._replace(invitation="", token="")


def resend(seen: State) -> tuple[str, State]:
    """Resends the first invitation, which replaces its token."""
    if seen.invitation != "old":
        return DELETED, seen
    return "", seen._replace(token="resent")


async def test_results_match_some_order(teams: Teams, race: Race) -> None:
    """A sequential order explains every result and which token is valid at the end."""
    for _ in race.rounds():
        ada, bob = person(), person()
        acme, email = await teams.any.found(ada), profile_of(bob.user_id).email
        owner, role = call(ada, acme), Role.MEMBER
        old = await teams.any.invitations.create(owner, email, role)
        old_id = old.invitation.invitation_id
        results = await race.run(
            teams.any.invitations.create(owner, email, role),
            teams.any.acceptance.accept(call(bob), old.token),
            teams.any.invitations.withdraw(owner, old_id),
            teams.any.invitations.resend(owner, old_id),
        )
        reasons = [reason_of(result) for result in results]
        listed = (await teams.any.invitations.list(owner, 10, "")).items
        waiting = ["old" if one.invitation_id == old_id else "new" for one in listed]
        tokens = {"first": old.token}
        tokens |= {} if reasons[0] else {"new": results[0].token}
        tokens |= {} if reasons[3] else {"resent": results[3].token}
        valid = await _valid(teams, tokens)
        joined = await teams.any.member(acme, bob.user_id) is not None
        end = State(joined, "".join(waiting), "".join(valid))
        moves = (invite, accept, withdraw, resend)
        assert explained(BEGIN, moves, reasons, end), (reasons, end)


class InvitationState(NamedTuple):
    """Whose authority an invitation has, and whether it was accepted."""

    by: str
    """`bob`, who created it, `ada`, who resent it, or empty when it is gone."""
    bob: bool
    """Whether Bob is still a member."""
    joined: bool


def accept_of_bob(state: InvitationState) -> tuple[str, InvitationState]:
    """Accepts with the token that Bob created."""
    if state.by != "bob" or not state.bob:
        return DELETED, state
    return "", state._replace(by="", joined=True)


def remove_bob(state: InvitationState) -> tuple[str, InvitationState]:
    """Ada removes Bob."""
    return "", state._replace(bob=False)


def resend_by_ada(state: InvitationState) -> tuple[str, InvitationState]:
    """Ada resends the invitation, which gives it a new token and her authority."""
    return (DELETED, state) if not state.by else ("", state._replace(by="ada"))


async def test_a_removed_inviter_cannot_admit_a_member(teams: Teams, race: Race) -> None:
    """The first token is refused once Ada has removed its inviter or resent the invitation."""
    for _ in race.rounds():
        ada, eve = person(), person()
        acme = await teams.any.found(ada)
        bob = await teams.any.join(acme, Role.ADMIN)
        bob_call = call(bob, acme, token=Role.ADMIN)
        issued = await teams.any.invitations.create(bob_call, EMAIL, Role.ADMIN)
        invitation_id = issued.invitation.invitation_id
        reasons = await race.reasons(
            teams.any.acceptance.accept(call(eve), issued.token),
            teams.any.members.remove(call(ada, acme), bob.user_id),
            teams.any.invitations.resend(call(ada, acme), invitation_id),
        )
        listed = (await teams.any.invitations.list(call(ada, acme), 10, "")).items
        by = "".join("bob" if one.inviter_id == bob.user_id else "ada" for one in listed)
        joined = await teams.any.member(acme, eve.user_id) is not None
        moves = (accept_of_bob, remove_bob, resend_by_ada)
        begin, end = (
            InvitationState("bob", bob=True, joined=False),
            InvitationState(by, bob=False, joined=joined),
        )
        assert explained(begin, moves, reasons, end), (reasons, end)


async def _valid(teams: Teams, tokens: dict[str, str]) -> list[str]:
    """The names of the tokens that a stranger can accept."""
    single = Race(0, 1)
    return [
        name
        for name, token in tokens.items()
        if await single.reasons(teams.any.acceptance.accept(call(person()), token)) == [""]
    ]
