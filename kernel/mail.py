"""Sends mail: a port, and what fulfils it.

smtp://user:password@host:587              SMTP, with STARTTLS or not at all
smtp://host:25?tls=none                    SMTP in the clear, for a relay on the same host
smtps://user:password@host:465             SMTP over TLS
file:///folder                             a file of the form .eml for each mail
"""

import asyncio
import os
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import parseaddr
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from kernel import log

_SECONDS = 30.0  # for all that is said to a server
_LINE = 78  # characters of a header, with its name (RFC 5322, section 2.1.1)
_PORTS = {"smtp": 587, "smtps": 465}
_PERMANENT = 500  # replies from here on will not get better (RFC 5321, section 4.2.1)

_logger = log.get(__name__)


class MailRefused(Exception):
    """Nobody will ever take this mail; to send it again is no use."""


class MailUnavailable(Exception):
    """The mail cannot be sent at the moment."""


class Mail(Protocol):
    """What sends a mail."""

    async def send(self, message: EmailMessage) -> None:
        """Hands on a mail with From, To and Message-ID. Raises `MailRefused`, `MailUnavailable`."""
        ...


def unstructured(name: str, text: str) -> str:
    """A text of one line in the form of a header, for `set_raw`: whoever reads it gets the text.

    What looks like an encoded word (RFC 2047) is encoded itself, or it would be decoded.
    """
    line = f"{name}: {text}"
    plain = line.isascii() and line.isprintable() and "=?" not in text and len(line) <= _LINE
    return (
        text if plain and text == text.strip() else Header(text, "utf-8", header_name=name).encode()
    )


@dataclass(frozen=True, slots=True)
class MailRoute:
    """Where mail goes, read from an address as above."""

    scheme: str
    host: str = ""
    port: int = 0
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    clear: bool = False
    """Whether SMTP goes without TLS."""
    folder: str = ""

    @classmethod
    def parse(cls, url: object) -> "MailRoute":
        """Reads an address. Raises `ValueError`, which quotes nothing of it."""
        try:
            parts = urlsplit(str(url))
            port = parts.port
        except ValueError:
            raise ValueError("has a host or a port that is none") from None
        options = parse_qs(parts.query, keep_blank_values=True)
        if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
            return cls("file", folder=unquote(parts.path))
        tls = options.pop("tls", ["starttls"])
        if parts.scheme not in _PORTS or not parts.hostname or options:
            raise ValueError("must be smtp://host, smtps://host or file:///folder")
        if tls not in (["starttls"], ["none"]):
            raise ValueError("has a tls that is neither starttls nor none")
        if tls == ["none"] and (parts.password or parts.scheme == "smtps"):
            raise ValueError("has a tls=none that would give the password away, or makes no sense")
        return cls(
            parts.scheme,
            parts.hostname,
            port or _PORTS[parts.scheme],
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            clear=tls == ["none"],
        )


def open_mail(route: MailRoute) -> Mail:
    """Gives what sends mail that way."""
    return FolderMail(Path(route.folder)) if route.scheme == "file" else SmtpMail(route)


class SmtpMail:
    """Sends mail by SMTP (RFC 5321), a connection for each.

    Args:
        route: Where the server is.
        trust: Which servers are who they say; by default as the system does.
    """

    def __init__(self, route: MailRoute, trust: ssl.SSLContext | None = None) -> None:
        self._route = route
        self._trust = trust or ssl.create_default_context()

    async def send(self, message: EmailMessage) -> None:
        """Hands on a mail. Raises `MailRefused`, `MailUnavailable`."""
        route, flat = self._route, _flat(message)
        over_tls = route.scheme == "smtps"
        try:
            async with asyncio.timeout(_SECONDS):
                await aiosmtplib.send(
                    flat.content,
                    sender=flat.sender,
                    recipients=flat.recipients,
                    mail_options=["SMTPUTF8"] if flat.utf8 else [],
                    hostname=route.host,
                    port=route.port,
                    username=route.user,
                    password=route.password,
                    use_tls=over_tls,
                    # Not True where it is not wanted, and never None: that would take what it gets.
                    start_tls=not over_tls and not route.clear,
                    tls_context=self._trust,
                    timeout=_SECONDS,
                )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            raise _trouble(min(codes, default=0)) from None
        except aiosmtplib.SMTPDataError as error:
            raise _trouble(error.code) from None
        except aiosmtplib.SMTPNotSupported:  # the address takes SMTPUTF8 (RFC 6531)
            raise MailRefused("SMTPUTF8") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            # What is wrong with the host or the sender is no fault of the mail.
            raise MailUnavailable(type(error).__name__) from None


class FolderMail:
    """Writes mail into a folder; a mail with the same Message-ID replaces the one before.

    Args:
        folder: Where to; made when the first mail comes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, message: EmailMessage) -> None:
        """Writes a mail. Raises `MailRefused`, `MailUnavailable`."""
        flat = _flat(message)
        try:
            path = await asyncio.to_thread(self._write, flat)
        except OSError as error:
            raise MailUnavailable(type(error).__name__) from None
        _logger.info("mail written", path=str(path))

    def _write(self, flat: "_Flat") -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{flat.mark}.eml"
        new = path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(flat.content)
        return new.replace(path)


class _Flat(NamedTuple):
    """A mail as it goes out.

    Attributes:
        sender: The address in From.
        recipients: The addresses in To.
        mark: What in the Message-ID stands before the `@`.
        utf8: Whether headers are in UTF-8, because an address is.
        content: Headers and text.
    """

    sender: str
    recipients: list[str]
    mark: str
    utf8: bool
    content: bytes


def _flat(message: EmailMessage) -> _Flat:
    """Makes bytes of a mail, with raw headers just as they are. Raises `MailRefused`."""
    try:
        (sender,), recipients = _addresses(message, "From"), _addresses(message, "To")
        utf8 = not "".join([sender, *recipients]).isascii()
        policy = (SMTPUTF8 if utf8 else SMTP).clone(refold_source="none", cte_type="7bit")
        mark = parseaddr(message["Message-ID"])[1].partition("@")[0]
        content = message.as_bytes(policy=policy)
    except (MessageError, ValueError, LookupError) as error:
        raise MailRefused(type(error).__name__) from None
    if message_from_bytes(content).keys() != message.keys():
        raise MailRefused("A header ends in the middle.")
    return _Flat(sender, recipients, mark, utf8, content)


def _addresses(message: EmailMessage, header: str) -> list[str]:
    addresses = message[header].addresses
    if not all(one.username and one.domain for one in addresses):
        raise ValueError("There is no address.")
    return [one.addr_spec for one in addresses]


def _trouble(code: int) -> Exception:
    return MailRefused(str(code)) if code >= _PERMANENT else MailUnavailable(str(code))
