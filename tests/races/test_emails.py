"""Emails to users at two replicas at once: no mailbox gets more than its limit."""

import asyncio

from kernel.identity.devices import Device
from kernel.storage import Store
from services.auth.notifications.errors import TooManyEmails
from services.auth.notifications.model import EmailKind
from tests.services.auth.harness import AuthHarness, make_settings
from tests.services.auth.notifications.harness import SECRETS, Post, drain, new_email, put
from tests.support.clock import FixedClock

SETTINGS = {"MAIL_URL": "file:///no", "EMAILS_PER_MAILBOX": "7", "EMAILS_PER_NETWORK": "30"}


async def test_a_mailbox_gets_exactly_its_limit(stores: list[Store]) -> None:
    """Of 60 proofs from 60 networks seven are sent, each once, although both replicas send."""
    clock, post = FixedClock(), Post()
    replicas = [AuthHarness(one, clock, make_settings(**SETTINGS)) for one in stores]

    async def ask(number: int) -> bool:
        email = new_email(
            EmailKind.CONFIRM_REGISTRATION,
            device=Device("", f"192.0.{number}.1"),
            secrets=SECRETS._replace(code=f"CODE{number:04}"),
        )
        return await put(replicas[number % 2].emails, stores[number % 2], email)

    queued = await asyncio.gather(*(ask(number) for number in range(60)))
    await asyncio.gather(*(drain(replica, post) for replica in replicas))
    assert (queued.count(True), len({str(one) for one in post.emails}), len(post.emails)) == (
        7,
        7,
        7,
    )
    for replica in replicas:
        await replica.passwords.close()


async def test_a_network_gets_exactly_its_limit(stores: list[Store]) -> None:
    """Of 80 proofs to 80 mailboxes from one network, 30 are queued, and the others are told."""
    clock = FixedClock()
    replicas = [AuthHarness(one, clock, make_settings(**SETTINGS)) for one in stores]

    async def ask(number: int) -> bool:
        try:
            email = new_email(to=f"{number}@example.com")
            return await put(replicas[number % 2].emails, stores[number % 2], email)
        except TooManyEmails:
            return False

    assert (await asyncio.gather(*(ask(number) for number in range(80)))).count(True) == 30
    for replica in replicas:
        await replica.passwords.close()
