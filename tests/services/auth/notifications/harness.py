"""Emails to users without a server: a mail route that tests make fail, and a queue that they drain."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from kernel.identity.devices import Device
from kernel.mail.route import Mail
from kernel.seal import Seal
from kernel.storage import Store, Write
from services.auth.notifications.emails import Emails
from services.auth.notifications.mailer import UserMailer
from services.auth.notifications.model import EmailKind, NewEmail
from services.auth.notifications.repository import EMAILS
from services.auth.one_time_tokens.model import Secrets
from services.auth.users.model import User
from services.auth.users.repository import USERS
from tests.services.auth.harness import AuthHarness, user
from tests.support.clock import START
from tests.support.store import rows_between

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
DEVICE = Device(FIREFOX, "192.0.2.1")
SECRETS = Secrets("T" * 43, "ABCD2345")
SHOWN_CODE = "ABCD-2345"
LINK = "https://app.example.com/{page}#token={token}"
SENDER = "Coditect <no-reply@example.com>"
REST = 75_355  # seconds from the time of the fixed clock to the end of its day

Limited = Callable[..., AuthHarness]


class Post:
    """Implements `Mail`: keeps every message, or raises the next failure."""

    def __init__(self) -> None:
        self.emails: list[Any] = []
        self.failures: list[Exception] = []

    async def send(self, message: object) -> None:
        """Keeps the message, or raises the next failure."""
        if self.failures:
            raise self.failures.pop(0)
        self.emails.append(message)


def new_email(kind: EmailKind = EmailKind.VERIFY_EMAIL, **given: Any) -> NewEmail:
    """An email with default values, except for the given ones."""
    values: dict[str, Any] = {
        "kind": kind,
        "to": "Ada@Example.com",
        "now": START,
        "secrets": SECRETS if kind.has_secrets else None,
        "expire_time": START + timedelta(hours=24) if kind.has_secrets else None,
        "device": DEVICE,
    }
    return NewEmail(**{**values, **given})


async def put(emails: Emails, store: Store, email: NewEmail) -> bool:
    """Queues an email in a transaction of its own."""
    return await store.write(lambda tx: emails.put(tx, email))


async def put_user(store: Store, **given: Any) -> User:
    """Stores a user with default values, except for the given ones."""
    new = user(**given)

    async def put_new(tx: Write) -> None:
        await USERS.put(tx, new)

    await store.write(put_new)
    return new


async def waiting(store: Store) -> int:
    """How many emails wait in the queue."""
    return len(await rows_between(store, *EMAILS.rows.range()))


async def drain(harness: AuthHarness, mail: Mail, seal: Seal | None = None) -> tuple[int, int]:
    """Sends all due emails; returns how many are done and how many will be retried."""
    runtime = harness.runtime if seal is None else replace(harness.runtime, seal=seal)
    mailer, done = UserMailer(runtime, mail, SENDER, LINK), []
    while claims := await EMAILS.claim(harness.store, harness.clock.now(), 1):
        done.append(await EMAILS.work_on(harness.store, harness.clock, claims[0], mailer.deliver))
    return done.count(True), done.count(False)
