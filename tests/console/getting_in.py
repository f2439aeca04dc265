"""What a user does on the pages of getting in, and what the tests need around them."""

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx

from kernel.storage import Store, Write
from services.auth.factors.repository import RECOVERIES
from tests.console.screen import Screen
from tests.end_to_end.account import verify
from tests.end_to_end.mailbox import Mail, Mailbox
from tests.end_to_end.person import PASSWORD, Person
from tests.end_to_end.second_factor import change
from tools.laptop import Laptop

_OPT_OUT = re.compile(r"/invitations/opt-out#token=([\w-]+)")


def register(screen: Screen, email: str, password: str = PASSWORD) -> None:
    """Fills in the form of a registration and sends it."""
    screen.fill("First name", "Ada")
    screen.fill("Last name", "Lovelace")
    screen.fill("Email address", email)
    screen.fill("Password", password)
    screen.press("Create the account")


def give_password(screen: Screen, email: str, password: str = PASSWORD) -> None:
    """Fills in the form of a login and sends it."""
    screen.see_heading("Log in")
    screen.fill("Email address", email)
    screen.fill("Password", password)
    screen.press("Log in")


def open_link(screen: Screen, mail: Mail) -> None:
    """Opens the link of an email. Its token leaves the address before the page is shown."""
    screen.open(f"/{mail.page}#token={mail.token}")
    forgotten(screen, mail.token)


def forgotten(screen: Screen, token: str) -> None:
    """Asserts that the address, the history and the storage of a tab do not have a token."""
    address = screen.do(lambda page: page.evaluate("location.href"))
    assert token not in address
    assert token not in screen.kept()
    assert token not in "".join(screen.requests + screen.messages)


def prove(mailbox: Mailbox, http: httpx.Client, person: Person) -> None:
    """Proves the address of a user."""
    proved = verify(http, person, token=mailbox.next("verify-email").token)
    assert proved.status_code == 200, proved.text


def opt_out_token(mail: Mail) -> str:
    """The token of the link in an invitation that stops such emails."""
    found = _OPT_OUT.search(mail.text)
    assert found is not None, mail.text
    return found[1]


def end_waiting_time(laptop: Laptop, person: Person) -> None:
    """Makes the waiting time of a recovery of lost factors end now."""

    async def end(store: Store) -> None:
        async def write(tx: Write) -> None:
            recovery = await RECOVERIES.get(tx, UUID(person.user_id))
            assert recovery is not None
            passed = recovery.recovery_time - timedelta(days=3)
            await RECOVERIES.put(tx, replace(recovery, recovery_time=passed))

        await store.write(write)

    change(laptop, end)
