"""An invitation ends with the authority of who made it."""

from uuid import UUID

import pytest

from coditect.tenants.records.v1 import invitations_pb2
from kernel.identity.callers import Caller, Role
from kernel.storage import Store, Write
from services.tenants.invitations import repository as invitations
from services.tenants.invitations.errors import InvitationNotFound
from services.tenants.invitations.model import NewInvitation
from tests.services.tenants.harness import EMAIL, TenantsHarness, call, outcomes, person

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER
WAYS = ["removed", "left", "demoted", "erased"]


async def end(harness: TenantsHarness, ada: Caller, acme: UUID, bob: Caller, how: str) -> None:
    """Ends what Bob is in Ada's organization."""
    if how == "erased":
        await harness.erasure.erase(bob.user_id)
    elif how == "demoted":
        await harness.members.update(call(ada, acme), bob.user_id, MEMBER)
    else:
        by = ada if how == "removed" else bob
        await harness.members.remove(call(by, acme), bob.user_id)


async def invited(
    harness: TenantsHarness, bob: Caller, acme: UUID, role: Role = ADMIN
) -> NewInvitation:
    """An invitation of Bob's."""
    return await harness.invitations.create(call(bob, acme), EMAIL, role)


@pytest.mark.parametrize("how", WAYS)
async def test_nobody_comes_back_by_an_invitation_of_its_own(
    harness: TenantsHarness, ada: Caller, acme: UUID, how: str
) -> None:
    """Nor does anybody else come by it; the answer is that of one that never was."""
    bob = await harness.join(acme, ADMIN)
    new_invitation = await invited(harness, bob, acme)
    await end(harness, ada, acme, bob, how)
    if how == "demoted":
        await harness.members.remove(call(bob, acme), bob.user_id)
    for caller in (person(), bob):
        with pytest.raises(InvitationNotFound):
            await harness.acceptance.accept(call(caller), new_invitation.token)
    assert await harness.member(acme, bob.user_id) is None


async def test_an_owner_invites_owners_as_long_as_it_is_one(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Whoever has less than the invitation gives could not make it."""
    bob = await harness.join(acme, OWNER)
    new_invitation = await invited(harness, bob, acme, OWNER)
    await harness.members.update(call(ada, acme), bob.user_id, ADMIN)
    with pytest.raises(InvitationNotFound):
        await harness.acceptance.accept(call(person()), new_invitation.token)


async def test_a_mere_member_invites_nobody(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """An admin who is none any more has invited nobody, be it as what the admin is now."""
    bob = await harness.join(acme, ADMIN)
    new_invitation = await invited(harness, bob, acme, MEMBER)
    await harness.members.update(call(ada, acme), bob.user_id, MEMBER)
    with pytest.raises(InvitationNotFound):
        await harness.acceptance.accept(call(person()), new_invitation.token)


async def test_what_the_role_still_gives_is_good(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Of an owner who is an admin now, an invitation to be an admin."""
    bob = await harness.join(acme, OWNER)
    new_invitation = await invited(harness, bob, acme, ADMIN)
    await harness.members.update(call(ada, acme), bob.user_id, ADMIN)
    assert (
        await harness.acceptance.accept(call(person()), new_invitation.token)
    ).member.role == ADMIN


@pytest.mark.parametrize("how", ["removed", "left", "demoted"])
async def test_sent_anew_it_is_of_who_sends_it(
    harness: TenantsHarness, ada: Caller, acme: UUID, how: str
) -> None:
    """One that has ended waits until somebody takes it on, and ends with that one."""
    bob, eve = await harness.join(acme, ADMIN), await harness.join(acme, ADMIN)
    new_invitation = await invited(harness, bob, acme)
    await end(harness, ada, acme, bob, how)
    invitation_id = new_invitation.invitation.invitation_id
    again = await harness.invitations.resend(call(eve, acme), invitation_id)
    await end(harness, ada, acme, eve, how)
    with pytest.raises(InvitationNotFound):
        await harness.acceptance.accept(call(person()), again.token)
    again = await harness.invitations.resend(call(ada, acme), invitation_id)
    assert (await harness.acceptance.accept(call(person()), again.token)).member.role == ADMIN


async def test_of_nobody_it_is_good_for_nothing(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """Until somebody sends it anew."""
    key = invitations.INVITATION.key(acme, new_invitation.invitation.invitation_id)

    async def forget(tx: Write) -> None:
        record = invitations_pb2.InvitationRecord.FromString(await tx.get(key) or b"")
        record.ClearField("inviter_id")
        tx.set(key, record.SerializeToString())

    await store.write(forget)
    with pytest.raises(InvitationNotFound):
        await harness.acceptance.accept(call(person()), new_invitation.token)
    invitation_id = new_invitation.invitation.invitation_id
    again = await harness.invitations.resend(call(ada, acme), invitation_id)
    await harness.acceptance.accept(call(person()), again.token)


@pytest.mark.parametrize("how", WAYS)
async def test_accepted_while_its_inviter_goes(
    harness: TenantsHarness, ada: Caller, acme: UUID, how: str
) -> None:
    """Whoever joins has joined before that: sixty times."""
    for number in range(60):
        bob, eve = await harness.join(acme, ADMIN), person()
        new_invitation = await invited(harness, bob, acme)
        before = len(await harness.noted(ada, acme))
        both = [
            harness.acceptance.accept(call(eve), new_invitation.token),
            end(harness, ada, acme, bob, how),
        ]
        if number % 2:
            both.reverse()
        (seen,) = set(await outcomes(*both)) - {""} or {""}
        actions = [one.action for one in (await harness.noted(ada, acme))[before:]]
        if seen == "":
            assert actions[0] == "member.joined"
            await harness.members.remove(call(ada, acme), eve.user_id)
        else:
            assert seen == "INVITATION_NOT_FOUND"
            assert len(actions) == 1
            assert await harness.member(acme, eve.user_id) is None
            await clear(harness, ada, acme)


async def clear(harness: TenantsHarness, ada: Caller, acme: UUID) -> None:
    """Withdraws what waits."""
    ours = call(ada, acme)
    for one in (await harness.invitations.list(ours, 10, "")).items:
        await harness.invitations.withdraw(ours, one.invitation_id)


async def test_nothing_of_an_erased_user_waits(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """However many it has made, and wherever; those of others do."""
    bob = await harness.join(acme, ADMIN)
    other = await harness.found(bob)
    for place, count in ((acme, 150), (other, 80)):
        for number in range(count):
            email = f"{number}@Example.com"
            await harness.invitations.create(call(bob, place), email, MEMBER)
    await harness.members.remove(call(ada, acme), bob.user_id)
    await harness.erasure.erase(bob.user_id)
    listed = (await harness.invitations.list(call(ada, acme), 1000, "")).items
    assert listed == [new_invitation.invitation]
    assert len(await harness.invitation_rows()) == 6
