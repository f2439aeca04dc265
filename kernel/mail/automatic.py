"""Makes and sends the mail of a program: no person has written it, and none reads replies."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime, parseaddr

from kernel import log
from kernel.emails import deliverable_email
from kernel.mail.errors import MailRefused, MailUnavailable
from kernel.mail.message import unstructured
from kernel.mail.route import Mail

_LINE = 998  # characters (RFC 5322, section 2.1.1)

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
    name, address = parseaddr(sender)
    email = EmailMessage(policy=SMTPUTF8)
    email["From"] = Address(name, addr_spec=address)
    # Raw: the usual way to set a header first parses its value, which decodes it and folds long ones.
    email.set_raw("To", deliverable_email(to))
    email.set_raw("Subject", unstructured("Subject", subject))
    email["Date"] = format_datetime(now)
    email.set_raw("Message-ID", f"<{mark}@{address.rpartition('@')[2]}>")
    email["Auto-Submitted"] = "auto-generated"
    email.set_content(text, cte=_encoding(text))
    if html is not None:
        # References to characters keep it in ASCII.
        ascii_html = html.encode("ascii", "xmlcharrefreplace").decode()
        email.add_alternative(ascii_html, subtype="html", cte=_encoding(ascii_html))
    return email


def _encoding(text: str) -> str:
    # Not encoded if possible: encoding can break the link in an email that is read as a file.
    plain = text.isascii() and all(len(line) <= _LINE for line in text.splitlines())
    return "7bit" if plain else "quoted-printable"


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
