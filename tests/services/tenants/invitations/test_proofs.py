"""The role of an invitation goes to who proves its address; anyone else is promised it."""

from dataclasses import replace
from uuid import UUID

import pytest

from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from services.tenants.invitations.model import EmailProofTask, NewInvitation
from services.tenants.memberships.model import Member, Profile, RolePromise
from services.tenants.revocations.model import AccessRevocation
from tests.services.tenants.harness import EMAIL, TenantsHarness, call, person, profile_of
from tests.support.clock import START
from tests.support.store import dump

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER
ADDRESS = EMAIL.lower()


def bob_of(harness: TenantsHarness, *, proved: bool) -> Caller:
    """A new user with the invited address."""
    bob = person()
    harness.profiles.told[bob.user_id] = Profile(EMAIL.upper(), ADDRESS, "Bob Roberts")
    if proved:
        harness.profiles.proved.add(bob.user_id)
    return bob


async def joined(harness: TenantsHarness, bob: Caller, token: str) -> Member:
    """A new member, by that token."""
    return (await harness.acceptance.accept(call(bob), token)).member


async def promised(harness: TenantsHarness, bob: Caller, new: NewInvitation) -> Member:
    """A new member, who is promised the role of the invitation."""
    member = await joined(harness, bob, new.token)
    assert (member.role, member.promise is None) == (MEMBER, False)
    return member


async def role_of(harness: TenantsHarness, tenant_id: UUID, bob: Caller) -> Role:
    """The role in the store."""
    member = await harness.member(tenant_id, bob.user_id)
    assert member is not None
    return member.role


async def last_detail(harness: TenantsHarness, ada: Caller, acme: UUID) -> tuple[str, str]:
    """Action and detail of the last audit entry, without the id of the invitation."""
    entry = (await harness.noted(ada, acme))[-1]
    return entry.action, " ".join(word for word in entry.detail.split() if len(word) < 36)


async def test_the_answer_and_the_email_have_different_tokens(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Neither a repeat nor a resend answers with the token in the email, and both are renewed."""
    keyed = call(ada, acme, key="key")
    first = await harness.invitations.create(keyed, EMAIL, ADMIN)
    emailed = await harness.emailed_token(first)
    assert await harness.invitations.create(keyed, EMAIL, ADMIN) == first
    again = await harness.invitations.resend(call(ada, acme), first.invitation.invitation_id)
    assert len({first.token, emailed, again.token, await harness.emailed_token(again)}) == 4
    assert emailed.encode() not in await dump(store)


@pytest.mark.parametrize("proved", [True, False])
@pytest.mark.parametrize("invited", [True, False])
async def test_the_token_from_the_email_gives_any_user_the_role(
    harness: TenantsHarness, new_invitation: NewInvitation, *, invited: bool, proved: bool
) -> None:
    """Auth is told of the proof if the address is the user's own and was not proved before."""
    bob = bob_of(harness, proved=proved) if invited else person()
    member = await joined(harness, bob, await harness.emailed_token(new_invitation))
    assert (member.role, member.promise) == (ADMIN, None)
    told = [EmailProofTask(bob.user_id, ADDRESS)] if invited and not proved else []
    assert await harness.email_proofs() == told


async def test_a_user_with_the_proved_address_gets_the_role_with_either_token(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """The spelling of the address does not matter; nothing is left for auth to learn."""
    bob = bob_of(harness, proved=True)
    member = await joined(harness, bob, new_invitation.token)
    assert (member.role, member.promise) == (ADMIN, None)
    assert await harness.email_proofs() == []
    assert await last_detail(harness, ada, acme) == (
        "member.joined",
        "admin by invitation with the proved address",
    )


@pytest.mark.parametrize("who", ["unproved", "proved another", "another"])
async def test_the_token_from_the_answer_makes_anyone_else_a_member_at_most(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation, who: str
) -> None:
    """The membership keeps the promised role; auth is asked whether the address is proved by then."""
    bob = bob_of(harness, proved=False) if who == "unproved" else person()
    if who == "proved another":
        harness.profiles.proved.add(bob.user_id)
    member = await joined(harness, bob, new_invitation.token)
    invitation_id = new_invitation.invitation.invitation_id
    assert member.promise == RolePromise(ADMIN, ADDRESS, ada.user_id, invitation_id)
    assert (member.role, await harness.member(acme, bob.user_id)) == (MEMBER, member)
    assert await harness.email_proofs() == [EmailProofTask(bob.user_id, None)]
    assert await last_detail(harness, ada, acme) == (
        "member.joined",
        "member by invitation without a proof of the address, admin once it is proved",
    )


async def test_a_role_of_member_waits_for_nothing(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The log says that the address was not proved."""
    made = await harness.invitations.create(call(ada, acme), EMAIL, MEMBER)
    member = await joined(harness, person(), made.token)
    assert (member.role, member.promise, await harness.email_proofs()) == (MEMBER, None, [])
    assert await last_detail(harness, ada, acme) == (
        "member.joined",
        "member by invitation without a proof of the address",
    )


async def test_a_promised_role_is_given_with_the_proof_of_the_invited_address(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """Once, like any change of a role: tokens of before are revoked, sessions stay, it is logged."""
    bob = person()
    await promised(harness, bob, new_invitation)
    await harness.promises.keep(bob.user_id, profile_of(bob.user_id).normalized_email)
    await harness.promises.keep(person().user_id, ADDRESS)
    assert await role_of(harness, acme, bob) == MEMBER
    for _ in range(2):
        await harness.promises.keep(bob.user_id, ADDRESS)
        member = await harness.member(acme, bob.user_id)
        assert member is not None
        assert (member.role, member.promise) == (ADMIN, None)
    assert await harness.token_revocations() == [AccessRevocation(acme, bob.user_id, 1)]
    assert await harness.session_revocations() == []
    assert await last_detail(harness, ada, acme) == (
        "member.role_changed",
        "admin by invitation with the proved address",
    )
    entry = (await harness.noted(ada, acme))[-1]
    assert (entry.user_id, entry.target) == (None, bob.user_id)


async def test_a_proof_gives_the_promised_roles_of_all_organizations(
    harness: TenantsHarness,
) -> None:
    """However many they are; roles that wait for another address go on waiting."""
    bob, places = person(), []
    for number in range(60):
        ada = person()
        places.append(await harness.found(ada))
        address = "other@example.com" if number == 7 else ADDRESS
        promise = RolePromise(OWNER, address, ada.user_id, UUID(int=number, version=4))
        profile = profile_of(bob.user_id)
        await harness.put(Member(places[-1], bob.user_id, MEMBER, START, profile, promise))
    await harness.promises.keep(bob.user_id, ADDRESS)
    roles = [await role_of(harness, place, bob) for place in places]
    assert [number for number, role in enumerate(roles) if role != OWNER] == [7]


@pytest.mark.parametrize("how", ["removed", "left", "demoted", "erased"])
async def test_a_promise_ends_with_the_authority_of_its_inviter(
    harness: TenantsHarness, ada: Caller, acme: UUID, how: str
) -> None:
    """The member stays one, and the log says that the role was not given."""
    carol, bob = await harness.join(acme, ADMIN), person()
    await promised(harness, bob, await harness.invitations.create(call(carol, acme), EMAIL, ADMIN))
    if how == "erased":
        await harness.erasure.erase(carol.user_id)
    elif how == "demoted":
        await harness.members.update(call(ada, acme), carol.user_id, MEMBER)
    else:
        by = ada if how == "removed" else carol
        await harness.members.remove(call(by, acme), carol.user_id)
    epoch = await harness.epoch(acme)
    await harness.promises.keep(bob.user_id, ADDRESS)
    member = await harness.member(acme, bob.user_id)
    assert member is not None
    assert (member.role, member.promise, await harness.epoch(acme)) == (MEMBER, None, epoch)
    if how != "erased":
        assert await last_detail(harness, ada, acme) == (
            "member.promise_lapsed",
            "admin by invitation with the proved address",
        )


@pytest.mark.parametrize("role", [MEMBER, ADMIN])
async def test_a_role_given_by_an_admin_takes_the_place_of_a_promised_one(
    harness: TenantsHarness, ada: Caller, acme: UUID, role: Role
) -> None:
    """Even the role that the member has; only another role revokes tokens. Both are logged."""
    bob = person()
    await promised(harness, bob, await harness.invitations.create(call(ada, acme), EMAIL, OWNER))
    changed = await harness.members.update(call(ada, acme), bob.user_id, role)
    assert (changed.role, changed.promise) == (role, None)
    assert await harness.epoch(acme) == (role != MEMBER)
    assert await last_detail(harness, ada, acme) == ("member.role_changed", str(role))
    await harness.promises.keep(bob.user_id, ADDRESS)
    assert await role_of(harness, acme, bob) == role


async def test_a_promise_ends_with_the_membership(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """A member who has left and was invited again, as a member, is one with the proof, too."""
    bob = person()
    await promised(harness, bob, new_invitation)
    await harness.members.remove(call(bob, acme), bob.user_id)
    again = await harness.invitations.create(call(ada, acme), EMAIL, MEMBER)
    await joined(harness, bob, again.token)
    await harness.promises.keep(bob.user_id, ADDRESS)
    assert await role_of(harness, acme, bob) == MEMBER


async def test_a_change_of_the_profile_keeps_a_promise(
    harness: TenantsHarness, acme: UUID, new_invitation: NewInvitation
) -> None:
    """The member proves the address after a change of the name."""
    bob = person()
    await promised(harness, bob, new_invitation)
    await harness.rename(bob.user_id, "Robert", 1)
    await harness.promises.keep(bob.user_id, ADDRESS)
    assert await role_of(harness, acme, bob) == ADMIN


async def test_a_successor_keeps_no_promise(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """A member who becomes the owner does not become an admin by a later proof."""
    bob = person()
    await promised(harness, bob, new_invitation)
    await harness.erasure.erase(ada.user_id)
    await harness.promises.keep(bob.user_id, ADDRESS)
    assert await role_of(harness, acme, bob) == OWNER


async def test_a_stranger_with_the_invited_address_gets_nothing_that_lasts(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """A stranger registered the address, and got the token of the answer; then its owner proves it.

    The proof starts the account over: the stranger's account is erased, and the owner has another id.
    """
    stranger = bob_of(harness, proved=False)
    await promised(harness, stranger, new_invitation)
    await harness.erasure.erase(stranger.user_id)
    await harness.promises.keep(stranger.user_id, ADDRESS)
    assert await harness.member(acme, stranger.user_id) is None
    bob = bob_of(harness, proved=True)
    assert await harness.member(acme, bob.user_id) is None
    again = await harness.invitations.create(call(ada, acme), EMAIL, ADMIN)
    assert (await joined(harness, bob, again.token)).role == ADMIN


async def test_a_repeated_acceptance_tells_auth_once(
    harness: TenantsHarness, new_invitation: NewInvitation
) -> None:
    """A repeat shows the member as it is by then, with the promised role or the given one."""
    bob = bob_of(harness, proved=False)
    keyed = call(bob, key="key")
    first = await harness.acceptance.accept(keyed, new_invitation.token)
    assert await harness.acceptance.accept(keyed, new_invitation.token) == first
    assert len(await harness.email_proofs()) == 1
    await harness.promises.keep(bob.user_id, ADDRESS)
    again = await harness.acceptance.accept(keyed, new_invitation.token)
    assert again.member == replace(first.member, role=ADMIN, promise=None)
