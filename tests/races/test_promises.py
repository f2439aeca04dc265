"""The proof of an address races what gives, takes and changes the role that waits for it."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import pytest

from kernel.identity.callers import Caller, Role
from services.tenants.invitations.model import NewInvitation
from services.tenants.memberships.model import Profile
from tests.races.conftest import Teams
from tests.races.race import Attempt, Race
from tests.services.tenants.harness import EMAIL, TenantsHarness, call, person

ADDRESS = EMAIL.lower()


class Waiting(NamedTuple):
    """Bob waits in Ada's organization for the role that Carol has promised."""

    ada: Caller
    acme: UUID
    carol: Caller
    bob: Caller

    async def given(self, teams: Teams) -> int:
        """How often the log says that the promised role was given."""
        log = await teams.any.noted(self.ada, self.acme)
        changed = [one.detail for one in log if one.action == "member.role_changed"]
        return len([detail for detail in changed if "by invitation" in detail])

    async def lapsed(self, teams: Teams) -> int:
        """How often the log says that it was not given."""
        log = await teams.any.noted(self.ada, self.acme)
        return [one.action for one in log].count("member.promise_lapsed")


OTHERS: dict[str, Callable[[TenantsHarness, Waiting], Attempt]] = {
    "the inviter is demoted": lambda parts, who: parts.members.update(
        call(who.ada, who.acme), who.carol.user_id, Role.MEMBER
    ),
    "the inviter is removed": lambda parts, who: parts.members.remove(
        call(who.ada, who.acme), who.carol.user_id
    ),
    "the inviter is erased": lambda parts, who: parts.erasure.erase(who.carol.user_id),
    "the member leaves": lambda parts, who: parts.members.remove(
        call(who.bob, who.acme), who.bob.user_id
    ),
    "an owner gives a role": lambda parts, who: parts.members.update(
        call(who.ada, who.acme), who.bob.user_id, Role.OWNER
    ),
    "a third proof": lambda parts, who: parts.promises.keep(who.bob.user_id, ADDRESS),
}


async def _waiting(teams: Teams) -> Waiting:
    ada, bob = person(), person()
    acme = await teams.any.found(ada)
    carol = await teams.any.join(acme, Role.ADMIN)
    issued = await teams.any.invitations.create(call(carol, acme), EMAIL, Role.ADMIN)
    await teams.any.acceptance.accept(call(bob), issued.token)
    return Waiting(ada, acme, carol, bob)


@pytest.mark.parametrize("what", OTHERS)
async def test_a_promise_is_kept_or_dropped_once(teams: Teams, race: Race, what: str) -> None:
    """Two proofs at once, and a change of the inviter or of the member; nothing is refused."""
    for _ in race.rounds():
        who = await _waiting(teams)
        reasons = await race.reasons(
            teams.any.promises.keep(who.bob.user_id, ADDRESS),
            teams.any.promises.keep(who.bob.user_id, ADDRESS),
            OTHERS[what](teams.any, who),
        )
        assert reasons == ["", "", ""]
        given, lapsed = await who.given(teams), await who.lapsed(teams)
        assert given + lapsed <= 1
        member = await teams.any.member(who.acme, who.bob.user_id)
        if what == "the member leaves":
            assert member is None
            continue
        assert member is not None
        assert member.promise is None
        if what == "an owner gives a role":
            assert (member.role, lapsed) == (Role.OWNER, 0)
        else:
            assert member.role == (Role.ADMIN if given else Role.MEMBER)
        if what == "a third proof":
            assert (given, await teams.any.epoch(who.acme)) == (1, 1)


async def test_an_acceptance_races_the_proof(teams: Teams, race: Race) -> None:
    """Whether auth's message comes before, during or after it: the member gets the role in the end.

    The message finds no promise if it comes first; the question that the acceptance has queued then
    finds the proof.
    """
    for _ in race.rounds():
        ada, bob, parts = person(), person(), teams.any
        acme = await parts.found(ada)
        issued = await parts.invitations.create(call(ada, acme), EMAIL, Role.ADMIN)
        parts.profiles.told[bob.user_id] = Profile(EMAIL, ADDRESS, "Bob")
        await race.run(_accept(parts, bob, issued), _prove(parts, bob))
        for task in await parts.email_proofs():
            if task == (bob.user_id, None):
                await parts.promises.keep(bob.user_id, ADDRESS)
        member = await parts.member(acme, bob.user_id)
        assert member is not None
        assert (member.role, member.promise) == (Role.ADMIN, None)


def _accept(parts: TenantsHarness, bob: Caller, issued: NewInvitation) -> Attempt:
    return parts.acceptance.accept(call(bob), issued.token)


async def _prove(parts: TenantsHarness, bob: Caller) -> None:
    """Bob proves the address, and auth's message about it arrives."""
    parts.profiles.proved.add(bob.user_id)
    await parts.promises.keep(bob.user_id, ADDRESS)
