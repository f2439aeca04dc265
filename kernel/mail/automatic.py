"""Makes and sends the mail of a program: no person has written it, and none reads replies."""

from datetime import datetime
from email.charset import QP, Charset
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any

from kernel import log
from kernel.emails import deliverable_email
from kernel.mail.errors import MailRefused, MailUnavailable
from kernel.mail.message import unstructured
from kernel.mail.route import Mail

_LINE = 998  # characters (RFC 5322, section 2.1.1)
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP

# Parsed once: the library parses a header that is a text at each look at it, a dozen times in a mail.
_TYPES = {
    subtype: SMTPUTF8.header_factory("Content-Type", f'text/{subtype}; charset="utf-8"')
    for subtype in ("plain", "html")
}

_logger = log.get(__name__)


def automatic_mail(
    *,
    sender: str,
    to: str,
    subject: str,
    mark: str,
    now: datetime,
    text: str,
    html: str | None = None,
) -> EmailMessage:
    """A mail with a text, and with the same in HTML if there is some (multipart/alternative).

    Args:
        sender: `Name <name@host>`.
        to: A checked address.
        subject: One line.
        mark: The Message-ID before the `@`: the same if the mail is sent twice, so that mail programs
            can detect the duplicate.
        now: The time of the mail.
        text: The text.
        html: The HTML document.
    """
    sender_header, host = _sender(sender)
    email = EmailMessage(policy=SMTPUTF8)
    # Raw: the usual way to set a header first parses its value, which decodes it and folds long ones.
    email.set_raw("From", sender_header)
    email.set_raw("To", deliverable_email(to))
    email.set_raw("Subject", unstructured("Subject", subject))
    email.set_raw("Date", format_datetime(now))
    email.set_raw("Message-ID", f"<{mark}@{host}>")
    email.set_raw("Auto-Submitted", "auto-generated")
    email.set_raw("MIME-Version", "1.0")
    if html is None:
        _fill(email, "plain", text)
        return email
    # References to characters keep it in ASCII.
    ascii_html = html.encode("ascii", "xmlcharrefreplace").decode()
    email.set_raw("Content-Type", _alternative(_boundary(text, ascii_html)))
    email.set_payload([_part("plain", text), _part("html", ascii_html)])
    return email


@lru_cache(maxsize=8)
def _sender(sender: str) -> tuple[Any, str]:
    """The header of a sender, and the host of its address."""
    name, address = parseaddr(sender)
    header = SMTPUTF8.header_factory("From", Address(name, addr_spec=address))
    return header, address.rpartition("@")[2]


def _boundary(*texts: str) -> str:
    """What separates the alternatives: a text that is in none of them (RFC 2046, section 5.1.1)."""
    boundary = "=_alternative"
    while any(boundary in text for text in texts):
        boundary += "_"
    return boundary


@lru_cache(maxsize=8)
def _alternative(boundary: str) -> Any:
    return SMTPUTF8.header_factory("Content-Type", f'multipart/alternative; boundary="{boundary}"')


def _part(subtype: str, text: str) -> EmailMessage:
    part = EmailMessage(policy=SMTPUTF8)
    _fill(part, subtype, text)
    return part


def _fill(part: EmailMessage, subtype: str, text: str) -> None:
    """Sets the text of a mail or of one of its parts.

    Not encoded if possible: encoding can break the link in an email that is read as a file.
    """
    lines = text if text.endswith("\n") else f"{text}\n"
    plain = lines.isascii() and all(len(line) <= _LINE for line in lines.splitlines())
    part.set_raw("Content-Type", _TYPES[subtype])
    part.set_raw("Content-Transfer-Encoding", "7bit" if plain else "quoted-printable")
    part.set_payload(lines if plain else _UTF8.body_encode(lines))


async def send_or_drop(mail: Mail, email: EmailMessage) -> None:
    """Sends a mail of a queue, or drops it if the server refuses it for good.

    Raises `MailUnavailable` if it must be tried again.
    """
    try:
        await mail.send(email)
    except MailRefused as error:
        _logger.warning("mail refused", id=email["Message-ID"], cause=str(error))
    except MailUnavailable as error:
        _logger.warning("mail not sent", id=email["Message-ID"], cause=str(error))
        raise
