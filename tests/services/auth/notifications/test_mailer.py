"""Sending emails to users over real SMTP: nothing lost, nothing twice, and only what is still so."""

import asyncio
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from coditect.auth.records.v1 import notifications_pb2
from coditect.storage.v1 import storage_pb2
from kernel.identity.devices import Device
from kernel.mail.errors import MailRefused, MailUnavailable
from kernel.mail.folder import FolderMail
from kernel.mail.route import MailRoute
from kernel.mail.smtp import SmtpMail
from kernel.seal import Seal
from kernel.storage import Store, Write
from services.auth.app import build
from services.auth.notifications import repository as notifications
from services.auth.notifications.model import EmailKind
from tests.services.auth.harness import AuthHarness, make_settings
from tests.services.auth.notifications.harness import (
    SECRETS,
    SHOWN_CODE,
    Post,
    drain,
    new_email,
    put,
    put_user,
    waiting,
)
from tests.support.clock import START, FixedClock
from tests.support.eventually import eventually
from tests.support.ids import FixedIds
from tests.support.mail import HOST, Mailbox, Trust, mail_server
from tests.support.store import rows_between

OTHER_KEYS = Seal(["A" * 43 + "="])
PROVED: dict[str, Any] = {"email_verify_time": START}


def parts(email: Any) -> tuple[str, str]:
    """The text and the HTML of an email."""
    text, html = email.get_body(("plain",)), email.get_body(("html",))
    return text.get_content(), html.get_content()


async def test_a_mail_server_gets_the_email_once(
    tmp_path: Path, mailing: AuthHarness, store: Store
) -> None:
    """Multipart, encrypted on its way, with link and code in both parts and safe headers."""
    await put_user(store)
    await put(mailing.emails, store, new_email(language="de"))
    box, trust = Mailbox(), Trust(tmp_path)
    async with mail_server(box, trust) as port:
        mail = SmtpMail(MailRoute.parse(f"smtp://{HOST}:{port}"), trust.client)
        assert await drain(mailing, mail) == (1, 0)
        assert await drain(mailing, mail) == (0, 0)
    (email,) = box.emails
    assert email.get_content_type() == "multipart/alternative"
    assert email.keys() == [
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("MIME-Version", "Content-Type"),
    ]
    assert (email["To"], email["Auto-Submitted"]) == ("Ada@Example.com", "auto-generated")
    assert email["Subject"] == "Bestätigen Sie Ihre E-Mail-Adresse"
    for part in parts(email):
        assert f"https://app.example.com/verify-email#token={SECRETS.token}" in part
        assert SHOWN_CODE in part


def content_of(folder: Path) -> bytes:
    """The content of the only file in a folder, an email."""
    (path,) = folder.iterdir()
    assert path.suffix == ".eml"
    return path.read_bytes()


async def test_an_eml_file_is_read_by_the_standard_library(
    tmp_path: Path, mailing: AuthHarness, store: Store
) -> None:
    """A file has both parts, without a defect; English is not encoded, so the link can be copied."""
    await put_user(store)
    await put(mailing.emails, store, new_email())
    assert await drain(mailing, FolderMail(tmp_path / "mail")) == (1, 0)
    content = content_of(tmp_path / "mail")
    email: Any = message_from_bytes(content, policy=default)
    assert [part.defects for part in email.walk()] == [[], [], []]
    assert f"#token={SECRETS.token}\r\n".encode() in content
    assert SHOWN_CODE in parts(email)[0]


async def test_an_hour_without_a_mail_server_loses_nothing(
    mailing: AuthHarness, store: Store, clock: FixedClock
) -> None:
    """The server is down, then answers 4xx: every email arrives once afterwards, none twice."""
    await put_user(store)
    for number in range(20):
        secrets = SECRETS._replace(code=f"CODE{number:04}")
        device = Device("", f"192.0.{number}.1")
        expire_time = START + timedelta(hours=2)
        email = new_email(secrets=secrets, expire_time=expire_time, device=device)
        assert await put(mailing.emails, store, email)
    down = SmtpMail(MailRoute.parse(f"smtp://{HOST}:9?tls=none"))
    assert await drain(mailing, down) == (0, 20)
    box = Mailbox()
    async with mail_server(box, None) as port:
        mail = SmtpMail(MailRoute.parse(f"smtp://{HOST}:{port}?tls=none"))
        for _ in range(30):
            clock.advance(minutes=2)
            box.replies = ["451 later"] * 20
            assert (await drain(mailing, mail))[0] == 0
        box.replies = []
        assert (box.emails, await waiting(store)) == ([], 20)
        clock.advance(minutes=7)  # a reader who waits for a proof gets it soon after the outage
        assert await drain(mailing, mail) == (20, 0)
        clock.advance(hours=1)
        assert await drain(mailing, mail) == (0, 0)
    codes = {word for email in box.emails for word in parts(email)[0].split() if word[:4] == "CODE"}
    assert len(box.emails) == len(codes) == len({one["Message-ID"] for one in box.emails}) == 20


async def test_a_refused_email_is_dropped_and_a_failed_one_is_retried(
    mailing: AuthHarness, store: Store, clock: FixedClock
) -> None:
    """A 5xx ends an email with a line in the log that names no address; the others go on."""
    await put_user(store)
    for code in ("ONE", "TWO", "THREE"):
        await put(mailing.emails, store, new_email(secrets=SECRETS._replace(code=code)))
    box = Mailbox()
    async with mail_server(box, None) as port:
        mail = SmtpMail(MailRoute.parse(f"smtp://{HOST}:{port}?tls=none"))
        box.replies = ["550 unknown", "451 later"]
        with capture_logs() as logs:
            assert await drain(mailing, mail) == (2, 1)
        clock.advance(minutes=2)
        assert await drain(mailing, mail) == (1, 0)
    assert len(box.emails) == 2
    assert [one["event"] for one in logs] == ["mail refused", "mail not sent"]
    assert "ada@" not in str(logs).lower()


async def test_a_repeated_sending_has_the_same_message_id(
    mailing: AuthHarness, store: Store, post: Post, clock: FixedClock
) -> None:
    """So that a mail program can tell a duplicate after a crash."""
    await put_user(store)
    await put(mailing.emails, store, new_email())

    class Lost(Post):
        async def send(self, message: object) -> None:
            """Sends, but the answer is lost."""
            await post.send(message)
            raise MailUnavailable("lost")

    assert await drain(mailing, Lost()) == (0, 1)
    clock.advance(minutes=2)
    assert await drain(mailing, post) == (1, 0)
    assert post.emails[0]["Message-ID"] == post.emails[1]["Message-ID"]


async def test_two_events_of_one_moment(mailing: AuthHarness, store: Store, post: Post) -> None:
    """They are two emails: a mail program must not take one for a copy of the other."""
    await put_user(store, **PROVED)
    for _ in range(2):
        await put(mailing.emails, store, new_email(EmailKind.NEW_DEVICE))
    assert await drain(mailing, post) == (2, 0)
    assert len({email["Message-ID"] for email in post.emails}) == 2


async def sent(harness: AuthHarness, post: Post, kind: EmailKind, **given: Any) -> list[str]:
    """The subjects that are sent for an email of a kind."""
    post.emails.clear()
    assert await put(harness.emails, harness.store, new_email(kind, **given))
    assert await drain(harness, post) == (1, 0)
    return [str(one["Subject"]) for one in post.emails]


async def test_proofs_fit_the_account_when_they_are_sent(mailing: AuthHarness, post: Post) -> None:
    """Without an account, a registration is confirmed, and nothing else is sent."""
    assert await sent(mailing, post, EmailKind.VERIFY_EMAIL) == []
    assert await sent(mailing, post, EmailKind.RESET_PASSWORD) == []
    assert await sent(mailing, post, EmailKind.CONFIRM_REGISTRATION) == [
        "Confirm your registration"
    ]


async def test_an_unproved_account_stops_no_proof(
    mailing: AuthHarness, store: Store, post: Post
) -> None:
    """Its address can be verified, registered anew, taken by a change, or get a new password."""
    await put_user(store)
    bob = await put_user(store, email="bob@example.com", **PROVED)
    assert await sent(mailing, post, EmailKind.VERIFY_EMAIL) != []
    assert await sent(mailing, post, EmailKind.RESET_PASSWORD) != []
    assert await sent(mailing, post, EmailKind.CONFIRM_REGISTRATION) == [
        "Confirm your registration"
    ]
    changed = await sent(mailing, post, EmailKind.CHANGE_EMAIL, user_id=bob.user_id)
    assert changed == ["Confirm your new email address"]


@pytest.mark.parametrize("kind", [EmailKind.CONFIRM_REGISTRATION, EmailKind.CHANGE_EMAIL])
async def test_the_owner_of_a_proved_address_gets_no_proof(
    mailing: AuthHarness, store: Store, post: Post, kind: EmailKind
) -> None:
    """The owner learns, in their language and at the address as they typed it, that an account exists."""
    await put_user(store, email="Ada@example.com", language="de", **PROVED)
    assert await sent(mailing, post, kind, to="ADA@example.com") == ["Sie haben schon ein Konto"]
    (email,) = post.emails
    assert email["To"] == "Ada@example.com"
    assert SECRETS.token not in str(email)
    assert SHOWN_CODE not in str(email)
    assert await sent(mailing, post, EmailKind.VERIFY_EMAIL) == []


async def test_a_new_password_is_mailed_to_the_address_of_the_account(
    mailing: AuthHarness, store: Store, post: Post
) -> None:
    """Another spelling in the request could be another mailbox to a mail server."""
    await put_user(store, email="straße@example.com", language="de", **PROVED)
    subjects = await sent(mailing, post, EmailKind.RESET_PASSWORD, to="STRASSE@example.com")
    assert subjects == ["Legen Sie ein neues Passwort fest"]
    assert post.emails[0]["To"] == "straße@example.com"


async def test_a_deleted_user_gets_no_email(mailing: AuthHarness, store: Store, post: Post) -> None:
    """A notice that still waits when its account is deleted is dropped."""
    ada = await put_user(store, email="else@example.com")
    for kind in EmailKind:
        if kind.is_requested or kind is EmailKind.ACCOUNT_EXISTS:
            continue
        assert len(await sent(mailing, post, kind, user_id=ada.user_id)) == 1
        assert await sent(mailing, post, kind, user_id=uuid4()) == []


async def test_an_expired_proof_is_dropped(
    mailing: AuthHarness, store: Store, post: Post, clock: FixedClock
) -> None:
    """Its link would not work; it is not sent, and not retried."""
    await put_user(store)
    await put(mailing.emails, store, new_email(expire_time=START + timedelta(minutes=5)))
    post.failures = [MailUnavailable("down")]
    assert await drain(mailing, post) == (0, 1)
    clock.advance(minutes=5)
    assert await drain(mailing, post) == (1, 0)
    assert (post.emails, await waiting(store)) == ([], 0)


async def test_what_cannot_be_opened_or_addressed_is_dropped(
    mailing: AuthHarness, store: Store, post: Post
) -> None:
    """The log names the cause; nothing of the email."""
    await put_user(store)
    await put(mailing.emails, store, new_email())
    with capture_logs() as logs:
        assert await drain(mailing, post, OTHER_KEYS) == (1, 0)
    injected = "=?utf-8?q?a=0D=0ABcc=3A_eve=40evil.example?=@x.example"
    for to in (injected, "ada@example.com\r\nBcc: eve@evil.example", ""):
        await put(mailing.emails, store, new_email(EmailKind.CONFIRM_REGISTRATION, to=to))
    with capture_logs() as more:
        assert await drain(mailing, post) == (3, 0)
    assert [(one["event"], one["cause"]) for one in logs + more] == [
        ("mail dropped", "SealKeysWrong"),
        *[("mail dropped", "ValueError")] * 3,
    ]
    assert post.emails == []


async def test_an_email_of_a_later_version_is_left_to_it(
    mailing: AuthHarness, store: Store, post: Post
) -> None:
    """It stays in the queue, and the log names the cause."""
    later = notifications_pb2.EmailRecord(kind="later", to="ada@example.com")
    payload = later.SerializeToString()

    async def queue(tx: Write) -> None:
        notifications.EMAILS.put(tx, payload, START)

    await store.write(queue)
    with capture_logs() as logs:
        assert await drain(mailing, post) == (0, 1)
    assert [(one["event"], one["cause"]) for one in logs] == [("mail not sent", "EmailKindUnknown")]
    (row,) = await rows_between(store, *notifications.EMAILS.rows.range())
    assert storage_pb2.WorkItem.FromString(row[1]).payload == payload


async def test_a_permanent_refusal_is_not_retried(
    mailing: AuthHarness, store: Store, post: Post
) -> None:
    """The queue is empty afterwards."""
    await put_user(store)
    await put(mailing.emails, store, new_email())
    post.failures = [MailRefused("550")]
    assert await drain(mailing, post) == (1, 0)
    assert await waiting(store) == 0


async def test_three_replicas_send_each_email_once(store: Store, clock: FixedClock) -> None:
    """The replicas are wired as in production and run at the same time."""
    box, count = Mailbox(), 12
    async with mail_server(box, None) as port:
        settings = make_settings(
            MAIL_URL=f"smtp://{HOST}:{port}?tls=none", EMAILS_PER_MAILBOX="100"
        )
        apps = [build(settings, store, clock, FixedIds(seed)) for seed in range(3)]
        harness = AuthHarness(store, clock, settings)
        await put_user(store)
        tasks = [asyncio.create_task(app.tasks["send_emails"]()) for app in apps]
        for number in range(count):
            secrets = SECRETS._replace(code=str(number))
            assert await put(harness.emails, store, new_email(secrets=secrets))
        await eventually(lambda: len(box.emails) == count)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for app in apps:
            for close in app.closers:
                await close()
        await harness.passwords.close()
    assert len(box.emails) == count
