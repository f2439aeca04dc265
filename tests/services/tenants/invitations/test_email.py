"""The invitation email: no name or address can change its headers, recipients or content."""

import asyncio
import unicodedata
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import EmailMessage
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from kernel.emails import checked_email, deliverable_email, normalized_email
from kernel.errors import InvalidRequest
from kernel.fields import Fields
from kernel.identity.callers import Role
from kernel.mail.message import holds_link
from kernel.mail.route import MailRoute
from kernel.mail.smtp import SmtpMail
from services.tenants.invitations.email import EmailTokens, Envelope, Names, invite
from services.tenants.invitations.model import Invitation
from tests.support.clock import START
from tests.support.mail import HOST, Mailbox, mail_server

ENVELOPE = Envelope(
    "Coditect <no-reply@example.com>",
    "https://example.com/join#token={token}",
    "https://example.com/opt-out#token={token}",
    "https://example.com/one-click?token={token}",
)
EMAIL = "bob@example.com"
NAME_CHARACTERS = 100  # of the contract
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
}
HTML = "=?utf-8?q?a=0D=0AContent-Type:_text/html=0D=0A=0D=0A<a_href=3D//evil.example>Log_in</a>?="
BCC = "=?utf-8?q?a=0D=0ABcc:_eve@evil.example?="
TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

typed = st.characters(exclude_categories=["Cc", "Cs"])
words = st.sampled_from(
    [HTML, BCC, "=?", "?=", "=?utf-8?b?DQo=?=", "\u2028", "\u202e", "株式会社", "<a@b>", '"', "\\"]
)
names = st.lists(words | st.text(typed, max_size=30) | st.just(" "), min_size=1, max_size=8).map(
    lambda parts: "".join(parts)[:NAME_CHARACTERS]
)
atoms = st.text(
    st.sampled_from("aZ0=?_!#$%&'*+-/^`{|}~") | st.characters(categories=["L", "N", "P", "S"]),
    min_size=1,
    max_size=20,
)
domains = st.sampled_from(["x.example", "söhne.example", "y" * 60 + ".example", "株式会社.example"])
emails = st.builds("{}{}@{}".format, st.sampled_from(["", "a.", "=?utf-8?q?", '"']), atoms, domains)


class Server:
    """A client of a real mail server, which takes one email after the other."""

    def __init__(self, runner: asyncio.Runner, box: Mailbox, port: int) -> None:
        self._runner = runner
        self._box = box
        self._mail = SmtpMail(MailRoute.parse(f"smtp://{HOST}:{port}?tls=none"))

    def sent(self, email: str, tenant: str, inviter: str) -> tuple[EmailMessage, bytes, list[str]]:
        """Sends an invitation; returns its email as received: parsed, raw, and the recipients."""
        invitation = Invitation(
            UUID(int=1),
            UUID(int=2),
            email,
            normalized_email(email),
            Role.MEMBER,
            b"x" * 32,
            b"y" * 32,
            START,
            START,
        )
        tokens, names = EmailTokens("secret", "mailbox"), Names(tenant, inviter)
        email = invite(ENVELOPE, invitation, tokens, names, START)
        self._runner.run(self._mail.send(email))
        return self._box.emails.pop(), self._box.raw.pop(), self._box.recipients.pop()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A mail server."""
    box = Mailbox()
    with asyncio.Runner() as runner:
        running = mail_server(box, None)
        yield Server(runner, box, runner.run(running.__aenter__()))
        runner.run(running.__aexit__(None, None, None))


def accepted(name: str) -> str:
    """The name as the service validates it; Hypothesis skips a name that it refuses."""
    fields = Fields()
    text = fields.text("name", name, max_length=NAME_CHARACTERS)
    _require_good(fields)
    return text


def _require_good(fields: Fields) -> None:
    try:
        fields.check()
    except InvalidRequest:
        assume(condition=False)


def headers(raw: bytes) -> dict[str, str]:
    """The headers of a raw email; fails if one occurs twice."""
    block = raw.partition(b"\r\n\r\n")[0].decode()
    lines = block.replace("\r\n ", "\n ").replace("\r\n\t", "\n ").split("\r\n")
    found = [line.split(": ", 1) for line in lines]
    assert len({name for name, _ in found}) == len(found)
    return {name: value.replace("\n", "") for name, value in found}


def shown(name: str) -> str:
    """The name as the email shows it: on one line, without bidirectional controls; empty with a link."""
    if holds_link(name):
        return ""
    kept = "".join(" " if unicodedata.category(one) in {"Zl", "Zp"} else one for one in name)
    return "".join(one for one in kept if one not in TURNS).strip()


@settings(max_examples=60, deadline=None)
@given(tenant=names, inviter=names)
@example(tenant=HTML, inviter=HTML)
@example(tenant=BCC, inviter="A\u2028Bcc: eve@example.com")
@example(tenant="=?utf-8?b?DQo=?=", inviter="A\u2028Bcc: Eve")
@example(tenant="x" * 100, inviter="x" * 100)
@example(tenant="x y" * 33, inviter="\u202eAda")
def test_names_appear_as_typed_and_add_nothing_to_the_email(
    server: Server, tenant: str, inviter: str
) -> None:
    """Subject and text show any name without a link; headers, recipients and content type stay the same."""
    tenant, inviter = accepted(tenant), accepted(inviter)
    email, raw, recipients = server.sent(EMAIL, tenant, inviter)
    found = headers(raw)
    assert found.keys() == HEADERS
    what, who = shown(tenant) or "an organization", shown(inviter) or "Somebody"
    assert str(make_header(decode_header(found["Subject"]))) == f"Join {what} on Coditect"
    assert (found["To"], recipients) == (EMAIL, [EMAIL])
    assert str(email["Subject"]) == f"Join {what} on Coditect"
    assert (email.get_content_type(), email.is_multipart()) == ("text/plain", False)
    content = email.get_content()
    assert content.split("\r\n")[2] == f"{who} invites you to join {what} on Coditect as a member."
    assert content.count("//") == 2
    assert "@" not in content
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "name",
    [
        "Your account is locked http://evil.example",
        "HTTPS://EVIL.EXAMPLE/a",
        "//evil",
        "log in at evil.example",
        "www.evil.co",
        "evil.com/login now",
        "пример.рф",
        "उदाहरण.भारत",
        "a.xn--p1ai",
        "call 192.0.2.1",
        "eve@example.com",
        "Eve <eve@localhost>",
        "evil\uff0eexample",
        "evil\u3002com",
        "eve\uff20example",
        "http:\uff0f\uff0fx",
        "evil\u200b.\u2060ex\u00adample",
        "\uff57\uff57\uff57\u2024evil\u2024com",
    ],
    ids=ascii,
)
def test_a_name_with_a_link_or_an_address_is_not_shown(server: Server, name: str) -> None:
    """A neutral word stands in its place, in the subject and in the text."""
    email, _, _ = server.sent(EMAIL, accepted(name), accepted(name))
    assert email["Subject"] == "Join an organization on Coditect"
    line = "Somebody invites you to join an organization on Coditect as a member."
    assert email.get_content().split("\r\n")[2] == line


@pytest.mark.parametrize(
    "name",
    ["J. R. R. Tolkien", "J.R.R. Tolkien", "St. Mary's", "Acme Inc.", "Müller & Co., Ltd.", "A/B Team",
     "R&D: Search", "Version 2.0", "モーニング娘。", "Team 7.5.1", "O.K.", "…and friends", "C++ / C#"],
    ids=ascii,
)  # fmt: skip
def test_a_dot_makes_no_link(server: Server, name: str) -> None:
    """Initials, abbreviations, numbers and the end of a sentence are shown as typed."""
    email, _, _ = server.sent(EMAIL, accepted(name), accepted(name))
    assert email["Subject"] == f"Join {name} on Coditect"
    assert f"{name} invites you" in email.get_content()


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(email=emails)
@example(email="büro@söhne.example")
@example(email="x" * 64 + "@" + "y" * 60 + ".example")
@example(email="a!#$%&'*+-/=?^_`{|}~z@x.example")
@example(email="a!#$%&'*+-/=^_`{|}~?z@x.example")
def test_the_email_goes_only_to_the_invited_address(server: Server, email: str) -> None:
    """For any valid address, the To header and the only recipient are that address, its domain in ASCII."""
    fields = Fields()
    email = checked_email(fields, email)
    _require_good(fields)
    _, raw, recipients = server.sent(email, "Acme", "Ada")
    found = headers(raw)
    assert found.keys() == HEADERS
    expected = deliverable_email(email)
    assert (found["To"], recipients) == (expected, [expected])
    assert found["From"] == "Coditect <no-reply@example.com>"


@pytest.mark.parametrize(
    "email",
    [
        "=?utf-8?q?a?=@x.example",
        "=?utf-8?q?a=0D=0ABcc=3A_eve=40evil.example?=@x.example",
        "=?utf-8?b?YUBldmlsLmV4YW1wbGUs?=@x.example",
        '"a b"@x.example',
        '"=?utf-8?q?a?="@x.example',
        "Ada <ada@x.example>",
        "ada@x.example, eve@x.example",
        "a\u2028b@x.example",
        "a\u202eb@x.example",
    ],
    ids=ascii,
)
def test_ambiguous_addresses_are_refused(email: str) -> None:
    """The check refuses text that a mail program could read as another address."""
    fields = Fields()
    checked_email(fields, email)
    with pytest.raises(InvalidRequest):
        fields.check()
