"""Mail by SMTP (RFC 5321)."""

import asyncio
import ssl
from email.message import EmailMessage

import aiosmtplib

from kernel import tracing
from kernel.mail.errors import MailRefused, MailUnavailable
from kernel.mail.message import FlatMail, flattened
from kernel.mail.route import MailRoute

_SECONDS = 30.0  # for the whole dialogue with a server
_PERMANENT = 500  # replies from here on are permanent failures (RFC 5321, section 4.2.1)


class SmtpMail:
    """Sends mail by SMTP (RFC 5321), with one connection per mail.

    Args:
        route: The address of the server, and the login.
        trust: Verifies the server's certificate; by default with the system's authorities.
    """

    def __init__(self, route: MailRoute, trust: ssl.SSLContext | None = None) -> None:
        self._route = route
        self._trust = trust or ssl.create_default_context()

    async def send(self, message: EmailMessage) -> None:
        """Sends a mail. Raises `MailRefused`, `MailUnavailable`."""
        flat = flattened(message)
        try:
            async with asyncio.timeout(_SECONDS):
                with tracing.span("send mail", {"server.address": self._route.host}):
                    await self._deliver(flat)
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            raise _error_of(min(codes, default=0)) from None
        except aiosmtplib.SMTPDataError as error:
            raise _error_of(error.code) from None
        except aiosmtplib.SMTPNotSupported:  # the address requires SMTPUTF8 (RFC 6531)
            raise MailRefused("SMTPUTF8") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            # A problem of the host or the sender is not a fault of the mail.
            raise MailUnavailable(type(error).__name__) from None

    async def _deliver(self, flat: FlatMail) -> None:
        route = self._route
        over_tls = route.scheme == "smtps"
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
            # Never None: that would make STARTTLS optional.
            start_tls=not over_tls and not route.clear,
            tls_context=self._trust,
            timeout=_SECONDS,
        )


def _error_of(code: int) -> Exception:
    return MailRefused(str(code)) if code >= _PERMANENT else MailUnavailable(str(code))
