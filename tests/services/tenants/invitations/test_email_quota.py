"""How much mail there is in a day: to one address, to one mailbox, and from one user."""

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
REST = 75_355  # seconds of the day, after the time at which the clock stands


@pytest.fixture
def limited(store: Store, clock: FixedClock) -> Callable[..., TenantsHarness]:
    """All use cases, with limits."""

    def limited(**environ: str) -> TenantsHarness:
        few = {"INVITATION_EMAILS_PER_ADDRESS": "3", "INVITATION_EMAILS_PER_USER": "100", **environ}
        return TenantsHarness(store, clock, make_settings(**few))

    return limited


async def emails(harness: TenantsHarness) -> int:
    """How many mails wait to be sent."""
    return len(await rows_between(harness.store, *invitations.INVITATION_EMAILS.rows.range()))


async def test_an_address_gets_so_many(
    limited: Callable[..., TenantsHarness], clock: FixedClock, ada: Caller
) -> None:
    """Of one organization, however it is spelled and however often it is withdrawn."""
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


async def test_a_mailbox_gets_so_many_of_everybody(limited: Callable[..., TenantsHarness]) -> None:
    """Beyond that nothing is mailed, and whoever invites cannot tell what others do."""
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


async def test_a_user_has_so_many_sent(limited: Callable[..., TenantsHarness], ada: Caller) -> None:
    """From wherever; whoever resends pays, and the answer is the same."""
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


async def test_limits_of_mail_are_exact(limited: Callable[..., TenantsHarness]) -> None:
    """Of many at once, as many are mailed as may."""
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


async def test_a_repeat_is_no_second_mail(
    limited: Callable[..., TenantsHarness], ada: Caller
) -> None:
    """Nor counted as one."""
    harness = limited(INVITATION_EMAILS_PER_ADDRESS="1")
    ours = call(ada, await harness.found(ada), key="key")
    for _ in range(3):
        await harness.invitations.create(ours, EMAIL, MEMBER)
    assert await emails(harness) == 1


async def test_what_is_not_mailed_is_not_counted(
    limited: Callable[..., TenantsHarness], ada: Caller
) -> None:
    """Without MAIL_URL whoever invites hands on the token."""
    harness = limited(MAIL_URL="", INVITATION_EMAILS_PER_ADDRESS="1")
    ours = call(ada, await harness.found(ada))
    new_invitation = await harness.invitations.create(ours, EMAIL, MEMBER)
    await harness.invitations.resend(ours, new_invitation.invitation.invitation_id)
    assert await rows_between(harness.store, *invitations.EMAIL_COUNT.range()) == []


async def test_days_that_are_over_are_swept(
    limited: Callable[..., TenantsHarness], sweeper: Sweeper, clock: FixedClock, ada: Caller
) -> None:
    """Not the last, which may not be over by another's clock; and no address stays behind."""
    harness = limited(INVITATION_EMAILS_PER_USER="1000")
    ours = call(ada, await harness.found(ada))
    for number in range(250):
        email = f"swept.{number}@example.com"
        new_invitation = await harness.invitations.create(ours, email, MEMBER)
        await harness.invitations.withdraw(ours, new_invitation.invitation.invitation_id)
    assert b"swept." not in await dump(harness.store)
    clock.advance(days=1)
    await sweeper.sweep()
    assert len(await rows_between(harness.store, *invitations.EMAIL_COUNT.range())) == 2 * 250 + 1
    clock.advance(days=1)
    await harness.invitations.create(ours, EMAIL, MEMBER)
    await sweeper.sweep()
    assert len(await rows_between(harness.store, *invitations.EMAIL_COUNT.range())) == 3
