"""Accepting an invitation."""

import asyncio
from uuid import UUID

import pytest

from kernel.errors import AccessTokenRevoked, TenantSuspended
from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.errors import (
    InvitationLimitReached,
    InvitationNotFound,
    MemberExists,
    MemberLimitReached,
    TenantLimitReached,
)
from services.tenants.model import NewInvitation, TenantUpdate
from tests.services.tenants.parts import ACT, EMAIL, Parts, call, make_settings, person, profile_of
from tests.services.tenants.test_organizations import outcomes
from tests.support.clock import FixedClock

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER


async def test_single_use(parts: Parts, issued: NewInvitation) -> None:
    """A used token is like one that never was."""
    await parts.acceptance.accept(person(), ACT, issued.token)
    for token in (issued.token, "", "garbage", "x" * 10_000, "\0", "ü"):
        with pytest.raises(InvitationNotFound):
            await parts.acceptance.accept(person(), ACT, token)


async def test_one_membership_at_once(parts: Parts, ada: Caller, acme: UUID) -> None:
    """Of two who accept at once, or one twice, one joins: a hundred times."""
    for number in range(100):
        email = f"{number}@Example.com"
        token = (await parts.invitations.create(call(ada, acme), ACT, email, MEMBER)).token
        bob = person()
        other = bob if number % 2 else person()
        accepts = [parts.acceptance.accept(one, ACT, token) for one in (bob, other)]
        assert await outcomes(*accepts) == ["", "INVITATION_NOT_FOUND"]
        assert len((await parts.members.list(call(ada, acme), 1000, "")).members) == number + 2


async def test_accept_and_withdraw_at_once(parts: Parts, ada: Caller, acme: UUID) -> None:
    """Either somebody joins or the invitation is withdrawn, never both: a hundred times."""
    for number in range(100):
        issued = await parts.invitations.create(
            call(ada, acme), ACT, f"{number}@Example.com", MEMBER
        )
        bob = person()
        both = [
            parts.acceptance.accept(bob, ACT, issued.token),
            parts.invitations.withdraw(call(ada, acme), ACT, issued.invitation.invitation_id),
        ]
        if number % 2:
            both.reverse()
        assert await outcomes(*both) == ["", "INVITATION_NOT_FOUND"]


async def test_members_are_not_invited(
    parts: Parts, ada: Caller, acme: UUID, issued: NewInvitation
) -> None:
    """A member is neither invited nor joins again, and the invitation stays good for others."""
    bob = await parts.join(acme)
    for member in (ada, bob):
        email = profile_of(member.user_id).email
        with pytest.raises(MemberExists):
            await parts.invitations.create(call(ada, acme), ACT, email, MEMBER)
        with pytest.raises(MemberExists):
            await parts.acceptance.accept(member, ACT, issued.token)
    await parts.members.remove(call(bob, acme), ACT, bob.user_id)
    await parts.acceptance.accept(bob, ACT, issued.token)


async def test_limits_are_exact(store: Store, clock: FixedClock) -> None:
    """Invitations, members and organizations of a user have limits, also at once."""
    limits = {"INVITATIONS_PER_TENANT": "3", "MEMBERS_PER_TENANT": "3", "TENANTS_PER_USER": "2"}
    parts = Parts(store, clock, make_settings(**limits))
    for _ in range(20):
        ada = person()
        acme = await parts.found(ada)
        ours = call(ada, acme)
        emails = [f"{number}@Example.com" for number in range(5)]
        results = await asyncio.gather(
            *(parts.invitations.create(ours, ACT, email, MEMBER) for email in emails),
            return_exceptions=True,
        )
        issued = [one for one in results if isinstance(one, NewInvitation)]
        refused = [one for one in results if isinstance(one, InvitationLimitReached)]
        assert (len(issued), len(refused)) == (3, 2)
        assert refused[0].metadata == {"limit": "3"}
        accepts = [parts.acceptance.accept(person(), ACT, one.token) for one in issued]
        assert await outcomes(*accepts) == ["", "", "MEMBER_LIMIT_REACHED"]


async def test_full_user_joins_nothing(store: Store, clock: FixedClock) -> None:
    """Of many invitations at once a user accepts as many as there is room for."""
    parts = Parts(store, clock, make_settings(TENANTS_PER_USER="3"))
    for _ in range(20):
        bob, tokens = person(), []
        for _ in range(5):
            ada = person()
            ours = call(ada, await parts.found(ada))
            tokens.append((await parts.invitations.create(ours, ACT, EMAIL, MEMBER)).token)
        accepts = [parts.acceptance.accept(bob, ACT, token) for token in tokens]
        assert await outcomes(*accepts) == ["", "", "", *["TENANT_LIMIT_REACHED"] * 2]
    for error in (MemberLimitReached, TenantLimitReached):
        assert error.kind is InvitationLimitReached.kind


async def test_suspended_takes_nobody(
    parts: Parts, ada: Caller, acme: UUID, issued: NewInvitation
) -> None:
    """Nobody is invited to, or joins, a suspended organization."""
    ours = call(ada, acme)
    await parts.organizations.update(ours, ACT, TenantUpdate(state="suspended"))
    for refused in (
        parts.acceptance.accept(person(), ACT, issued.token),
        parts.invitations.create(ours, ACT, "Eve@Example.com", MEMBER),
        parts.invitations.resend(ours, ACT, issued.invitation.invitation_id),
        parts.invitations.withdraw(ours, ACT, issued.invitation.invitation_id),
    ):
        with pytest.raises(TenantSuspended):
            await refused
    assert (await parts.invitations.list(ours, 10, "")).invitations == [issued.invitation]


async def test_deleted_takes_nobody(
    parts: Parts, sweeper: Sweeper, ada: Caller, acme: UUID, issued: NewInvitation
) -> None:
    """An invitation ends with its organization, and is swept with it."""
    for number in range(250):
        await parts.invitations.create(call(ada, acme), ACT, f"{number}@Example.com", MEMBER)
    await parts.organizations.delete(call(ada, acme), ACT)
    with pytest.raises(InvitationNotFound):
        await parts.acceptance.accept(person(), ACT, issued.token)
    await sweeper.sweep()
    assert await parts.invitation_rows() == []


async def test_deleted_users_join_nothing(parts: Parts, issued: NewInvitation) -> None:
    """No late token makes a member of a user who is gone."""
    bob = person()
    await parts.tenants.erase_user(bob.user_id)
    with pytest.raises(AccessTokenRevoked):
        await parts.acceptance.accept(bob, ACT, issued.token)
