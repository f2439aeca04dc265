"""An invitation that is given anew, accepted, withdrawn and sent again, all at once."""

from typing import NamedTuple

from kernel.identity.callers import Role
from tests.races.conftest import Teams
from tests.races.contest import Contest, explained, reason_of
from tests.services.tenants.harness import ACT, EMAIL, call, person, profile_of


class Seen(NamedTuple):
    """How it stands with one address."""

    joined: bool
    invitation: str
    """The one that waits: `old`, `new` or none."""
    token: str
    """The one that is good: `first`, `resent`, `new` or none."""


BEGIN = Seen(joined=False, invitation="old", token="first")
DELETED = "INVITATION_NOT_FOUND"


def invite(seen: Seen) -> tuple[str, Seen]:
    """The same address, once more."""
    if seen.joined:
        return "MEMBER_EXISTS", seen
    if seen.invitation:
        return "INVITATION_EXISTS", seen
    return "", Seen(joined=False, invitation="new", token="new")


def accept(seen: Seen) -> tuple[str, Seen]:
    """With the first token."""
    if seen.token != "first":
        return DELETED, seen
    return "", Seen(joined=True, invitation="", token="")


def withdraw(seen: Seen) -> tuple[str, Seen]:
    """The first invitation."""
    if seen.invitation != "old":
        return DELETED, seen
    return "", seen._replace(invitation="", token="")


def resend(seen: Seen) -> tuple[str, Seen]:
    """The first invitation, under another token."""
    if seen.invitation != "old":
        return DELETED, seen
    return "", seen._replace(token="resent")


async def test_there_is_an_order(teams: Teams, contest: Contest) -> None:
    """What comes of it all could have come one after the other; no other token is good."""
    for _ in contest.rounds():
        ada, bob = person(), person()
        acme, email = await teams.any.found(ada), profile_of(bob.user_id).email
        ours, role = call(ada, acme), Role.MEMBER
        old = await teams.any.invitations.create(ours, ACT, email, role)
        old_id = old.invitation.invitation_id
        results = await contest.run(
            teams.any.invitations.create(ours, ACT, email, role),
            teams.any.acceptance.accept(bob, ACT, old.token),
            teams.any.invitations.withdraw(ours, ACT, old_id),
            teams.any.invitations.resend(ours, ACT, old_id),
        )
        reasons = [reason_of(result) for result in results]
        listed = (await teams.any.invitations.list(ours, 10, "")).invitations
        waiting = ["old" if one.invitation_id == old_id else "new" for one in listed]
        tokens = {"first": old.token}
        tokens |= {} if reasons[0] else {"new": results[0].token}
        tokens |= {} if reasons[3] else {"resent": results[3].token}
        good = await _good(teams, tokens)
        joined = await teams.any.member(acme, bob.user_id) is not None
        end = Seen(joined, "".join(waiting), "".join(good))
        moves = (invite, accept, withdraw, resend)
        assert explained(BEGIN, moves, reasons, end), (reasons, end)


class Backed(NamedTuple):
    """Who stands behind an invitation, and what came of it."""

    by: str
    """`bob`, who made it, `ada`, who has sent it again, or nobody."""
    bob: bool
    """Whether Bob is there."""
    joined: bool


def accept_of_bob(backed: Backed) -> tuple[str, Backed]:
    """With the token that Bob was given."""
    if backed.by != "bob" or not backed.bob:
        return DELETED, backed
    return "", backed._replace(by="", joined=True)


def remove_bob(backed: Backed) -> tuple[str, Backed]:
    """By Ada."""
    return "", backed._replace(bob=False)


def resend_by_ada(backed: Backed) -> tuple[str, Backed]:
    """Under another token, which is hers."""
    return (DELETED, backed) if not backed.by else ("", backed._replace(by="ada"))


async def test_whoever_made_it_is_removed(teams: Teams, contest: Contest) -> None:
    """Nobody comes in by the invitation of somebody who was removed before."""
    for _ in contest.rounds():
        ada, eve = person(), person()
        acme = await teams.any.found(ada)
        bob = await teams.any.join(acme, Role.ADMIN)
        theirs = call(bob, acme, token=Role.ADMIN)
        issued = await teams.any.invitations.create(theirs, ACT, EMAIL, Role.ADMIN)
        invitation_id = issued.invitation.invitation_id
        reasons = await contest.reasons(
            teams.any.acceptance.accept(eve, ACT, issued.token),
            teams.any.members.remove(call(ada, acme), ACT, bob.user_id),
            teams.any.invitations.resend(call(ada, acme), ACT, invitation_id),
        )
        listed = (await teams.any.invitations.list(call(ada, acme), 10, "")).invitations
        by = "".join("bob" if one.inviter_id == bob.user_id else "ada" for one in listed)
        joined = await teams.any.member(acme, eve.user_id) is not None
        moves = (accept_of_bob, remove_bob, resend_by_ada)
        begin, end = Backed("bob", bob=True, joined=False), Backed(by, bob=False, joined=joined)
        assert explained(begin, moves, reasons, end), (reasons, end)


async def _good(teams: Teams, tokens: dict[str, str]) -> list[str]:
    """The names of the tokens by which a stranger gets in."""
    alone = Contest(0, 1)
    return [
        name
        for name, token in tokens.items()
        if await alone.reasons(teams.any.acceptance.accept(person(), ACT, token)) == [""]
    ]
