"""A mail server that is down for a while: no email is lost, and none is sent twice."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiosmtpd.smtp import SMTP

from coditect.storage.v1 import storage_pb2
from kernel.storage import Write, open_store
from kernel.storage.recipes.expiry import milliseconds
from services.auth.notifications.repository import EMAILS
from services.tenants.invitations.repository import INVITATION_EMAILS
from tests.end_to_end.account import change, forgot, reset, verify
from tests.end_to_end.conftest import client, start
from tests.end_to_end.mailbox import Mail, read
from tests.end_to_end.person import Person, new_person
from tests.end_to_end.team import accept, found, invite, switch
from tests.end_to_end.waiting import eventually
from tests.support.mail import HOST, Mailbox
from tools.laptop import Laptop

QUEUES = (EMAILS, INVITATION_EMAILS)
USERS = 5
PER_MAILBOX = 20
SHARE = 5
"""Of those, what one network may ask for."""


class _Busy(Mailbox):
    """A mailbox that is busy until it is not: 4xx, which says to try again later."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = False
        self.refused = 0

    async def handle_RCPT(self, *args: Any) -> str:  # noqa: N802 - the library's name
        if self.busy:
            self.refused += 1
            return "451 4.3.0 busy, try again later"
        return await super().handle_RCPT(*args)


class MailServer:
    """A mail server in a thread, which can be down, or answer that it is busy.

    Attributes:
        port: Where it is.
        box: What it has received, and whether it is busy.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._server: asyncio.Server | None = None
        self.box = _Busy()
        self.port = 0

    def up(self) -> None:
        """Listens, on the same port as before."""
        self._run(self._listen())

    def down(self) -> None:
        """Refuses connections."""
        self._run(self._close())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(
            lambda: SMTP(self.box, hostname="mail.test", enable_SMTPUTF8=True, loop=self._loop),
            HOST,
            self.port,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        assert self._server is not None
        self._server.close()


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that listens."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made = MailServer(loop)
    made.up()
    yield made
    made.down()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@contextmanager
def _system(folder: Path, server: MailServer) -> Iterator[Laptop]:
    url = f"smtp://{HOST}:{server.port}?tls=none"
    more = {"EMAILS_PER_MAILBOX": str(PER_MAILBOX)}
    with start(folder / "data", MAIL_URL=url, **more) as running:
        running.wait_until_ready()
        yield running


def test_mail_is_down_for_a_while(tmp_path: Path, server: MailServer) -> None:
    """Down, then busy, with restarts of the services: then every email arrives, once, and is good.

    A client that asks for too many meanwhile does not fill a mailbox.
    """
    with _system(tmp_path, server) as laptop, client(laptop) as http:
        people = [new_person(http) for _ in range(USERS)]
        owner, acme = people[0], found(people[0])
        assert switch(owner, acme).status_code == 200
        eventually(lambda: len(server.box.emails) == USERS)
        server.box.emails.clear()

        server.down()
        invited = _ask(http, people, acme)
        for _ in range(2 * SHARE):
            forgot(http, people[0].email)
        extra = SHARE - 2  # besides the first reset, and the verification
        expected = USERS * 2 + 1 + extra
        _wait_until_tried(laptop, [1] * expected)
        for name in ("auth", "tenants"):
            laptop.kill(name)
            laptop.restart(name)
        server.box.busy = True
        server.up()
        _let_an_hour_pass(laptop)
        eventually(lambda: server.box.refused == expected, seconds=30)
        _wait_until_tried(laptop, [2] * expected)
        assert server.box.emails == []
        server.box.busy = False
        _let_an_hour_pass(laptop)
        _wait_until_tried(laptop, [])

        mails = [read(raw) for raw in server.box.raw[USERS:]]
        assert len({str(mail.message["Message-ID"]) for mail in mails}) == len(mails) == expected
        got = Counter((str(mail.message["To"]), mail.page) for mail in mails)
        wanted = [(person.email, "reset-password") for person in [people[0]] * extra + people]
        wanted += [(f"new.{person.email}", "change-email") for person in people]
        assert got == Counter([*wanted, (invited, "invitations")])
        _check_they_are_good(http, people, invited, mails)


def _ask(http: httpx.Client, people: list[Person], acme: str) -> str:
    """Causes two emails to each person, and an invitation; returns the invited address."""
    for person in people:
        forgot(http, person.email)
        change(person, f"new.{person.email}")
    invited = f"{uuid4()}@example.com"
    invite(people[0], acme, invited)
    return invited


def _check_they_are_good(
    http: httpx.Client, people: list[Person], invited: str, mails: list[Mail]
) -> None:
    tokens = {(str(mail.message["To"]), mail.page): mail.token for mail in mails}
    assert accept(new_person(http, invited), tokens[invited, "invitations"]).status_code == 200
    for person in people[1:]:
        email = f"new.{person.email}"
        answer = verify(http, person, token=tokens[email, "change-email"])
        assert answer.json()["data"]["email"] == email
        refused = reset(http, token=tokens[person.email, "reset-password"])
        assert refused.status_code == 403, "the account has another address"
    mine = [mail for mail in mails if str(mail.message["To"]) == people[0].email]
    answers = Counter(reset(http, token=mail.token).status_code for mail in mine)
    assert answers == {200: 1, 403: len(mine) - 1}, "each ends the others"


def _wait_until_tried(laptop: Laptop, tries: list[int]) -> None:
    """Waits until each waiting email was tried so often, and none is on its way."""

    def settled() -> bool:
        first = asyncio.run(_waiting(laptop))
        time.sleep(0.5)
        same = asyncio.run(_waiting(laptop)) == first
        return same and sorted(item.attempts for item in first.values()) == tries

    eventually(settled, seconds=30)


def _let_an_hour_pass(laptop: Laptop) -> None:
    """Makes every waiting email due: services wait longer between tries than a test can."""
    asyncio.run(_waiting(laptop, move=True))


async def _waiting(laptop: Laptop, *, move: bool = False) -> dict[bytes, storage_pb2.WorkItem]:
    """The rows of the queues; makes them due if they are to be moved."""
    store = open_store(laptop.settings.store)
    try:
        return await store.write(lambda tx: _rows(tx, move=move))
    finally:
        await store.close()


async def _rows(tx: Write, *, move: bool) -> dict[bytes, storage_pb2.WorkItem]:
    now, items = milliseconds(datetime.now(UTC)), {}
    for queue in QUEUES:
        for key, value in await tx.get_range(*queue.rows.range(), limit=1000):
            items[key] = storage_pb2.WorkItem.FromString(value)
            if move:
                tx.clear(key)
                tx.set(queue.rows.key(now, queue.rows.unpack(key)[1]), value)
                tx.add(queue.head.key(), 1)
    return items
