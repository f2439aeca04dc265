"""An invitation is valid only as long as its inviter may give the role it offers."""

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
    """Ends Bob's membership, or his role of admin, in Ada's organization."""
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
    """A new invitation by Bob."""
    return await harness.invitations.create(call(bob, acme), EMAIL, role)


@pytest.mark.parametrize("how", WAYS)
async def test_an_invitation_ends_when_its_inviter_loses_membership(
    harness: TenantsHarness, ada: Caller, acme: UUID, how: str
) -> None:
    """Neither the former inviter nor another user finds it."""
    bob = await harness.join(acme, ADMIN)
    new_invitation = await invited(harness, bob, acme)
    await end(harness, ada, acme, bob, how)
    if how == "demoted":
        await harness.members.remove(call(bob, acme), bob.user_id)
    for caller in (person(), bob):
        with pytest.raises(InvitationNotFound):
            await harness.acceptance.accept(call(caller), new_invitation.token)
    assert await harness.member(acme, bob.user_id) is None


async def test_an_invitation_to_be_an_owner_ends_when_its_inviter_is_demoted(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The inviter is an admin now, and an admin cannot make owners."""
    bob = await harness.join(acme, OWNER)
    new_invitation = await invited(harness, bob, acme, OWNER)
    await harness.members.update(call(ada, acme), bob.user_id, ADMIN)
    with pytest.raises(InvitationNotFound):
        await harness.acceptance.accept(call(person()), new_invitation.token)


async def test_an_invitation_to_be_a_member_ends_when_its_inviter_is_demoted(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The inviter is a member now, and a member cannot invite."""
    bob = await harness.join(acme, ADMIN)
    new_invitation = await invited(harness, bob, acme, MEMBER)
    await harness.members.update(call(ada, acme), bob.user_id, MEMBER)
    with pytest.raises(InvitationNotFound):
        await harness.acceptance.accept(call(person()), new_invitation.token)


async def test_an_invitation_stays_valid_if_the_inviters_new_role_allows_it(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The inviter was an owner and is an admin now, and an admin can make admins."""
    bob = await harness.join(acme, OWNER)
    new_invitation = await invited(harness, bob, acme, ADMIN)
    await harness.members.update(call(ada, acme), bob.user_id, ADMIN)
    token = await harness.emailed_token(new_invitation)
    assert (await harness.acceptance.accept(call(person()), token)).member.role == ADMIN


@pytest.mark.parametrize("how", ["removed", "left", "demoted"])
async def test_the_admin_who_resends_an_invitation_becomes_its_inviter(
    harness: TenantsHarness, ada: Caller, acme: UUID, how: str
) -> None:
    """An ended invitation is valid again after a resend, until that admin loses the role too."""
    bob, eve = await harness.join(acme, ADMIN), await harness.join(acme, ADMIN)
    new_invitation = await invited(harness, bob, acme)
    await end(harness, ada, acme, bob, how)
    invitation_id = new_invitation.invitation.invitation_id
    again = await harness.invitations.resend(call(eve, acme), invitation_id)
    await end(harness, ada, acme, eve, how)
    with pytest.raises(InvitationNotFound):
        await harness.acceptance.accept(call(person()), again.token)
    again = await harness.invitations.resend(call(ada, acme), invitation_id)
    token = await harness.emailed_token(again)
    assert (await harness.acceptance.accept(call(person()), token)).member.role == ADMIN


async def test_an_invitation_without_an_inviter_cannot_be_accepted(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """It works again after the owner resends it."""
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
async def test_an_acceptance_races_the_end_of_the_inviters_authority(
    harness: TenantsHarness, ada: Caller, acme: UUID, how: str
) -> None:
    """The acceptance commits first, or finds no invitation: sixty times."""
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
    """Withdraws all pending invitations."""
    ours = call(ada, acme)
    for one in (await harness.invitations.list(ours, 10, "")).items:
        await harness.invitations.withdraw(ours, one.invitation_id)


async def test_erasing_a_user_removes_all_invitations_by_that_user(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """They go in every organization; an invitation by another user stays."""
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
    assert len(await harness.invitation_rows()) == 7
