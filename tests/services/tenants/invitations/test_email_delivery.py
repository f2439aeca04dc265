"""Whoever is invited is mailed: from the same transaction, until it is done."""

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
from tests.services.tenants.harness import TenantsHarness, call, make_settings
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.mail import HOST, Mailbox, Trust, mail_server
from tests.support.store import dump, rows_between

ENVELOPE = Envelope("Coditect <no-reply@example.com>", "https://example.com/join#token={token}")
EMAIL = "Bob@Example.com"
OTHER_KEYS = Seal(["A" * 43 + "="])


class Post:
    """Fulfils `Mail`: keeps what it is sent, or fails as it is told."""

    def __init__(self) -> None:
        self.emails: list[str] = []
        self.failures: list[Exception] = []

    async def send(self, message: object) -> None:
        """Takes a mail, or not."""
        if self.failures:
            raise self.failures.pop(0)
        self.emails.append(str(message))


@pytest.fixture
def post() -> Post:
    """Where mail goes."""
    return Post()


async def drain(harness: TenantsHarness, mail: Mail, seal: Seal | None = None) -> tuple[int, int]:
    """Sends what is due; how many were done with, and how many are put off."""
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
    """How many mails wait to be sent."""
    return len(await rows_between(store, *invitations.INVITATION_EMAILS.rows.range()))


async def invite(
    harness: TenantsHarness, ada: Caller, acme: UUID, email: str = EMAIL
) -> NewInvitation:
    """An invitation of Ada's."""
    return await harness.invitations.create(call(ada, acme), email, Role.ADMIN)


async def test_an_email_over_a_real_server(
    tmp_path: Path, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """It says who invites, where to, as what, until when, and has the link."""
    new_invitation = await invite(harness, ada, acme)
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
    assert f"    https://example.com/join#token={new_invitation.token}" in text
    assert "The link is good once, until 09 January 2030." in text


async def test_mail_is_sent_until_it_is_taken(
    harness: TenantsHarness, ada: Caller, acme: UUID, post: Post, clock: FixedClock
) -> None:
    """What fails comes again, and holds up no other; what is refused for good does not."""
    for number in range(3):
        await invite(harness, ada, acme, f"{number}@Example.com")
    post.failures = [MailUnavailable("down"), MailRefused("550")]
    assert await drain(harness, post) == (2, 1)
    assert await drain(harness, post) == (0, 0)
    clock.advance(minutes=2)
    assert await drain(harness, post) == (1, 0)
    assert len(post.emails) == 2


async def test_an_email_about_nothing_is_not_sent(
    harness: TenantsHarness, ada: Caller, acme: UUID, post: Post, clock: FixedClock
) -> None:
    """Not for an invitation that is withdrawn, resent, expired, or whose tenant is deleted."""
    ours = call(ada, acme)
    withdrawn = await invite(harness, ada, acme)
    await harness.invitations.withdraw(ours, withdrawn.invitation.invitation_id)
    first = await invite(harness, ada, acme)
    again = await harness.invitations.resend(ours, first.invitation.invitation_id)
    assert await drain(harness, post) == (3, 0)
    (email,) = post.emails
    assert again.token in email
    await invite(harness, ada, acme, "late@example.com")
    clock.advance(days=7)
    other = await harness.found(ada)
    await invite(harness, ada, other)
    await harness.organizations.delete(call(ada, other))
    assert await drain(harness, post) == (2, 0)
    assert len(post.emails) == 1


async def test_a_repeat_sends_one_email(
    harness: TenantsHarness, ada: Caller, acme: UUID, post: Post
) -> None:
    """The mail belongs to the write."""
    for _ in range(2):
        await harness.invitations.create(call(ada, acme, key="key"), EMAIL, Role.ADMIN)
    assert await drain(harness, post) == (1, 0)


async def test_the_token_waits_sealed(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """A thief of the store cannot read it."""
    new_invitation = await invite(harness, ada, acme)
    assert await waiting(store) == 1
    assert new_invitation.token.encode() not in await dump(store)


async def test_an_email_whose_token_nobody_can_unseal(
    store: Store, harness: TenantsHarness, ada: Caller, acme: UUID, post: Post
) -> None:
    """When the keys of its time are dropped it is given up, and somebody is told."""
    await invite(harness, ada, acme)
    with capture_logs() as logs:
        assert await drain(harness, post, OTHER_KEYS) == (1, 0)
    assert [(one["event"], one["cause"]) for one in logs] == [("mail dropped", "SealKeysWrong")]
    assert (await waiting(store), post.emails) == (0, [])


async def test_an_email_about_nothing_needs_no_keys(
    harness: TenantsHarness, ada: Caller, acme: UUID, post: Post
) -> None:
    """Nobody is told of keys that are missing for what nobody wants sent."""
    new_invitation = await invite(harness, ada, acme)
    await harness.invitations.withdraw(call(ada, acme), new_invitation.invitation.invitation_id)
    with capture_logs() as logs:
        assert await drain(harness, post, OTHER_KEYS) == (1, 0)
    assert logs == []


async def test_an_address_that_could_be_read_as_another(
    harness: TenantsHarness, ada: Caller, acme: UUID, post: Post
) -> None:
    """One that was taken when more of them were is not written to."""
    await invite(harness, ada, acme, "=?utf-8?q?a=0D=0ABcc=3A_eve=40evil.example?=@x.example")
    with capture_logs() as logs:
        assert await drain(harness, post) == (1, 0)
    assert [one["event"] for one in logs] == ["mail dropped"]
    assert post.emails == []


async def test_nobody_is_mailed_unless_it_is_said_how(
    store: Store, clock: FixedClock, ada: Caller
) -> None:
    """Without MAIL_URL the token comes with the answer, and no mail waits for ever."""
    harness = TenantsHarness(store, clock, make_settings(MAIL_URL=""))
    acme = await harness.found(ada)
    assert (await invite(harness, ada, acme)).token
    assert await waiting(store) == 0


async def test_what_waited_when_mail_was_switched_off(
    store: Store,
    harness: TenantsHarness,
    ada: Caller,
    acme: UUID,
    clock: FixedClock,
    sweeper: Sweeper,
) -> None:
    """It goes when it is too old to be sent."""
    await invite(harness, ada, acme)
    clock.advance(days=4)
    await sweeper.sweep()
    assert await waiting(store) == 1
    clock.advance(days=2)
    await sweeper.sweep()
    assert await waiting(store) == 0


async def test_the_running_services_send_once(
    store: Store, clock: FixedClock, harness: TenantsHarness, ada: Caller, acme: UUID
) -> None:
    """As wired in production, several replicas at once: an email is there soon, and one of each."""
    box = Mailbox()
    async with mail_server(box, None) as port:
        settings = make_settings(MAIL_URL=f"smtp://{HOST}:{port}?tls=none")
        apps = [build(settings, store, clock, FixedIds()) for _ in range(3)]
        running = [asyncio.create_task(app.tasks["send_invitation_emails"]()) for app in apps]
        emails = [f"{number}@example.com" for number in range(10)]
        for email in emails:
            await invite(harness, ada, acme, email)
        async with asyncio.timeout(10):
            while await waiting(store):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
        for task in running:
            task.cancel()
    assert sorted(box.recipients) == [[email] for email in emails]
    for close in (close for app in apps for close in app.closers):
        await close()


async def test_a_deleted_inviter(
    harness: TenantsHarness, ada: Caller, acme: UUID, post: Post
) -> None:
    """Nobody could accept what somebody offers who has no say any more."""
    bob = await harness.join(acme, Role.ADMIN)
    await invite(harness, bob, acme)
    await harness.members.remove(call(ada, acme), bob.user_id)
    assert await drain(harness, post) == (1, 0)
    assert post.emails == []
