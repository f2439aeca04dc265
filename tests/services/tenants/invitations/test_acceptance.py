"""Accepting an invitation."""

import asyncio
from uuid import UUID

import pytest

from kernel.errors import AccessTokenRevoked, TenantSuspended
from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.invitations.errors import (
    InvitationLimitReached,
    InvitationNotFound,
    MemberExists,
    MemberLimitReached,
)
from services.tenants.invitations.model import NewInvitation
from services.tenants.memberships.errors import TenantLimitReached
from services.tenants.organizations.model import TenantUpdate
from tests.services.tenants.harness import (
    EMAIL,
    TenantsHarness,
    call,
    make_settings,
    outcomes,
    person,
    profile_of,
)
from tests.support.clock import FixedClock

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER


async def test_a_used_or_malformed_token_is_not_found(
    harness: TenantsHarness, new_invitation: NewInvitation
) -> None:
    """The service answers it like an unknown token."""
    await harness.acceptance.accept(call(person()), new_invitation.token)
    for token in (new_invitation.token, "", "garbage", "x" * 10_000, "\0", "ü"):
        with pytest.raises(InvitationNotFound):
            await harness.acceptance.accept(call(person()), token)


async def test_a_token_has_one_spelling(
    harness: TenantsHarness, new_invitation: NewInvitation
) -> None:
    """What a lenient decoder takes for the same token is another one, which is not found."""
    good = new_invitation.token
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet[alphabet.index(good[-1]) ^ 1]  # 32 bytes leave two bits unused
    others = [good + behind for behind in ("=", "==", "\n", " ", "!!!!", "AAAA")]
    for token in (*others, " " + good, good[:-1] + last, good[:20] + "\n" + good[20:]):
        with pytest.raises(InvitationNotFound):
            await harness.acceptance.accept(call(person()), token)
    await harness.acceptance.accept(call(person()), good)


async def test_concurrent_acceptances_add_one_member(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Two users, or one user twice, accept at once: one call succeeds. A hundred times."""
    for number in range(100):
        email = f"{number}@Example.com"
        token = (await harness.invitations.create(call(ada, acme), email, MEMBER)).token
        bob = person()
        other = bob if number % 2 else person()
        accepts = [harness.acceptance.accept(call(one), token) for one in (bob, other)]
        assert await outcomes(*accepts) == ["", "INVITATION_NOT_FOUND"]
        assert len((await harness.members.list(call(ada, acme), 1000, "")).items) == number + 2


async def test_an_invitation_is_either_accepted_or_withdrawn(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Of an acceptance and a withdrawal at once, one succeeds: a hundred times."""
    for number in range(100):
        new_invitation = await harness.invitations.create(
            call(ada, acme), f"{number}@Example.com", MEMBER
        )
        bob = person()
        both = [
            harness.acceptance.accept(call(bob), new_invitation.token),
            harness.invitations.withdraw(call(ada, acme), new_invitation.invitation.invitation_id),
        ]
        if number % 2:
            both.reverse()
        assert await outcomes(*both) == ["", "INVITATION_NOT_FOUND"]


async def test_members_can_neither_be_invited_nor_accept(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """The invitation stays valid, and Bob accepts it after he has left."""
    bob = await harness.join(acme)
    for member in (ada, bob):
        email = profile_of(member.user_id).email
        with pytest.raises(MemberExists):
            await harness.invitations.create(call(ada, acme), email, MEMBER)
        with pytest.raises(MemberExists):
            await harness.acceptance.accept(call(member), new_invitation.token)
    await harness.members.remove(call(bob, acme), bob.user_id)
    await harness.acceptance.accept(call(bob), new_invitation.token)


async def test_invitation_and_member_limits_hold_under_concurrency(
    store: Store, clock: FixedClock
) -> None:
    """Of concurrent calls, exactly as many succeed as the limits allow."""
    limits = {"INVITATIONS_PER_TENANT": "3", "MEMBERS_PER_TENANT": "3", "TENANTS_PER_USER": "2"}
    harness = TenantsHarness(store, clock, make_settings(**limits))
    for _ in range(20):
        ada = person()
        acme = await harness.found(ada)
        ours = call(ada, acme)
        emails = [f"{number}@Example.com" for number in range(5)]
        results = await asyncio.gather(
            *(harness.invitations.create(ours, email, MEMBER) for email in emails),
            return_exceptions=True,
        )
        new_invitation = [one for one in results if isinstance(one, NewInvitation)]
        refused = [one for one in results if isinstance(one, InvitationLimitReached)]
        assert (len(new_invitation), len(refused)) == (3, 2)
        assert refused[0].metadata == {"limit": "3"}
        accepts = [harness.acceptance.accept(call(person()), one.token) for one in new_invitation]
        assert await outcomes(*accepts) == ["", "", "MEMBER_LIMIT_REACHED"]


async def test_a_user_accepts_invitations_up_to_the_tenant_limit(
    store: Store, clock: FixedClock
) -> None:
    """With a limit of three, two of five concurrent acceptances are refused."""
    harness = TenantsHarness(store, clock, make_settings(TENANTS_PER_USER="3"))
    for _ in range(20):
        bob, tokens = person(), []
        for _ in range(5):
            ada = person()
            ours = call(ada, await harness.found(ada))
            tokens.append((await harness.invitations.create(ours, EMAIL, MEMBER)).token)
        accepts = [harness.acceptance.accept(call(bob), token) for token in tokens]
        assert await outcomes(*accepts) == ["", "", "", *["TENANT_LIMIT_REACHED"] * 2]
    for error in (MemberLimitReached, TenantLimitReached):
        assert error.kind is InvitationLimitReached.kind


async def test_a_suspended_organization_refuses_changes_to_invitations(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """Nothing can be accepted, created, resent or withdrawn; the owner still lists them."""
    ours = call(ada, acme)
    await harness.organizations.update(ours, TenantUpdate(state="suspended"))
    for refused in (
        harness.acceptance.accept(call(person()), new_invitation.token),
        harness.invitations.create(ours, "Eve@Example.com", MEMBER),
        harness.invitations.resend(ours, new_invitation.invitation.invitation_id),
        harness.invitations.withdraw(ours, new_invitation.invitation.invitation_id),
    ):
        with pytest.raises(TenantSuspended):
            await refused
    assert (await harness.invitations.list(ours, 10, "")).items == [new_invitation.invitation]


async def test_deleting_an_organization_ends_its_invitations(
    harness: TenantsHarness,
    sweeper: Sweeper,
    ada: Caller,
    acme: UUID,
    new_invitation: NewInvitation,
) -> None:
    """An acceptance finds no invitation, and the sweeper removes all rows of invitations."""
    for number in range(250):
        await harness.invitations.create(call(ada, acme), f"{number}@Example.com", MEMBER)
    await harness.organizations.delete(call(ada, acme))
    with pytest.raises(InvitationNotFound):
        await harness.acceptance.accept(call(person()), new_invitation.token)
    await sweeper.sweep()
    assert await harness.invitation_rows() == []


async def test_a_deleted_user_cannot_accept(
    harness: TenantsHarness, new_invitation: NewInvitation
) -> None:
    """The service refuses the access token of a deleted user as revoked."""
    bob = person()
    await harness.erasure.erase(bob.user_id)
    with pytest.raises(AccessTokenRevoked):
        await harness.acceptance.accept(call(bob), new_invitation.token)
