"""Daily limits on invitation emails: to one address, to one mailbox, and by one user."""

from collections.abc import Callable

import pytest

from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.invitations import repository as invitations
from services.tenants.invitations.errors import MailLimitReached
from tests.services.tenants.harness import (
    EMAIL,
    TenantsHarness,
    call,
    make_settings,
    outcomes,
    person,
)
from tests.support.clock import FixedClock
from tests.support.store import dump, rows_between

MEMBER = Role.MEMBER
REST = 75_355  # seconds from the time of the fixed clock to the end of its day


@pytest.fixture
def limited(store: Store, clock: FixedClock) -> Callable[..., TenantsHarness]:
    """Builds all use cases with low limits on emails."""

    def limited(**environ: str) -> TenantsHarness:
        few = {"INVITATION_EMAILS_PER_ADDRESS": "3", "INVITATION_EMAILS_PER_USER": "100", **environ}
        return TenantsHarness(store, clock, make_settings(**few))

    return limited


async def emails(harness: TenantsHarness) -> int:
    """How many emails wait in the outbox."""
    return len(await rows_between(harness.store, *invitations.INVITATION_EMAILS.rows.range()))


async def test_emails_to_one_address_are_limited_per_day(
    limited: Callable[..., TenantsHarness], clock: FixedClock, ada: Caller
) -> None:
    """Neither another spelling nor a withdrawal resets the limit; the next day does."""
    harness = limited()
    ours = call(ada, await harness.found(ada))
    first = await harness.invitations.create(ours, EMAIL, MEMBER)
    await harness.invitations.withdraw(ours, first.invitation.invitation_id)
    again = await harness.invitations.create(ours, EMAIL.upper(), MEMBER)
    last = await harness.invitations.resend(ours, again.invitation.invitation_id)
    with pytest.raises(MailLimitReached) as error:
        await harness.invitations.resend(ours, again.invitation.invitation_id)
    assert (error.value.metadata, error.value.retry_after) == ({}, REST)
    assert await emails(harness) == 3
    assert (await harness.acceptance.accept(call(person()), last.token)).member.role == MEMBER
    await harness.invitations.create(ours, "other@example.com", MEMBER)
    clock.advance(seconds=REST)
    await harness.invitations.create(ours, EMAIL, MEMBER)


async def test_emails_to_one_mailbox_are_limited_across_organizations(
    limited: Callable[..., TenantsHarness],
) -> None:
    """Beyond the limit invitations succeed without an email, so inviters learn nothing."""
    harness = limited(INVITATION_EMAILS_PER_MAILBOX="3")
    for number in range(5):
        eve = person()
        ours = call(eve, await harness.found(eve))
        address = f"victim+{number}@example.com"
        new_invitation = await harness.invitations.create(ours, address, MEMBER)
        assert (
            await harness.acceptance.accept(call(person()), new_invitation.token)
        ).member.role == MEMBER
    assert await emails(harness) == 3
    other = person()
    ours = call(other, await harness.found(other))
    await harness.invitations.create(ours, "victim@example.org", MEMBER)
    assert await emails(harness) == 4


async def test_emails_by_one_user_are_limited_across_organizations(
    limited: Callable[..., TenantsHarness], ada: Caller
) -> None:
    """A resend counts for the admin who resends."""
    harness = limited(INVITATION_EMAILS_PER_USER="3")
    acme, other = await harness.found(ada), await harness.found(ada)
    admin = await harness.join(acme, Role.ADMIN)
    made = [
        await harness.invitations.create(call(ada, place), f"{number}@example.com", MEMBER)
        for number, place in enumerate((acme, other, acme))
    ]
    with pytest.raises(MailLimitReached) as error:
        await harness.invitations.create(call(ada, other), "3@example.com", MEMBER)
    assert (error.value.metadata, error.value.retry_after) == ({}, REST)
    await harness.invitations.resend(call(admin, acme), made[0].invitation.invitation_id)
    assert await emails(harness) == 4


async def test_email_limits_hold_under_concurrency(limited: Callable[..., TenantsHarness]) -> None:
    """Of concurrent invitations or resends, exactly as many succeed as the limits allow."""
    harness = limited(INVITATION_EMAILS_PER_USER="4")
    for number in range(15):
        eve = person()
        place = await harness.found(eve)
        emails = [f"{number}.{one}@example.com" for one in range(6)]
        tries = [harness.invitations.create(call(eve, place), one, MEMBER) for one in emails]
        assert await outcomes(*tries) == ["", "", "", "", *["MAIL_LIMIT_REACHED"] * 2]
        owner = person()
        place = await harness.found(owner)
        admins = [await harness.join(place, Role.ADMIN) for _ in range(6)]
        email = f"{number}@example.com"
        first = (await harness.invitations.create(call(owner, place), email, MEMBER)).invitation
        tries = [
            harness.invitations.resend(call(one, place), first.invitation_id) for one in admins
        ]
        assert await outcomes(*tries) == ["", "", *["MAIL_LIMIT_REACHED"] * 4]


async def test_an_idempotent_retry_counts_one_email(
    limited: Callable[..., TenantsHarness], ada: Caller
) -> None:
    """With a limit of one email, retries succeed and queue no second email."""
    harness = limited(INVITATION_EMAILS_PER_ADDRESS="1")
    ours = call(ada, await harness.found(ada), key="key")
    for _ in range(3):
        await harness.invitations.create(ours, EMAIL, MEMBER)
    assert await emails(harness) == 1


async def test_without_a_mail_url_no_email_is_counted(
    limited: Callable[..., TenantsHarness], ada: Caller
) -> None:
    """The inviter hands on the token, so the limit of one email does not apply."""
    harness = limited(MAIL_URL="", INVITATION_EMAILS_PER_ADDRESS="1")
    ours = call(ada, await harness.found(ada))
    new_invitation = await harness.invitations.create(ours, EMAIL, MEMBER)
    await harness.invitations.resend(ours, new_invitation.invitation.invitation_id)
    assert await rows_between(harness.store, *invitations.EMAIL_QUOTA.counts.range()) == []


async def test_the_sweeper_removes_email_counts_of_past_days(
    limited: Callable[..., TenantsHarness], sweeper: Sweeper, clock: FixedClock, ada: Caller
) -> None:
    """It keeps yesterday's, since clocks differ. The counts contain no address."""
    harness = limited(INVITATION_EMAILS_PER_USER="1000")
    ours = call(ada, await harness.found(ada))
    for number in range(250):
        email = f"swept.{number}@example.com"
        new_invitation = await harness.invitations.create(ours, email, MEMBER)
        await harness.invitations.withdraw(ours, new_invitation.invitation.invitation_id)
    assert b"swept." not in await dump(harness.store)
    clock.advance(days=1)
    await sweeper.sweep()
    assert (
        len(await rows_between(harness.store, *invitations.EMAIL_QUOTA.counts.range()))
        == 2 * 250 + 1
    )
    clock.advance(days=1)
    await harness.invitations.create(ours, EMAIL, MEMBER)
    await sweeper.sweep()
    assert len(await rows_between(harness.store, *invitations.EMAIL_QUOTA.counts.range())) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vi.ctim@gmail.com", "victim@gmail.com"),
        ("v.i.c.t.i.m+x@GoogleMail.com", "victim@gmail.com"),
        ("vic-tim@proton.me", "v_i.ctim@ProtonMail.com"),
        ("victim@pm.me", "victim+a@protonmail.ch"),
        ("victim@bücher.example", "Victim+1@xn--bcher-kva.example"),
    ],
)
async def test_spellings_of_one_mailbox_share_its_limit(
    limited: Callable[..., TenantsHarness], one: str, other: str
) -> None:
    """Dots do not count where the provider ignores them."""
    assert await sent_to(limited(INVITATION_EMAILS_PER_MAILBOX="1"), one, other) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vi.ctim@example.com", "victim@example.com"),
        ("vic-tim@gmail.com", "victim@gmail.com"),
        ("victim@gmail.com", "victim@proton.me"),
        ("victim@fußball.example", "victim@fussball.example"),
        ("vi.ctim@mail.gmail.com", "victim@mail.gmail.com"),
    ],
)
async def test_different_mailboxes_have_their_own_limits(
    limited: Callable[..., TenantsHarness], one: str, other: str
) -> None:
    """Other providers distinguish addresses by a dot."""
    assert await sent_to(limited(INVITATION_EMAILS_PER_MAILBOX="1"), one, other) == 2


async def sent_to(harness: TenantsHarness, *addresses: str) -> int:
    """How many emails go out if each address is invited to an organization of its own."""
    for address in addresses:
        owner = person()
        ours = call(owner, await harness.found(owner))
        await harness.invitations.create(ours, address, MEMBER)
    return await emails(harness)
