"""How much mail there is in a day: to one address, to one mailbox, and from one user."""

from collections.abc import Callable

import pytest

from kernel.identity.callers import Caller, Role
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants import keys
from services.tenants.errors import MailLimitReached
from tests.services.tenants.parts import ACT, EMAIL, Parts, act, call, make_settings, person
from tests.services.tenants.test_organizations import outcomes
from tests.support.clock import FixedClock
from tests.support.store import dump, rows_between

MEMBER = Role.MEMBER
REST = 75_355  # seconds of the day, after the time at which the clock stands


@pytest.fixture
def limited(store: Store, clock: FixedClock) -> Callable[..., Parts]:
    """All use cases, with limits."""

    def limited(**environ: str) -> Parts:
        few = {"INVITATION_EMAILS_PER_ADDRESS": "3", "INVITATION_EMAILS_PER_USER": "100", **environ}
        return Parts(store, clock, make_settings(**few))

    return limited


async def emails(parts: Parts) -> int:
    """How many mails wait to be sent."""
    return len(await rows_between(parts.store, *keys.MAIL.rows.range()))


async def test_an_address_gets_so_many(
    limited: Callable[..., Parts], clock: FixedClock, ada: Caller
) -> None:
    """Of one organization, however it is spelled and however often it is withdrawn."""
    parts = limited()
    ours = call(ada, await parts.found(ada))
    first = await parts.invitations.create(ours, ACT, EMAIL, MEMBER)
    await parts.invitations.withdraw(ours, ACT, first.invitation.invitation_id)
    again = await parts.invitations.create(ours, ACT, EMAIL.upper(), MEMBER)
    last = await parts.invitations.resend(ours, ACT, again.invitation.invitation_id)
    with pytest.raises(MailLimitReached) as error:
        await parts.invitations.resend(ours, ACT, again.invitation.invitation_id)
    assert (error.value.metadata, error.value.retry_after) == ({}, REST)
    assert await emails(parts) == 3
    assert (await parts.acceptance.accept(person(), ACT, last.token)).member.role == MEMBER
    await parts.invitations.create(ours, ACT, "other@example.com", MEMBER)
    clock.advance(seconds=REST)
    await parts.invitations.create(ours, ACT, EMAIL, MEMBER)


async def test_a_mailbox_gets_so_many_of_everybody(limited: Callable[..., Parts]) -> None:
    """Beyond that nothing is mailed, and whoever invites cannot tell what others do."""
    parts = limited(INVITATION_EMAILS_PER_MAILBOX="3")
    for number in range(5):
        eve = person()
        ours = call(eve, await parts.found(eve))
        address = f"victim+{number}@example.com"
        issued = await parts.invitations.create(ours, ACT, address, MEMBER)
        assert (await parts.acceptance.accept(person(), ACT, issued.token)).member.role == MEMBER
    assert await emails(parts) == 3
    other = person()
    ours = call(other, await parts.found(other))
    await parts.invitations.create(ours, ACT, "victim@example.org", MEMBER)
    assert await emails(parts) == 4


async def test_a_user_has_so_many_sent(limited: Callable[..., Parts], ada: Caller) -> None:
    """From wherever; whoever resends pays, and the answer is the same."""
    parts = limited(INVITATION_EMAILS_PER_USER="3")
    acme, other = await parts.found(ada), await parts.found(ada)
    admin = await parts.join(acme, Role.ADMIN)
    made = [
        await parts.invitations.create(call(ada, place), ACT, f"{number}@example.com", MEMBER)
        for number, place in enumerate((acme, other, acme))
    ]
    with pytest.raises(MailLimitReached) as error:
        await parts.invitations.create(call(ada, other), ACT, "3@example.com", MEMBER)
    assert (error.value.metadata, error.value.retry_after) == ({}, REST)
    await parts.invitations.resend(call(admin, acme), ACT, made[0].invitation.invitation_id)
    assert await emails(parts) == 4


async def test_limits_of_mail_are_exact(limited: Callable[..., Parts]) -> None:
    """Of many at once, as many are mailed as may."""
    parts = limited(INVITATION_EMAILS_PER_USER="4")
    for number in range(15):
        eve = person()
        place = await parts.found(eve)
        emails = [f"{number}.{one}@example.com" for one in range(6)]
        tries = [parts.invitations.create(call(eve, place), ACT, one, MEMBER) for one in emails]
        assert await outcomes(*tries) == ["", "", "", "", *["MAIL_LIMIT_REACHED"] * 2]
        owner = person()
        place = await parts.found(owner)
        admins = [await parts.join(place, Role.ADMIN) for _ in range(6)]
        email = f"{number}@example.com"
        first = (await parts.invitations.create(call(owner, place), ACT, email, MEMBER)).invitation
        tries = [
            parts.invitations.resend(call(one, place), ACT, first.invitation_id) for one in admins
        ]
        assert await outcomes(*tries) == ["", "", *["MAIL_LIMIT_REACHED"] * 4]


async def test_a_repeat_is_no_second_mail(limited: Callable[..., Parts], ada: Caller) -> None:
    """Nor counted as one."""
    parts = limited(INVITATION_EMAILS_PER_ADDRESS="1")
    ours = call(ada, await parts.found(ada))
    for _ in range(3):
        await parts.invitations.create(ours, act("key"), EMAIL, MEMBER)
    assert await emails(parts) == 1


async def test_what_is_not_mailed_is_not_counted(
    limited: Callable[..., Parts], ada: Caller
) -> None:
    """Without MAIL_URL whoever invites hands on the token."""
    parts = limited(MAIL_URL="", INVITATION_EMAILS_PER_ADDRESS="1")
    ours = call(ada, await parts.found(ada))
    issued = await parts.invitations.create(ours, ACT, EMAIL, MEMBER)
    await parts.invitations.resend(ours, ACT, issued.invitation.invitation_id)
    assert await rows_between(parts.store, *keys.EMAIL_COUNT.range()) == []


async def test_days_that_are_over_are_swept(
    limited: Callable[..., Parts], sweeper: Sweeper, clock: FixedClock, ada: Caller
) -> None:
    """Not the last, which may not be over by another's clock; and no address stays behind."""
    parts = limited(INVITATION_EMAILS_PER_USER="1000")
    ours = call(ada, await parts.found(ada))
    for number in range(250):
        email = f"swept.{number}@example.com"
        issued = await parts.invitations.create(ours, ACT, email, MEMBER)
        await parts.invitations.withdraw(ours, ACT, issued.invitation.invitation_id)
    assert b"swept." not in await dump(parts.store)
    clock.advance(days=1)
    await sweeper.sweep()
    assert len(await rows_between(parts.store, *keys.EMAIL_COUNT.range())) == 2 * 250 + 1
    clock.advance(days=1)
    await parts.invitations.create(ours, ACT, EMAIL, MEMBER)
    await sweeper.sweep()
    assert len(await rows_between(parts.store, *keys.EMAIL_COUNT.range())) == 3
