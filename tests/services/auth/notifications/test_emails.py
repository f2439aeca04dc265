"""The queue of emails to users: within the limits of a day, exactly, with sealed secrets."""

import asyncio
from uuid import uuid4

import pytest

from kernel.identity.devices import Device
from kernel.storage import Store, Write
from services.auth.notifications.errors import TooManyEmails
from services.auth.notifications.model import EmailKind
from services.auth.notifications.repository import EMAIL_QUOTA
from services.auth.sweeper import sweeper
from tests.services.auth.harness import AuthHarness
from tests.services.auth.notifications.harness import (
    REST,
    SECRETS,
    Limited,
    new_email,
    put,
    waiting,
)
from tests.support.clock import FixedClock
from tests.support.store import dump, rows_between

MANY = {"EMAILS_PER_NETWORK": "1000"}


async def test_a_mailbox_gets_no_more_than_its_limit(
    limited: Limited, store: Store, clock: FixedClock
) -> None:
    """Over the limit nothing is queued and no error is raised; the next day more are."""
    emails = limited(EMAILS_PER_MAILBOX="2").emails
    same = ["a.da@gmail.com", "Ada+x@GoogleMail.com", "ada@gmail.com"]
    asked = [
        await put(emails, store, new_email(to=to, device=Device("", f"192.0.{number}.1")))
        for number, to in enumerate(same)
    ]
    assert asked == [True, True, False]
    assert await put(emails, store, new_email(to="bob@gmail.com"))
    assert await waiting(store) == 3
    clock.advance(seconds=REST)
    assert await put(emails, store, new_email(to=same[0], now=clock.now()))


async def test_the_limit_of_a_mailbox_is_exact_under_concurrency(
    limited: Limited, store: Store
) -> None:
    """Of 60 emails at once through two replicas, as many are queued as the limit says."""
    replicas = [limited(EMAILS_PER_MAILBOX="7", **MANY).emails for _ in range(2)]
    devices = [Device("", f"192.0.{number}.1") for number in range(60)]
    queued = await asyncio.gather(
        *(
            put(
                replicas[number % 2],
                store,
                new_email(device=device, secrets=SECRETS._replace(code=str(number))),
            )
            for number, device in enumerate(devices)
        )
    )
    assert (queued.count(True), await waiting(store)) == (7, 7)


async def test_a_network_has_a_share_of_the_limit_of_a_mailbox(
    limited: Limited, store: Store
) -> None:
    """A stranger in one network cannot use up the emails of a day; the owner in another gets some."""
    emails = limited(EMAILS_PER_MAILBOX="8").emails
    stranger, owner = Device("", "192.0.2.7"), Device("", "198.51.100.7")
    asked = [await put(emails, store, new_email(device=stranger)) for _ in range(9)]
    assert (asked.count(True), asked[:2]) == (2, [True, True])
    assert await put(emails, store, new_email(device=owner))
    assert await put(emails, store, new_email(device=stranger, to="bob@example.com"))


async def test_a_network_is_told_its_limit(limited: Limited, store: Store) -> None:
    """The limit counts over all mailboxes; another network is not affected; nothing is queued."""
    emails = limited(EMAILS_PER_NETWORK="2").emails
    for number in range(2):
        assert await put(emails, store, new_email(to=f"{number}@example.com"))
    with pytest.raises(TooManyEmails) as error:
        await put(emails, store, new_email(device=Device("", "192.0.2.77"), to="3@example.com"))
    assert error.value.retry_after == REST
    assert await put(emails, store, new_email(device=Device("", "192.0.3.1"), to="3@example.com"))
    assert await waiting(store) == 3


async def test_a_user_is_told_the_limit(limited: Limited, store: Store) -> None:
    """From whatever network; another user is not affected."""
    emails, ada = limited(EMAILS_PER_USER="1").emails, uuid4()
    assert await put(emails, store, new_email(user_id=ada))
    with pytest.raises(TooManyEmails):
        await put(emails, store, new_email(user_id=ada, device=None, to="b@example.com"))
    assert await put(emails, store, new_email(user_id=uuid4()))


async def test_a_flood_of_requests_keeps_back_no_notice(limited: Limited, store: Store) -> None:
    """Notices have a limit of their own for each kind, and it raises nothing."""
    low = {"EMAILS_PER_MAILBOX": "1", "EMAILS_PER_NETWORK": "1", "EMAILS_PER_USER": "1"}
    emails = limited(NOTICES_PER_MAILBOX="2", **low).emails
    ada = uuid4()
    assert await put(emails, store, new_email(user_id=ada))
    changed = new_email(EmailKind.PASSWORD_CHANGED, user_id=ada)
    assert [await put(emails, store, changed) for _ in range(3)] == [True, True, False]
    assert await put(emails, store, new_email(EmailKind.NEW_DEVICE, user_id=ada))
    assert await put(emails, store, new_email(EmailKind.CHANGE_REQUESTED, user_id=ada))


async def test_an_email_belongs_to_its_transaction(mailing: AuthHarness, store: Store) -> None:
    """If the transaction fails, nothing is queued, and nothing counts."""

    async def fail(tx: Write) -> None:
        await mailing.emails.put(tx, new_email())
        raise TooManyEmails

    with pytest.raises(TooManyEmails):
        await store.write(fail)
    assert await waiting(store) == 0
    assert await rows_between(store, *EMAIL_QUOTA.counts.range()) == []


async def test_the_store_holds_no_secret(mailing: AuthHarness, store: Store) -> None:
    """Neither token nor code can be read in a dump, and no user agent is stored."""
    assert await put(mailing.emails, store, new_email(device=Device("Firefox/1 evil", "")))
    rows = await dump(store)
    assert SECRETS.token.encode() not in rows
    assert SECRETS.code.encode() not in rows
    assert b"evil" not in rows


async def test_without_a_mail_url_nothing_is_queued_or_counted(
    limited: Limited, store: Store
) -> None:
    """The caller goes on as if the email were sent."""
    emails = limited(MAIL_URL="", EMAILS_PER_NETWORK="1").emails
    assert [await put(emails, store, new_email()) for _ in range(2)] == [False, False]
    assert await rows_between(store, *EMAIL_QUOTA.counts.range()) == []


async def test_the_sweeper_removes_old_counts_and_emails(
    mailing: AuthHarness, store: Store, clock: FixedClock
) -> None:
    """Counts go after two days, since clocks differ, and emails that none has sent after five."""
    assert await put(mailing.emails, store, new_email())
    sweep = sweeper(store, clock, mailing.settings).sweep
    counts = EMAIL_QUOTA.counts.range()
    clock.advance(days=1)
    await sweep()
    assert len(await rows_between(store, *counts)) == 3
    clock.advance(days=1)
    await sweep()
    assert (await rows_between(store, *counts), await waiting(store)) == ([], 1)
    clock.advance(days=4)
    await sweep()
    assert await waiting(store) == 0
