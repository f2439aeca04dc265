"""The rules of invitations."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest

from kernel.errors import (
    PageTokenInvalid,
    ReauthenticationRequired,
    RoleMissing,
    SecondFactorRequired,
)
from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.invitations.errors import (
    InvitationExists,
    InvitationLimitReached,
    InvitationNotFound,
)
from services.tenants.invitations.model import NewInvitation
from services.tenants.memberships.errors import SelfTenantImmutable
from tests.services.tenants.harness import (
    EMAIL,
    TenantsHarness,
    call,
    lately,
    make_settings,
    outcomes,
    person,
    profile_of,
)
from tests.support.clock import START, FixedClock
from tests.support.store import dump

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER


async def test_accepting_an_invitation_gives_the_invited_role(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """The audit log records invitation and acceptance, and no invitation row remains."""
    assert (new_invitation.invitation.email, new_invitation.invitation.role) == (EMAIL, ADMIN)
    assert new_invitation.invitation.expire_time == START + timedelta(days=7)
    listed = await harness.invitations.list(call(ada, acme), 10, "")
    assert listed.items == [new_invitation.invitation]
    bob = person()
    token = await harness.emailed_token(new_invitation)
    joined = await harness.acceptance.accept(call(bob), token)
    assert (joined.tenant.tenant_id, joined.member.role) == (acme, ADMIN)
    assert joined.member.profile == profile_of(bob.user_id)
    assert await harness.membership(acme, bob.user_id) == joined
    assert await harness.invitation_rows() == []
    noted, invitation_id = await harness.noted(ada, acme), new_invitation.invitation.invitation_id
    assert [(one.action, one.user_id, one.target, one.detail) for one in noted[1:]] == [
        ("invitation.created", ada.user_id, invitation_id, "admin"),
        (
            "member.joined",
            bob.user_id,
            bob.user_id,
            f"admin by invitation {invitation_id}, with the token from its email",
        ),
    ]


async def test_the_store_holds_only_a_hash_of_the_token(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The tokens have 256 bits, and a dump of the store contains neither them nor one twice."""
    new_invitation = await harness.invitations.create(call(ada, acme, key="key"), EMAIL, ADMIN)
    secret = urlsafe_b64decode(new_invitation.token + "=")
    assert len(secret) == 32
    again = await harness.invitations.resend(
        call(ada, acme, key="again"), new_invitation[0].invitation_id
    )
    emailed = await harness.emailed_token(again)
    assert emailed not in {new_invitation.token, again.token}
    stolen = await dump(store)
    for token in (new_invitation.token, again.token, emailed):
        assert token.encode() not in stolen
        assert urlsafe_b64decode(token + "=") not in stolen
    digest = sha256(again.token.encode()).digest()
    assert digest.replace(b"\x00", b"\x00\xff") in stolen


@pytest.mark.parametrize("role", [OWNER, ADMIN, MEMBER])
async def test_who_invites_an_admin_has_lately_proved_who_they_are(
    harness: TenantsHarness, ada: Caller, acme: UUID, clock: FixedClock, role: Role
) -> None:
    """As who changes a role. A member may be invited by any token of an admin."""
    keyed = call(ada, acme, key="key")
    first = await harness.invitations.create(keyed, EMAIL, role)
    clock.advance(seconds=301)
    if role is MEMBER:
        assert await harness.invitations.create(keyed, EMAIL, role) == first
        await harness.invitations.create(call(ada, acme), "carol@example.com", role)
        return
    for late in (keyed, call(ada, acme)):
        with pytest.raises(ReauthenticationRequired):
            await harness.invitations.create(late, EMAIL, role)
    await harness.invitations.create(call(lately(ada, clock), acme), "carol@example.com", role)
    factor = replace(lately(ada, clock), has_second_factor=True)
    with pytest.raises(SecondFactorRequired):
        await harness.invitations.create(call(factor, acme), "eve@example.com", role)


@pytest.mark.parametrize("who", [OWNER, ADMIN, MEMBER])
@pytest.mark.parametrize("what", [OWNER, ADMIN, MEMBER])
async def test_only_admins_invite_and_only_up_to_their_own_role(
    harness: TenantsHarness, ada: Caller, acme: UUID, who: Role, what: Role
) -> None:
    """The same holds for resending and withdrawing another inviter's invitation."""
    caller = await harness.join(acme, who)
    theirs = call(caller, acme, ADMIN)
    new_invitation = await harness.invitations.create(call(ada, acme), "Eve@Example.com", what)
    invitation_id = new_invitation.invitation.invitation_id
    tries = [
        harness.invitations.create(theirs, EMAIL, what),
        harness.invitations.resend(theirs, invitation_id),
        harness.invitations.withdraw(theirs, invitation_id),
    ]
    for one in tries:
        if who >= ADMIN and what <= who:
            await one
        else:
            with pytest.raises(RoleMissing):
                await one


async def test_an_invitation_expires_after_seven_days(
    harness: TenantsHarness,
    sweeper: Sweeper,
    clock: FixedClock,
    ada: Caller,
    acme: UUID,
    new_invitation: NewInvitation,
) -> None:
    """Then it is not found, its address can be invited again, and the sweeper removes it."""
    invitation_id = new_invitation.invitation.invitation_id
    clock.advance(days=7)
    ours = call(ada, acme)
    for late in (
        harness.acceptance.accept(call(person()), new_invitation.token),
        harness.invitations.resend(ours, invitation_id),
        harness.invitations.withdraw(ours, invitation_id),
    ):
        with pytest.raises(InvitationNotFound):
            await late
    assert (await harness.invitations.list(ours, 10, "")).items == []
    await harness.invitations.create(ours, EMAIL, MEMBER)
    assert len(await harness.invitation_rows()) == 7
    clock.advance(days=7)
    for number in range(150):
        await harness.invitations.create(ours, f"{number}@Example.com", MEMBER)
    await sweeper.sweep()
    assert len((await harness.invitations.list(ours, 1000, "")).items) == 150
    clock.advance(days=7)
    await sweeper.sweep()
    assert await harness.invitation_rows() == []


async def test_resending_an_invitation_replaces_its_token(
    harness: TenantsHarness,
    clock: FixedClock,
    ada: Caller,
    acme: UUID,
    new_invitation: NewInvitation,
) -> None:
    """The new tokens are valid for seven more days; the previous tokens are not found."""
    before = [new_invitation.token, await harness.emailed_token(new_invitation)]
    clock.advance(days=6)
    invitation_id = new_invitation.invitation.invitation_id
    with pytest.raises(ReauthenticationRequired):  # it is to an admin
        await harness.invitations.resend(call(ada, acme), invitation_id)
    again = await harness.invitations.resend(call(lately(ada, clock), acme), invitation_id)
    assert again.invitation.expire_time == clock.now() + timedelta(days=7)
    clock.advance(days=6)
    for token in before:
        with pytest.raises(InvitationNotFound):
            await harness.acceptance.accept(call(person()), token)
    token = await harness.emailed_token(again)
    assert (await harness.acceptance.accept(call(person()), token)).member.role == ADMIN


async def test_a_withdrawn_invitation_is_not_found(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """It can be neither accepted nor withdrawn again, and leaves no row."""
    invitation_id = new_invitation.invitation.invitation_id
    await harness.invitations.withdraw(call(ada, acme), invitation_id)
    with pytest.raises(InvitationNotFound):
        await harness.acceptance.accept(call(person()), new_invitation.token)
    with pytest.raises(InvitationNotFound):
        await harness.invitations.withdraw(call(ada, acme), invitation_id)
    assert await harness.invitation_rows() == []


async def test_an_invitation_is_found_only_in_its_own_organization(
    harness: TenantsHarness, new_invitation: NewInvitation
) -> None:
    """Another organization can invite the same address."""
    eve = person()
    other = await harness.found(eve)
    invitation_id = new_invitation.invitation.invitation_id
    assert (await harness.invitations.list(call(eve, other), 10, "")).items == []
    for late in (
        harness.invitations.resend(call(eve, other), invitation_id),
        harness.invitations.withdraw(call(eve, other), invitation_id),
    ):
        with pytest.raises(InvitationNotFound):
            await late
    await harness.invitations.create(call(eve, other), EMAIL, MEMBER)


async def test_an_address_is_invited_once(
    harness: TenantsHarness, ada: Caller, acme: UUID, new_invitation: NewInvitation
) -> None:
    """A second invitation, in capitals, is refused; the error names the first."""
    with pytest.raises(InvitationExists) as error:
        await harness.invitations.create(call(ada, acme), EMAIL.upper(), MEMBER)
    assert error.value.metadata == {"invitationId": str(new_invitation.invitation.invitation_id)}


async def test_an_address_is_invited_once_however_its_domain_is_spelled(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Punycode names the same address; a domain that DNS distinguishes is another one."""
    await harness.invitations.create(call(ada, acme), "bob@fußball.example", MEMBER)
    for spelling in ("bob@xn--fuball-cta.example", "Bob@FUẞBALL。example"):
        with pytest.raises(InvitationExists):
            await harness.invitations.create(call(ada, acme), spelling, MEMBER)
    await harness.invitations.create(call(ada, acme), "bob@fussball.example", MEMBER)


async def test_concurrent_invitations_of_an_address_create_one(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Of two invitations at once, one succeeds: a hundred times."""
    for number in range(100):
        email = f"{number}@Example.com"
        both = [harness.invitations.create(call(ada, acme), email, MEMBER) for _ in range(2)]
        assert await outcomes(*both) == ["", "INVITATION_EXISTS"]


async def test_an_idempotent_retry_returns_the_first_answer(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A retried create, resend or acceptance returns the same token or membership."""
    first = await harness.invitations.create(call(ada, acme, key="create"), EMAIL, MEMBER)
    assert await harness.invitations.create(call(ada, acme, key="create"), EMAIL, MEMBER) == first
    invitation_id = first.invitation.invitation_id
    again = await harness.invitations.resend(call(ada, acme, key="resend"), invitation_id)
    assert await harness.invitations.resend(call(ada, acme, key="resend"), invitation_id) == again
    assert again.token != first.token
    bob = person()
    joined = await harness.acceptance.accept(call(bob, key="accept"), again.token)
    assert await harness.acceptance.accept(call(bob, key="accept"), again.token) == joined


async def test_a_self_tenant_refuses_invitations(harness: TenantsHarness, ada: Caller) -> None:
    """Not even its owner can invite a user into a self-tenant."""
    own = (await harness.self_tenants.ensure(ada.user_id, START)).tenant.tenant_id
    with pytest.raises(SelfTenantImmutable):
        await harness.invitations.create(call(ada, own), EMAIL, MEMBER)


async def test_invitations_are_listed_in_pages(
    harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """Pages follow the order of ids; a page token of another user or list is refused."""
    ours = call(ada, acme)
    for number in range(7):
        await harness.invitations.create(ours, f"{number}@Example.com", MEMBER)
    found: list[list[UUID]] = []
    token = ""
    while not found or token:
        page = await harness.invitations.list(ours, 3, token)
        found.append([one.invitation_id for one in page.items])
        token = page.next_page_token or token
        if not page.next_page_token:
            break
    ids = [one for page in found for one in page]
    assert ([len(page) for page in found], ids) == ([3, 3, 1], sorted(ids))
    admin = await harness.join(acme, ADMIN)
    for theirs, bad in ((call(admin, acme), token), (ours, str(uuid4()))):
        with pytest.raises(PageTokenInvalid):
            await harness.invitations.list(theirs, 3, bad)
    with pytest.raises(PageTokenInvalid):
        await harness.members.list(ours, 3, token)


async def test_expired_invitations_do_not_count_against_the_limit(
    store: Store, clock: FixedClock
) -> None:
    """An organization whose list is empty can invite as many people as the limit, swept or not."""
    harness, ada = TenantsHarness(store, clock, make_settings(INVITATIONS_PER_TENANT="3")), person()
    ours = call(ada, await harness.found(ada))
    other = call(ada, await harness.found(ada))
    for number in range(3):
        await harness.invitations.create(ours, f"{number}@Example.com", MEMBER)
        clock.advance(milliseconds=1)
    await harness.invitations.create(other, EMAIL, MEMBER)
    clock.advance(days=7, milliseconds=-2)
    # The first two have expired by now, the third has not.
    for number in range(2):
        await harness.invitations.create(ours, f"new.{number}@Example.com", MEMBER)
    with pytest.raises(InvitationLimitReached):
        await harness.invitations.create(ours, EMAIL, MEMBER)
    assert len((await harness.invitations.list(ours, 10, "")).items) == 3
    assert len((await harness.invitations.list(other, 10, "")).items) == 1


async def test_a_page_is_filled_over_expired_invitations(
    harness: TenantsHarness, clock: FixedClock, ada: Caller, acme: UUID
) -> None:
    """Expired invitations do not shorten a page, however many there are."""
    ours = call(ada, acme)
    for number in range(40):
        await harness.invitations.create(ours, f"{number}@Example.com", MEMBER)
    clock.advance(days=7)
    for number in range(5):
        await harness.invitations.create(ours, f"new.{number}@Example.com", MEMBER)
    first = await harness.invitations.list(ours, 4, "")
    assert len(first.items) == 4
    rest = await harness.invitations.list(ours, 4, first.next_page_token)
    assert [len(rest.items), rest.next_page_token] == [1, ""]
