"""Invitations to an organization whose policy names the domains of its new members."""

from uuid import UUID

import pytest

from kernel.errors import RoleMissing
from kernel.identity.callers import Caller, Role
from services.tenants.invitations.errors import (
    EmailDomainNotAllowed,
    InvitationNotFound,
    MemberExists,
)
from services.tenants.invitations.model import EmailProofTask, NewInvitation
from services.tenants.memberships.model import Profile
from services.tenants.policies.model import PolicyUpdate
from tests.services.tenants.harness import TenantsHarness, call, person

ADMIN, MEMBER = Role.ADMIN, Role.MEMBER
INSIDE, OUTSIDE = "bob@acme.example", "bob@example.com"


async def allow(harness: TenantsHarness, ada: Caller, acme: UUID, *domains: str) -> None:
    """Sets the domains of an organization."""
    await harness.policies.update(call(ada, acme), PolicyUpdate(email_domains=domains))


async def invite(
    harness: TenantsHarness, ada: Caller, acme: UUID, email: str, role: Role = MEMBER
) -> NewInvitation:
    """A new invitation by Ada."""
    return await harness.invitations.create(call(ada, acme), email, role)


def user_with(harness: TenantsHarness, email: str, *, proved: bool) -> Caller:
    """A new user with that address."""
    bob = person()
    harness.profiles.told[bob.user_id] = Profile(email, email, "Bob Roberts")
    if proved:
        harness.profiles.proved.add(bob.user_id)
    return bob


@pytest.mark.parametrize(
    ("email", "allowed"),
    [
        (INSIDE, True),
        ("Bob@ACME.Example", True),
        ("bob@xn--bcher-kva.example", True),
        ("bob@bücher.example", True),
        (OUTSIDE, False),
        ("bob@sub.acme.example", False),
        ("bob@notacme.example", False),
        ("acme.example@example.com", False),
    ],
)
async def test_only_addresses_at_the_domains_are_invited(
    harness: TenantsHarness, ada: Caller, acme: UUID, email: str, *, allowed: bool
) -> None:
    """Any spelling of a domain is the same; a subdomain is another one. A refusal writes nothing."""
    await allow(harness, ada, acme, "acme.example", "Bücher.example")
    before = await harness.invitation_rows(), await harness.noted(ada, acme)
    if allowed:
        await invite(harness, ada, acme, email)
        return
    with pytest.raises(EmailDomainNotAllowed):
        await invite(harness, ada, acme, email)
    assert (await harness.invitation_rows(), await harness.noted(ada, acme)) == before


async def test_other_organizations_and_a_policy_without_domains_invite_anyone(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The domains of one organization are its own, and an empty list ends the limit."""
    await allow(harness, ada, acme, "acme.example")
    await invite(harness, ada, await harness.found(ada, "Other"), OUTSIDE)
    await allow(harness, ada, acme)
    await invite(harness, ada, acme, OUTSIDE)


async def test_who_may_not_invite_learns_nothing_of_the_domains(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The role is checked first."""
    await allow(harness, ada, acme, "acme.example")
    member = await harness.join(acme)
    with pytest.raises(RoleMissing):
        await harness.invitations.create(call(member, acme, ADMIN), OUTSIDE, MEMBER)


async def test_an_invitation_from_before_is_not_sent_again(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A user with the invited address could not accept it; an admin can withdraw it."""
    made = await invite(harness, ada, acme, OUTSIDE)
    await allow(harness, ada, acme, "acme.example")
    invitation_id = made.invitation.invitation_id
    with pytest.raises(EmailDomainNotAllowed):
        await harness.invitations.resend(call(ada, acme), invitation_id)
    await harness.invitations.withdraw(call(ada, acme), invitation_id)


@pytest.mark.parametrize("by_email", [True, False])
@pytest.mark.parametrize(
    ("email", "proved", "accepted"),
    [
        (INSIDE, True, "both"),
        (INSIDE, False, "email"),
        ("carol@acme.example", True, "both"),
        ("carol@acme.example", False, ""),
        (OUTSIDE, True, ""),
        (OUTSIDE, False, ""),
        ("bob@sub.acme.example", True, ""),
    ],
)
async def test_only_a_user_with_a_proved_address_at_the_domains_accepts(
    harness: TenantsHarness,
    ada: Caller,
    acme: UUID,
    email: str,
    accepted: str,
    *,
    proved: bool,
    by_email: bool,
) -> None:
    """The token from the email proves the invited address, and no other. A refusal leaves no trace."""
    await allow(harness, ada, acme, "acme.example")
    made = await invite(harness, ada, acme, INSIDE, ADMIN)
    token = await harness.emailed_token(made) if by_email else made.token
    bob = user_with(harness, email, proved=proved)
    before = await harness.invitation_rows(), await harness.noted(ada, acme)
    if accepted == "both" or (accepted == "email" and by_email):
        assert (await harness.acceptance.accept(call(bob), token)).tenant.tenant_id == acme
        return
    with pytest.raises(EmailDomainNotAllowed):
        await harness.acceptance.accept(call(bob), token)
    assert await harness.member(acme, bob.user_id) is None
    assert await harness.email_proofs() == []
    assert (await harness.invitation_rows(), await harness.noted(ada, acme)) == before


async def test_a_user_who_proves_the_address_accepts_then(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The refusal has not used the invitation up."""
    await allow(harness, ada, acme, "acme.example")
    made = await invite(harness, ada, acme, INSIDE)
    bob = user_with(harness, INSIDE, proved=False)
    keyed = call(bob, key="key")
    with pytest.raises(EmailDomainNotAllowed):
        await harness.acceptance.accept(keyed, made.token)
    harness.profiles.proved.add(bob.user_id)
    assert (await harness.acceptance.accept(keyed, made.token)).member.role == MEMBER


async def test_the_token_from_the_email_still_proves_the_address(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Auth is told of the proof, as without domains."""
    await allow(harness, ada, acme, "acme.example")
    made = await invite(harness, ada, acme, INSIDE)
    bob = user_with(harness, INSIDE, proved=False)
    await harness.acceptance.accept(call(bob), await harness.emailed_token(made))
    assert await harness.email_proofs() == [EmailProofTask(bob.user_id, INSIDE)]


async def test_an_invitation_to_another_address_from_before(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """What counts is the address of the user, by the policy at the time of the acceptance."""
    made = await invite(harness, ada, acme, OUTSIDE)
    await allow(harness, ada, acme, "acme.example")
    with pytest.raises(EmailDomainNotAllowed):
        await harness.acceptance.accept(
            call(user_with(harness, OUTSIDE, proved=True)), await harness.emailed_token(made)
        )
    inside = user_with(harness, "carol@acme.example", proved=True)
    await harness.acceptance.accept(call(inside), made.token)


async def test_members_and_unknown_tokens_get_the_answers_of_before(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A member is one whatever the address; a token that does not work shows no policy."""
    member = await harness.join(acme)
    await allow(harness, ada, acme, "acme.example")
    made = await invite(harness, ada, acme, INSIDE)
    with pytest.raises(MemberExists):
        await harness.acceptance.accept(call(member), made.token)
    with pytest.raises(InvitationNotFound):
        await harness.acceptance.accept(call(person()), "garbage")


async def test_a_repeated_acceptance_is_not_judged_again(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Who has become a member stays one, when the policy changes afterwards."""
    made = await invite(harness, ada, acme, OUTSIDE)
    keyed = call(user_with(harness, OUTSIDE, proved=True), key="key")
    first = await harness.acceptance.accept(keyed, made.token)
    await allow(harness, ada, acme, "acme.example")
    assert (await harness.acceptance.accept(keyed, made.token)).member == first.member


async def test_a_promised_role_follows_the_policy(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A member who proves an address that is not admitted any more keeps the smaller role."""
    new = await invite(harness, ada, acme, OUTSIDE, ADMIN)
    bob = user_with(harness, OUTSIDE, proved=False)
    await harness.acceptance.accept(call(bob), new.token)
    await allow(harness, ada, acme, "acme.example")
    await harness.promises.keep(bob.user_id, OUTSIDE)
    member = await harness.member(acme, bob.user_id)
    assert member is not None
    assert (member.role, member.promise) == (MEMBER, None)
