"""Sending mail: by the configured route, encrypted unless disabled, with distinct errors."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTPUTF8
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from kernel.mail.errors import MailRefused, MailUnavailable
from kernel.mail.folder import FolderMail
from kernel.mail.message import one_line, unstructured
from kernel.mail.open import open_mail
from kernel.mail.route import Mail, MailRoute
from kernel.mail.smtp import SmtpMail
from tests.support.mail import HOST, Mailbox, Trust, mail_server


@pytest.fixture
def box() -> Mailbox:
    """The mailbox of a server."""
    return Mailbox()


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    """A certificate."""
    return Trust(tmp_path)


def message_to(to: str = "ada@example.com") -> EmailMessage:
    """A message."""
    message = EmailMessage(policy=SMTPUTF8)
    message["From"], message["To"] = "Coditect <no-reply@example.com>", to
    message["Subject"], message["Message-ID"] = "Grüße", "<one.two@example.com>"
    message.set_content("Hello, Söhne", cte="quoted-printable")
    return message


def route(url: str, port: int) -> MailRoute:
    """The route to a test's server."""
    return MailRoute.parse(url.format(f"{HOST}:{port}"))


async def test_over_starttls_with_a_password(box: Mailbox, trust: Trust) -> None:
    """The usual route: encrypted, with a login, and every character arrives."""
    async with mail_server(box, trust, login=True) as port:
        mail = SmtpMail(route("smtp://us%40er:p%3Aw%40rd@{}", port), trust.client)
        await mail.send(message_to())
    assert (box.recipients, box.logins) == ([["ada@example.com"]], [(b"us@er", b"p:w@rd")])
    (message,) = box.emails
    assert (message["Subject"], message.get_content().split("\r\n")) == (
        "Grüße",
        ["Hello, Söhne", ""],
    )


async def test_over_tls(box: Mailbox, trust: Trust) -> None:
    """The connection is encrypted from the first byte."""
    async with mail_server(box, trust, over_tls=True) as port:
        await SmtpMail(route("smtps://{}", port), trust.client).send(message_to())
    assert len(box.emails) == 1


async def test_plaintext_only_if_configured(box: Mailbox) -> None:
    """A server without TLS gets no mail, unless plaintext is configured."""
    async with mail_server(box, None) as port:
        with pytest.raises(MailUnavailable):
            await SmtpMail(route("smtp://{}", port)).send(message_to())
        assert box.emails == []
        await SmtpMail(route("smtp://{}?tls=none", port)).send(message_to())
    assert len(box.emails) == 1


@pytest.mark.parametrize("url", ["smtp://{}", "smtps://{}"])
async def test_a_server_without_a_trusted_certificate(box: Mailbox, trust: Trust, url: str) -> None:
    """A server without a trusted certificate gets no mail."""
    async with mail_server(box, trust, over_tls="smtps" in url) as port:
        with pytest.raises(MailUnavailable):
            await open_mail(route(url, port)).send(message_to())
    assert box.emails == []


@pytest.mark.parametrize(
    ("reply", "error"),
    [("550 No such user", MailRefused), ("451 Come again", MailUnavailable)],
)
async def test_a_rejected_recipient(
    box: Mailbox, trust: Trust, reply: str, error: type[Exception]
) -> None:
    """A rejected recipient is a permanent or a temporary error."""
    box.replies = [reply]
    async with mail_server(box, trust) as port:
        mail = SmtpMail(route("smtp://{}", port), trust.client)
        with pytest.raises(error):
            await mail.send(message_to())
        await mail.send(message_to())


async def test_a_wrong_password_or_no_server(box: Mailbox, trust: Trust) -> None:
    """Both are temporary errors, because the mail itself is fine."""
    async with mail_server(box, trust, login=True) as port:
        with pytest.raises(MailUnavailable):
            await SmtpMail(route("smtp://a:b@{}", port), trust.client).send(message_to())
    with pytest.raises(MailUnavailable):
        await SmtpMail(route("smtp://{}", 9), trust.client).send(message_to())


async def test_an_international_address(box: Mailbox, trust: Trust) -> None:
    """It is sent if the server supports such addresses."""
    async with mail_server(box, trust) as port:
        await SmtpMail(route("smtp://{}", port), trust.client).send(
            message_to("büro@söhne.example")
        )
    assert box.recipients == [["büro@söhne.example"]]


@pytest.mark.parametrize(
    ("header", "value"),
    [("Subject", "a\nBcc: eve@example.com"), ("To", "Ada"), ("To", "\ud800@example.com")],
    ids=ascii,
)
async def test_invalid_mail_is_refused(tmp_path: Path, header: str, value: str) -> None:
    """Invalid mail is refused permanently."""
    message = message_to()
    del message[header]
    message.set_raw(header, value)
    folder = tmp_path / "box"
    ways: list[Mail] = [SmtpMail(route("smtp://{}", 9)), FolderMail(folder)]
    for mail in ways:
        with pytest.raises(MailRefused):
            await mail.send(message)
    assert not folder.exists()


@pytest.mark.parametrize(
    "text",
    [
        "Join Acme",
        "a  b",
        " a ",
        "=?utf-8?q?a=0D=0ABcc:_eve@evil.example?=",
        "=?utf-8?b?YQ==?= =?utf-8?b?YQ==?=",
        "株式会社" * 20,
        "x" * 100,
        "x y " * 40,
        "👩\u200d👩\u200d👧",
    ],
    ids=ascii,
)
def test_a_text_in_a_header(text: str) -> None:
    """A decoded header equals the original text, and its lines need no folding."""
    value = unstructured("Subject", text)
    assert str(make_header(decode_header(value))) == text
    lines = f"Subject: {value}".split("\n")
    assert all(len(line) <= 78 and line.isascii() for line in lines)
    assert all(line.startswith(" ") for line in lines[1:])
    assert (
        str(message_from_bytes(f"Subject: {value}\n\n".encode(), policy=SMTPUTF8)["Subject"])
        == text
    )


async def test_into_a_folder(tmp_path: Path) -> None:
    """A mail becomes a file that only its owner can read; the same mail again is the same file."""
    mail = open_mail(MailRoute.parse(f"file://{tmp_path}/new/mail%20box"))
    assert isinstance(mail, FolderMail)
    with capture_logs() as logs:
        await mail.send(message_to("büro@söhne.example"))
        await mail.send(message_to("büro@söhne.example"))
    (path,) = (tmp_path / "new" / "mail box").iterdir()
    assert (path.name, path.stat().st_mode & 0o777) == ("one.two.eml", 0o600)
    message = message_from_bytes(path.read_bytes(), policy=SMTPUTF8)
    assert (message["To"], message["Subject"]) == ("büro@söhne.example", "Grüße")
    assert [line["event"] for line in logs] == ["mail written"] * 2


async def test_into_an_unusable_folder(tmp_path: Path) -> None:
    """A folder that cannot be written is a temporary error."""
    (tmp_path / "file").touch()
    with pytest.raises(MailUnavailable):
        await FolderMail(tmp_path / "file" / "box").send(message_to())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail", MailRoute("smtp", "mail", 587)),
        ("smtp://ada@mail:25?tls=starttls", MailRoute("smtp", "mail", 25, "ada")),
        ("smtps://ada:b%40c@mail", MailRoute("smtps", "mail", 465, "ada", "b@c")),
        ("smtp://mail:25?tls=none", MailRoute("smtp", "mail", 25, clear=True)),
        ("file:///a/b", MailRoute("file", folder="/a/b")),
    ],
)
def test_addresses(url: str, expected: MailRoute) -> None:
    """A URL has a scheme and the parts that it needs."""
    assert MailRoute.parse(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail",
        "http://mail",
        "smtp://",
        "smtp://mail:secret",
        "smtp://mail:99999",
        "smtp://mail?tls=maybe",
        "smtp://mail?tls=",
        "smtp://mail?other=1",
        "smtp://ada:secret@mail?tls=none",
        "smtps://mail?tls=none",
        "file://host/folder",
        "file:folder",
        "smtp://[secret",
    ],
)
def test_bad_addresses(url: str) -> None:
    """An invalid URL is refused, and the error does not quote it."""
    with pytest.raises(ValueError) as error:  # noqa: PT011 - that is what settings take
        MailRoute.parse(url)
    assert "secret" not in str(error.value)


def test_a_password_is_not_shown() -> None:
    """A route's text, in a log for example, hides the password."""
    assert "secret" not in repr(MailRoute.parse("smtp://ada:secret@mail"))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("  Söhne & Co. 株式会社 ", "Söhne & Co. 株式会社"),
        ("Ada\r\nBcc: eve@example.com", "Ada  Bcc: eve@example.com"),
        ("Ada\u2028Bcc: eve@example.com", "Ada Bcc: eve@example.com"),
        ("Ada\u2029\x00\x85", "Ada"),
        ("\u202eadA\u2066 B\u2069", "adA B"),
        ("\u2028\u202c", ""),
    ],
    ids=ascii,
)
def test_a_name_stays_on_its_line(name: str, line: str) -> None:
    """A name neither ends the line that it is in nor changes the direction of its text."""
    assert one_line(name) == line
