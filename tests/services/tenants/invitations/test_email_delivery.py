"""Outbox delivery of invitation emails: queued with the invitation, retried until sent."""

import asyncio
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from kernel.identity.callers import Caller, Role
from kernel.mail.errors import MailRefused, MailUnavailable
from kernel.mail.route import Mail, MailRoute
from kernel.mail.smtp import SmtpMail
from kernel.seal import Seal
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.tenants.app import build
from services.tenants.invitations import repository as invitations
from services.tenants.invitations.email import Envelope
from services.tenants.invitations.email_delivery import InvitationMailer
from services.tenants.invitations.model import NewInvitation
from services.tenants.invitations.opt_out import opt_out_token
from tests.services.tenants.harness import TenantsHarness, call, lately, make_settings
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.mail import HOST, Mailbox, Trust, mail_server
from tests.support.store import dump, rows_between

ENVELOPE = Envelope(
    "Coditect <no-reply@example.com>",
    "https://example.com/join#token={token}",
    "https://example.com/opt-out#token={token}",
    "https://example.com/one-click?token={token}",
)
EMAIL = "Bob@Example.com"
OTHER_KEYS = Seal(["A" * 43 + "="])


class Post:
    """Implements `Mail`: keeps every message, or raises the next failure."""

    def __init__(self) -> None:
        self.emails: list[str] = []
        self.failures: list[Exception] = []

    async def send(self, message: object) -> None:
        """Keeps the message, or raises the next failure."""
        if self.failures:
            raise self.failures.pop(0)
        self.emails.append(str(message))


@pytest.fixture
def post() -> Post:
    """The mail route of the test."""
    return Post()


async def drain(harness: TenantsHarness, mail: Mail, seal: Seal | None = None) -> tuple[int, int]:
    """Sends all due emails; returns how many are done and how many will be retried."""
    store, clock = harness.store, harness.clock
    runtime = replace(harness.runtime, seal=seal or harness.runtime.seal)
    deliveries = InvitationMailer(runtime, mail, ENVELOPE)
    done = []
    while claims := await invitations.INVITATION_EMAILS.claim(store, clock.now(), 1):
        done.append(
            await invitations.INVITATION_EMAILS.work_on(store, clock, claims[0], deliveries.deliver)
        )
    return done.count(True), done.count(False)


async def waiting(store: Store) -> int:
    """How many emails wait in the outbox."""
    return len(await rows_between(store, *invitations.INVITATION_EMAILS.rows.range()))


async def invite(
    harness: TenantsHarness, ada: Caller, acme: UUID, email: str = EMAIL
) -> NewInvitation:
    """A new invitation to be an admin."""
    return await harness.invitations.create(call(ada, acme), email, Role.ADMIN)


async def test_the_email_names_inviter_organization_role_expiry_and_link(
    tmp_path: Path, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A real mail server receives it once."""
    new_invitation = await invite(harness, ada, acme)
    token = await harness.emailed_token(new_invitation)
    box, trust = Mailbox(), Trust(tmp_path)
    async with mail_server(box, trust) as port:
        mail = SmtpMail(MailRoute.parse(f"smtp://{HOST}:{port}"), trust.client)
        assert await drain(harness, mail) == (1, 0)
        assert await drain(harness, mail) == (0, 0)
    (email,) = box.emails
    assert (email["To"], email["From"]) == (EMAIL, "Coditect <no-reply@example.com>")
    assert email["Subject"] == "Join Acme on Coditect"
    text = email.get_content().splitlines()
    assert "Ada Lovelace invites you to join Acme on Coditect as an admin." in text
    assert f"    https://example.com/join#token={token}" in text
    assert new_invitation.token not in email.as_string()
    assert "The link is good once, until 09 January 2030, and proves that this address is" in text


async def test_failed_emails_are_retried_and_refused_emails_are_dropped(
    harness: TenantsHarness, ada: Caller, acme: UUID, post: Post, clock: FixedClock
) -> None:
    """A failed email delays no other; a permanent refusal is not retried."""
    for number in range(3):
        await invite(harness, ada, acme, f"{number}@Example.com")
    post.failures = [MailUnavailable("down"), MailRefused("550")]
    assert await drain(harness, post) == (2, 1)
    assert await drain(harness, post) == (0, 0)
    clock.advance(minutes=2)
    assert await drain(harness, post) == (1, 0)
    assert len(post.emails) == 2


async def test_the_email_of_an_ended_invitation_is_dropped(
    harness: TenantsHarness, ada: Caller, acme: UUID, post: Post, clock: FixedClock
) -> None:
    """It was withdrawn, replaced by a resend, expired, or deleted with its organization."""
    ours = call(ada, acme)
    withdrawn = await invite(harness, ada, acme)
    await harness.invitations.withdraw(ours, withdrawn.invitation.invitation_id)
    first = await invite(harness, ada, acme)
    again = await harness.invitations.resend(ours, first.invitation.invitation_id)
    token = await harness.emailed_token(again)
    assert await drain(harness, post) == (3, 0)
    (email,) = post.emails
    assert token in email
    await invite(harness, ada, acme, "late@example.com")
    clock.advance(days=7)
    other = await harness.found(ada)
    await invite(harness, lately(ada, clock), other)
    await harness.organizations.delete(call(ada, other))
    assert await drain(harness, post) == (2, 0)
    assert len(post.emails) == 1


async def test_the_email_offers_to_stop_them_by_one_click(
    tmp_path: Path, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A real mail server receives the two headers of RFC 8058; text and header hold the same token."""
    new_invitation = await invite(harness, ada, acme)
    box, trust = Mailbox(), Trust(tmp_path)
    async with mail_server(box, trust) as port:
        mail = SmtpMail(MailRoute.parse(f"smtp://{HOST}:{port}"), trust.client)
        assert await drain(harness, mail) == (1, 0)
    (email,) = box.emails
    token = opt_out_token(harness.runtime.seal, new_invitation.invitation)
    assert email["List-Unsubscribe"] == f"<https://example.com/one-click?token={token}>"
    assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"    https://example.com/opt-out#token={token}" in email.get_content().splitlines()
    (raw,) = box.raw
    assert (
        f"\r\nList-Unsubscribe: <https://example.com/one-click?token={token}>\r\n".encode() in raw
    )


async def test_an_email_in_the_queue_is_dropped_once_its_mailbox_opts_out(
    harness: TenantsHarness, ada: Caller, acme: UUID, post: Post
) -> None:
    """The owner of the mailbox gets no email after the click."""
    new_invitation = await invite(harness, ada, acme)
    token = opt_out_token(harness.runtime.seal, new_invitation.invitation)
    await harness.opt_outs.set(token, opted_out=True)
    assert await drain(harness, post) == (1, 0)
    assert post.emails == []


async def test_an_idempotent_retry_queues_one_email(
    harness: TenantsHarness, ada: Caller, acme: UUID, post: Post
) -> None:
    """The email belongs to the transaction that creates the invitation."""
    for _ in range(2):
        await harness.invitations.create(call(ada, acme, key="key"), EMAIL, Role.ADMIN)
    assert await drain(harness, post) == (1, 0)


async def test_the_queued_token_is_sealed(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A dump of the store with the queued email contains no token."""
    new_invitation = await invite(harness, ada, acme)
    assert await waiting(store) == 1
    stored = await dump(store)
    for token in (new_invitation.token, await harness.emailed_token(new_invitation)):
        assert token.encode() not in stored


async def test_an_email_whose_token_cannot_be_unsealed_is_dropped(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID, post: Post
) -> None:
    """The service logs that the seal key is missing and sends nothing."""
    await invite(harness, ada, acme)
    with capture_logs() as logs:
        assert await drain(harness, post, OTHER_KEYS) == (1, 0)
    assert [(one["event"], one["cause"]) for one in logs] == [("mail dropped", "SealKeysWrong")]
    assert (await waiting(store), post.emails) == (0, [])


async def test_the_email_of_a_withdrawn_invitation_needs_no_seal_key(
    harness: TenantsHarness, ada: Caller, acme: UUID, post: Post
) -> None:
    """The service drops it without an entry in the log."""
    new_invitation = await invite(harness, ada, acme)
    await harness.invitations.withdraw(call(ada, acme), new_invitation.invitation.invitation_id)
    with capture_logs() as logs:
        assert await drain(harness, post, OTHER_KEYS) == (1, 0)
    assert logs == []


async def test_the_email_to_an_ambiguous_address_is_dropped(
    harness: TenantsHarness, ada: Caller, acme: UUID, post: Post
) -> None:
    """The store may hold an address from before the service refused such addresses."""
    await invite(harness, ada, acme, "=?utf-8?q?a=0D=0ABcc=3A_eve=40evil.example?=@x.example")
    with capture_logs() as logs:
        assert await drain(harness, post) == (1, 0)
    assert [one["event"] for one in logs] == ["mail dropped"]
    assert post.emails == []


async def test_without_a_mail_url_no_email_is_queued(
    store: Store, clock: FixedClock, ada: Caller
) -> None:
    """The answer carries the token instead."""
    harness = TenantsHarness(store, clock, make_settings(MAIL_URL=""))
    acme = await harness.found(ada)
    assert (await invite(harness, ada, acme)).token
    assert await waiting(store) == 0


async def test_the_sweeper_removes_emails_that_are_too_old_to_send(
    store: Store,
    harness: TenantsHarness,
    ada: Caller,
    acme: UUID,
    clock: FixedClock,
    sweeper: Sweeper,
) -> None:
    """An email that was never sent is still queued after four days, and gone after six."""
    await invite(harness, ada, acme)
    clock.advance(days=4)
    await sweeper.sweep()
    assert await waiting(store) == 1
    clock.advance(days=2)
    await sweeper.sweep()
    assert await waiting(store) == 0


async def test_three_replicas_send_each_email_once(
    store: Store, clock: FixedClock, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """The replicas are wired as in production and run at the same time."""
    box = Mailbox()
    async with mail_server(box, None) as port:
        settings = make_settings(MAIL_URL=f"smtp://{HOST}:{port}?tls=none")
        apps = [build(settings, store, clock, FixedIds()) for _ in range(3)]
        running = [asyncio.create_task(app.tasks["send_invitation_emails"]()) for app in apps]
        emails = [f"{number}@example.com" for number in range(10)]
        for email in emails:
            await invite(harness, ada, acme, email)
        async with asyncio.timeout(30):
            while await waiting(store):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
        for task in running:
            task.cancel()
    assert sorted(box.recipients) == [[email] for email in emails]
    for close in (close for app in apps for close in app.closers):
        await close()


async def test_the_email_of_a_removed_inviter_is_dropped(
    harness: TenantsHarness, ada: Caller, acme: UUID, post: Post
) -> None:
    """The invitation can no longer be accepted once its inviter is removed."""
    bob = await harness.join(acme, Role.ADMIN)
    await invite(harness, bob, acme)
    await harness.members.remove(call(ada, acme), bob.user_id)
    assert await drain(harness, post) == (1, 0)
    assert post.emails == []
