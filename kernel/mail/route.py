"""The route of mail, and the port of a mail sender.

smtp://user:password@host:587              SMTP with mandatory STARTTLS
smtp://host:25?tls=none                    SMTP without TLS, for a relay on the same host
smtps://user:password@host:465             SMTP over TLS
file:///folder                             one .eml file per mail
"""

from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

_PORTS = {"smtp": 587, "smtps": 465}


class Mail(Protocol):
    """Sends mail."""

    async def send(self, message: EmailMessage) -> None:
        """Sends a mail with From, To and Message-ID. Raises `MailRefused`, `MailUnavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class MailRoute:
    """A route of mail, parsed from a URL as above."""

    scheme: str
    host: str = ""
    port: int = 0
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    clear: bool = False
    """Whether SMTP runs without TLS."""
    folder: str = ""

    @classmethod
    def parse(cls, url: object) -> "MailRoute":
        """Parses a URL. Raises `ValueError`, which quotes nothing of it."""
        try:
            parts = urlsplit(str(url))
            port = parts.port
        except ValueError:
            raise ValueError("has an invalid host or port") from None
        options = parse_qs(parts.query, keep_blank_values=True)
        if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
            return cls("file", folder=unquote(parts.path))
        tls = options.pop("tls", ["starttls"])
        if parts.scheme not in _PORTS or not parts.hostname or options:
            raise ValueError("must be smtp://host, smtps://host or file:///folder")
        if tls not in (["starttls"], ["none"]):
            raise ValueError("has a tls that is neither starttls nor none")
        if tls == ["none"] and (parts.password or parts.scheme == "smtps"):
            raise ValueError("has a tls=none that would expose the password, or contradicts smtps")
        return cls(
            parts.scheme,
            parts.hostname,
            port or _PORTS[parts.scheme],
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            clear=tls == ["none"],
        )
