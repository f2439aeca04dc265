"""The rules of invitations, and of joining by one."""

import asyncio
from base64 import urlsafe_b64decode
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest

from kernel.errors import AccessTokenRevoked, PageTokenInvalid, RoleMissing
from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from kernel.storage.sweeping import Sweeper
from services.tenants import keys
from services.tenants.errors import (
    InvitationExists,
    InvitationLimitReached,
    InvitationNotFound,
    MemberExists,
    MemberLimitReached,
    TenantIsPersonal,
    TenantLimitReached,
    TenantSuspended,
)
from services.tenants.model import Changes, Issued
from tests.services.tenants.parts import ACT, Parts, act, call, make_settings, person, profile_of
from tests.services.tenants.test_organisations import outcomes
from tests.support.clock import START, FixedClock
from tests.support.store import dump, rows_between

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER
EMAIL = "Bob@Example.com"


@pytest.fixture
async def issued(parts: Parts, ada: Caller, acme: UUID) -> Issued:
    """An invitation of Ada's."""
    return await parts.invitations.create(call(ada, acme), ACT, EMAIL, ADMIN)


async def left(store: Store) -> list[bytes]:
    """The keys of all rows of invitations."""
    spaces = (
        keys.INVITATION,
        keys.INVITATION_EXPIRY.entries,
        keys.INVITATION_TOKEN,
        keys.INVITATION_EMAIL,
        keys.INVITATION_COUNT,
    )
    return [key for one in spaces for key, _ in await rows_between(store, *one.range())]


async def test_invited_and_joined(
    store: Store, parts: Parts, ada: Caller, acme: UUID, issued: Issued
) -> None:
    """Whoever holds the token joins with the role, and nothing of the invitation is left."""
    assert (issued.invitation.email, issued.invitation.role) == (EMAIL, ADMIN)
    assert issued.invitation.expire_time == START + timedelta(days=7)
    listed = await parts.invitations.list(call(ada, acme), 10, "")
    assert listed.invitations == [issued.invitation]
    bob = person()
    joined = await parts.joining.accept(bob, ACT, issued.token)
    assert (joined.tenant.tenant_id, joined.member.role) == (acme, ADMIN)
    assert joined.member.profile == profile_of(bob.user_id)
    assert await parts.membership(acme, bob.user_id) == joined
    assert await left(store) == []
    noted = await parts.noted(ada, acme)
    assert [(one.action, one.user_id, one.target, one.detail) for one in noted[1:]] == [
        ("invitation.created", ada.user_id, None, f"{EMAIL} as admin"),
        ("member.joined", bob.user_id, bob.user_id, "admin"),
    ]


async def test_token_is_secret(store: Store, parts: Parts, ada: Caller, acme: UUID) -> None:
    """It has 256 bits, and a thief of the store has its hash only."""
    issued = await parts.invitations.create(call(ada, acme), act("key"), EMAIL, ADMIN)
    secret = urlsafe_b64decode(issued.token + "=")
    assert len(secret) == 32
    again = await parts.invitations.resend(call(ada, acme), act("again"), issued[0].invitation_id)
    stolen = await dump(store)
    for token in (issued.token, again.token):
        assert token.encode() not in stolen
        assert urlsafe_b64decode(token + "=") not in stolen
    digest = sha256(again.token.encode()).digest()
    assert digest.replace(b"\x00", b"\x00\xff") in stolen


@pytest.mark.parametrize("who", [OWNER, ADMIN, MEMBER])
@pytest.mark.parametrize("what", [OWNER, ADMIN, MEMBER])
async def test_roles(parts: Parts, ada: Caller, acme: UUID, who: Role, what: Role) -> None:
    """Nobody invites to a role above its own, or gets hold of such a token afterwards."""
    caller = await parts.join(acme, who)
    theirs = call(caller, acme, ADMIN)
    issued = await parts.invitations.create(call(ada, acme), ACT, "Eve@Example.com", what)
    invitation_id = issued.invitation.invitation_id
    tries = [
        parts.invitations.create(theirs, ACT, EMAIL, what),
        parts.invitations.resend(theirs, ACT, invitation_id),
        parts.invitations.withdraw(theirs, ACT, invitation_id),
    ]
    for one in tries:
        if who >= ADMIN and what <= who:
            await one
        else:
            with pytest.raises(RoleMissing):
                await one


async def test_single_use(parts: Parts, issued: Issued) -> None:
    """A used token is like one that never was."""
    await parts.joining.accept(person(), ACT, issued.token)
    for token in (issued.token, "", "garbage", "x" * 10_000, "\0", "ü"):
        with pytest.raises(InvitationNotFound):
            await parts.joining.accept(person(), ACT, token)


async def test_one_membership_at_once(parts: Parts, ada: Caller, acme: UUID) -> None:
    """Of two who accept at once, or one twice, one joins: a hundred times."""
    for number in range(100):
        email = f"{number}@Example.com"
        token = (await parts.invitations.create(call(ada, acme), ACT, email, MEMBER)).token
        bob = person()
        other = bob if number % 2 else person()
        accepts = [parts.joining.accept(one, ACT, token) for one in (bob, other)]
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
            parts.joining.accept(bob, ACT, issued.token),
            parts.invitations.withdraw(call(ada, acme), ACT, issued.invitation.invitation_id),
        ]
        if number % 2:
            both.reverse()
        assert await outcomes(*both) == ["", "INVITATION_NOT_FOUND"]


async def test_expiry(
    store: Store,
    parts: Parts,
    sweeper: Sweeper,
    clock: FixedClock,
    ada: Caller,
    acme: UUID,
    issued: Issued,
) -> None:
    """After seven days it is gone for everybody, and makes room for another; a sweep clears it."""
    invitation_id = issued.invitation.invitation_id
    clock.advance(days=7)
    ours = call(ada, acme)
    for gone in (
        parts.joining.accept(person(), ACT, issued.token),
        parts.invitations.resend(ours, ACT, invitation_id),
        parts.invitations.withdraw(ours, ACT, invitation_id),
    ):
        with pytest.raises(InvitationNotFound):
            await gone
    assert (await parts.invitations.list(ours, 10, "")).invitations == []
    await parts.invitations.create(ours, ACT, EMAIL, MEMBER)
    assert len(await left(store)) == 5
    clock.advance(days=7)
    for number in range(150):
        await parts.invitations.create(ours, ACT, f"{number}@Example.com", MEMBER)
    await sweeper.sweep()
    assert len((await parts.invitations.list(ours, 1000, "")).invitations) == 150
    clock.advance(days=7)
    await sweeper.sweep()
    assert await left(store) == []


async def test_sent_anew(
    parts: Parts, clock: FixedClock, ada: Caller, acme: UUID, issued: Issued
) -> None:
    """Another token and life; the token before is good for nothing."""
    clock.advance(days=6)
    again = await parts.invitations.resend(call(ada, acme), ACT, issued.invitation.invitation_id)
    assert again.invitation.expire_time == clock.now() + timedelta(days=7)
    clock.advance(days=6)
    with pytest.raises(InvitationNotFound):
        await parts.joining.accept(person(), ACT, issued.token)
    assert (await parts.joining.accept(person(), ACT, again.token)).member.role == ADMIN


async def test_withdrawn(
    store: Store, parts: Parts, ada: Caller, acme: UUID, issued: Issued
) -> None:
    """It is good for nothing any more, and not found a second time."""
    invitation_id = issued.invitation.invitation_id
    await parts.invitations.withdraw(call(ada, acme), ACT, invitation_id)
    with pytest.raises(InvitationNotFound):
        await parts.joining.accept(person(), ACT, issued.token)
    with pytest.raises(InvitationNotFound):
        await parts.invitations.withdraw(call(ada, acme), ACT, invitation_id)
    assert await left(store) == []


async def test_of_another_tenant(parts: Parts, issued: Issued) -> None:
    """An invitation is found in its own tenant only."""
    eve = person()
    other = await parts.found(eve)
    invitation_id = issued.invitation.invitation_id
    assert (await parts.invitations.list(call(eve, other), 10, "")).invitations == []
    for gone in (
        parts.invitations.resend(call(eve, other), ACT, invitation_id),
        parts.invitations.withdraw(call(eve, other), ACT, invitation_id),
    ):
        with pytest.raises(InvitationNotFound):
            await gone
    await parts.invitations.create(call(eve, other), ACT, EMAIL, MEMBER)


async def test_one_per_address(parts: Parts, ada: Caller, acme: UUID, issued: Issued) -> None:
    """However it is spelled, an address is invited once; the answer names the invitation."""
    with pytest.raises(InvitationExists) as error:
        await parts.invitations.create(call(ada, acme), ACT, EMAIL.upper(), MEMBER)
    assert error.value.metadata == {"invitationId": str(issued.invitation.invitation_id)}


async def test_one_per_address_at_once(parts: Parts, ada: Caller, acme: UUID) -> None:
    """Also when two invite at once: a hundred times."""
    for number in range(100):
        email = f"{number}@Example.com"
        both = [parts.invitations.create(call(ada, acme), ACT, email, MEMBER) for _ in range(2)]
        assert await outcomes(*both) == ["", "INVITATION_EXISTS"]


async def test_members_are_not_invited(
    parts: Parts, ada: Caller, acme: UUID, issued: Issued
) -> None:
    """A member is neither invited nor joins again, and the invitation stays good for others."""
    bob = await parts.join(acme)
    for member in (ada, bob):
        email = profile_of(member.user_id).email
        with pytest.raises(MemberExists):
            await parts.invitations.create(call(ada, acme), ACT, email, MEMBER)
        with pytest.raises(MemberExists):
            await parts.joining.accept(member, ACT, issued.token)
    await parts.members.remove(call(bob, acme), ACT, bob.user_id)
    await parts.joining.accept(bob, ACT, issued.token)


async def test_limits_are_exact(store: Store, clock: FixedClock) -> None:
    """Invitations, members and organisations of a user have limits, also at once."""
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
        issued = [one for one in results if isinstance(one, Issued)]
        refused = [one for one in results if isinstance(one, InvitationLimitReached)]
        assert (len(issued), len(refused)) == (3, 2)
        assert refused[0].metadata == {"limit": "3"}
        accepts = [parts.joining.accept(person(), ACT, one.token) for one in issued]
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
        accepts = [parts.joining.accept(bob, ACT, token) for token in tokens]
        assert await outcomes(*accepts) == ["", "", "", *["TENANT_LIMIT_REACHED"] * 2]
    for error in (MemberLimitReached, TenantLimitReached):
        assert error.kind is InvitationLimitReached.kind


async def test_repeats(parts: Parts, ada: Caller, acme: UUID) -> None:
    """A repeat gets the first answer with the first token; the second use is none."""
    ours = call(ada, acme)
    first = await parts.invitations.create(ours, act("create"), EMAIL, MEMBER)
    assert await parts.invitations.create(ours, act("create"), EMAIL, MEMBER) == first
    invitation_id = first.invitation.invitation_id
    again = await parts.invitations.resend(ours, act("resend"), invitation_id)
    assert await parts.invitations.resend(ours, act("resend"), invitation_id) == again
    assert again.token != first.token
    bob = person()
    joined = await parts.joining.accept(bob, act("accept"), again.token)
    assert await parts.joining.accept(bob, act("accept"), again.token) == joined


async def test_suspended_takes_nobody(
    parts: Parts, ada: Caller, acme: UUID, issued: Issued
) -> None:
    """Nobody is invited to, or joins, a suspended organisation."""
    ours = call(ada, acme)
    await parts.organisations.update(ours, ACT, Changes(state="suspended"))
    for refused in (
        parts.joining.accept(person(), ACT, issued.token),
        parts.invitations.create(ours, ACT, "Eve@Example.com", MEMBER),
        parts.invitations.resend(ours, ACT, issued.invitation.invitation_id),
        parts.invitations.withdraw(ours, ACT, issued.invitation.invitation_id),
    ):
        with pytest.raises(TenantSuspended):
            await refused
    assert (await parts.invitations.list(ours, 10, "")).invitations == [issued.invitation]


async def test_deleted_takes_nobody(
    store: Store, parts: Parts, sweeper: Sweeper, ada: Caller, acme: UUID, issued: Issued
) -> None:
    """An invitation ends with its organisation, and is swept with it."""
    for number in range(250):
        await parts.invitations.create(call(ada, acme), ACT, f"{number}@Example.com", MEMBER)
    await parts.organisations.delete(call(ada, acme), ACT)
    with pytest.raises(InvitationNotFound):
        await parts.joining.accept(person(), ACT, issued.token)
    await sweeper.sweep()
    assert await left(store) == []


async def test_personal_tenants_take_nobody(parts: Parts, ada: Caller) -> None:
    """Nobody is invited into a user's own tenant."""
    own = (await parts.tenants.materialise(ada.user_id, START)).tenant.tenant_id
    with pytest.raises(TenantIsPersonal):
        await parts.invitations.create(call(ada, own), ACT, EMAIL, MEMBER)


async def test_deleted_users_join_nothing(parts: Parts, issued: Issued) -> None:
    """No late token makes a member of a user who is gone."""
    bob = person()
    await parts.tenants.erase_user(bob.user_id)
    with pytest.raises(AccessTokenRevoked):
        await parts.joining.accept(bob, ACT, issued.token)


async def test_pages(parts: Parts, ada: Caller, acme: UUID) -> None:
    """All invitations come in pages in the order of their ids; tokens are good for one list."""
    ours = call(ada, acme)
    for number in range(7):
        await parts.invitations.create(ours, ACT, f"{number}@Example.com", MEMBER)
    found: list[list[UUID]] = []
    token = ""
    while not found or token:
        page = await parts.invitations.list(ours, 3, token)
        found.append([one.invitation_id for one in page.invitations])
        token = page.next_page_token or token
        if not page.next_page_token:
            break
    ids = [one for page in found for one in page]
    assert ([len(page) for page in found], ids) == ([3, 3, 1], sorted(ids))
    admin = await parts.join(acme, ADMIN)
    for theirs, bad in ((call(admin, acme), token), (ours, str(uuid4()))):
        with pytest.raises(PageTokenInvalid):
            await parts.invitations.list(theirs, 3, bad)
