"""Whoever is invited is mailed: from the same transaction, until it is done."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from kernel.identity.callers import Caller, Role
from kernel.mail import Mail, MailRefused, MailRoute, MailUnavailable, SmtpMail
from kernel.seal import Seal, SealKeysWrong
from kernel.storage import Store
from services.tenants import keys
from services.tenants.app import build
from services.tenants.clients import MailDeliveries
from services.tenants.letters import Envelope
from services.tenants.model import Issued
from tests.services.tenants.parts import ACT, Parts, act, call, make_settings
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.ids import FixedIds
from tests.support.mail import HOST, Mailbox, Trust, mail_server
from tests.support.store import dump, rows_between

ENVELOPE = Envelope("Coditect <no-reply@example.com>", "https://example.com/join#token={token}")
EMAIL = "Bob@Example.com"


class Post:
    """Fulfils `Mail`: keeps what it is sent, or fails as it is told."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.failures: list[Exception] = []

    async def send(self, message: object) -> None:
        """Takes a mail, or not."""
        if self.failures:
            raise self.failures.pop(0)
        self.letters.append(str(message))


@pytest.fixture
def post() -> Post:
    """Where mail goes."""
    return Post()


async def drain(parts: Parts, mail: Mail, seal: Seal | None = None) -> tuple[int, int]:
    """Sends what waits; how many were done with, and how many failed."""
    deliveries = MailDeliveries(parts.store, parts.clock, seal or parts.seal, mail, ENVELOPE)
    return await keys.MAIL.drain(parts.store, deliveries.deliver_mail)


def written(folder: Path) -> str:
    """All mail in a folder."""
    return "".join(path.read_text() for path in folder.glob("mail/*.eml"))


async def invite(parts: Parts, ada: Caller, acme: UUID, email: str = EMAIL) -> Issued:
    """An invitation of Ada's."""
    return await parts.invitations.create(call(ada, acme), ACT, email, Role.ADMIN)


async def test_a_letter_over_a_real_server(
    tmp_path: Path, parts: Parts, ada: Caller, acme: UUID
) -> None:
    """It says who invites, where to, as what, until when, and has the link."""
    issued = await invite(parts, ada, acme)
    box, trust = Mailbox(), Trust(tmp_path)
    async with mail_server(box, trust) as port:
        mail = SmtpMail(MailRoute.parse(f"smtp://{HOST}:{port}"), trust.client)
        assert await drain(parts, mail) == (1, 0)
        assert await drain(parts, mail) == (0, 0)
    (letter,) = box.letters
    assert (letter["To"], letter["From"]) == (EMAIL, "Coditect <no-reply@example.com>")
    assert letter["Subject"] == "Join Acme on Coditect"
    text = letter.get_content().splitlines()
    assert "Ada Lovelace invites you to join Acme on Coditect as an admin." in text
    assert f"    https://example.com/join#token={issued.token}" in text
    assert "The link is good once, until 09 January 2030." in text


@pytest.mark.parametrize("email", ["büro@söhne.example", "x" * 64 + "@" + "y" * 60 + ".example"])
@pytest.mark.parametrize("name", ["株式会社 <a@b>", "x" * 100, "A\u2028Bcc: eve@example.com"])
async def test_any_name_and_address(
    parts: Parts, ada: Caller, email: str, name: str, post: Post
) -> None:
    """Whatever somebody is called, there is one letter to one address."""
    other = (await parts.organisations.create(ada, ACT, name, None)).tenant.tenant_id
    await invite(parts, ada, other, email)
    assert await drain(parts, post) == (1, 0)
    (letter,) = post.letters
    assert letter.count("\nTo: ") == 1
    assert "\nBcc: " not in letter


async def test_mail_is_sent_until_it_is_taken(
    parts: Parts, ada: Caller, acme: UUID, post: Post
) -> None:
    """What fails comes again, and holds up no other; what is refused for good does not."""
    for number in range(3):
        await invite(parts, ada, acme, f"{number}@Example.com")
    post.failures = [MailUnavailable("down"), MailRefused("550")]
    assert await drain(parts, post) == (2, 1)
    assert await drain(parts, post) == (1, 0)
    assert sorted("0@" in one for one in post.letters) == [False, True]


async def test_a_letter_about_nothing_is_not_sent(
    parts: Parts, ada: Caller, acme: UUID, post: Post, clock: FixedClock
) -> None:
    """Not for an invitation that is withdrawn, sent anew, over, or whose tenant is gone."""
    ours = call(ada, acme)
    withdrawn = await invite(parts, ada, acme)
    await parts.invitations.withdraw(ours, ACT, withdrawn.invitation.invitation_id)
    first = await invite(parts, ada, acme)
    again = await parts.invitations.resend(ours, ACT, first.invitation.invitation_id)
    assert await drain(parts, post) == (3, 0)
    (letter,) = post.letters
    assert again.token in letter
    await invite(parts, ada, acme, "late@example.com")
    clock.advance(days=7)
    other = await parts.found(ada)
    await invite(parts, ada, other)
    await parts.organisations.delete(call(ada, other), ACT)
    assert await drain(parts, post) == (2, 0)
    assert len(post.letters) == 1


async def test_a_repeat_sends_one_letter(parts: Parts, ada: Caller, acme: UUID, post: Post) -> None:
    """The mail belongs to the write."""
    for _ in range(2):
        await parts.invitations.create(call(ada, acme), act("key"), EMAIL, Role.ADMIN)
    assert await drain(parts, post) == (1, 0)


async def test_the_token_waits_sealed(
    store: Store, parts: Parts, ada: Caller, acme: UUID, post: Post
) -> None:
    """A thief of the store cannot read it, nor anybody with other keys."""
    issued = await invite(parts, ada, acme)
    assert len(await rows_between(store, *keys.MAIL.rows.range())) == 1
    assert issued.token.encode() not in await dump(store)
    assert await drain(parts, post, Seal(["A" * 43 + "="])) == (0, 1)
    assert issubclass(SealKeysWrong, Exception)
    assert await drain(parts, post) == (1, 0)


async def test_nobody_is_mailed_unless_it_is_said_how(
    store: Store, clock: FixedClock, ada: Caller
) -> None:
    """Without MAIL_URL the token comes with the answer, and no mail waits for ever."""
    parts = Parts(store, clock, make_settings(MAIL_URL=""))
    acme = await parts.found(ada)
    assert (await invite(parts, ada, acme)).token
    assert await rows_between(store, *keys.MAIL.rows.range()) == []


async def test_the_running_service_sends(
    store: Store, clock: FixedClock, parts: Parts, ada: Caller, acme: UUID, tmp_path: Path
) -> None:
    """As wired in production, a letter is there soon after the invitation."""
    app = build(make_settings(MAIL_URL=f"file://{tmp_path}/mail"), store, clock, FixedIds())
    running = asyncio.create_task(app.tasks[-1]())
    issued = await invite(parts, ada, acme)
    await eventually(lambda: issued.token in written(tmp_path))
    running.cancel()
    for close in app.closers:
        await close()
