"""A mail server for tests, and a certificate for it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

HOST = "127.0.0.1"


class Mailbox:
    """The mail that a server has received.

    Attributes:
        emails: The messages in the order of their arrival.
        raw: The same messages as raw bytes.
        recipients: The recipients of each message.
        logins: The users that have logged in.
        replies: The replies to the next recipients, if not 250.
    """

    def __init__(self) -> None:
        self.emails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.replies: list[str] = []

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _: Any, __: Any, envelope: Envelope, address: str, ___: Any
    ) -> str:
        """Accepts or rejects a recipient."""
        if self.replies:
            return self.replies.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: Any, __: Any, envelope: Envelope) -> str:  # noqa: N802
        """Stores a message."""
        content = envelope.content
        assert isinstance(content, bytes)
        email = cast("EmailMessage", message_from_bytes(content, policy=SMTPUTF8))
        self.emails.append(email)
        self.raw.append(content)
        self.recipients.append([str(one) for one in envelope.rcpt_tos])
        return "250 OK"

    def authenticate(self, _: Any, __: Any, ___: Any, ____: str, data: Any) -> AuthResult:
        """Accepts any user with the right password."""
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"p:w@rd", handled=False)


class Trust:
    """A self-signed certificate of the host.

    Attributes:
        server: For the server.
        client: For a client that trusts only this certificate.
    """

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
        now = datetime.now(UTC)
        host = x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))])
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(host, critical=False)
            .sign(key, SHA256())
        )
        path = folder / "mail.pem"
        encoding = serialization.Encoding.PEM
        path.write_bytes(
            certificate.public_bytes(encoding)
            + key.private_bytes(
                encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.server.load_cert_chain(path)
        self.client = ssl.create_default_context(cafile=path)


@asynccontextmanager
async def mail_server(
    box: Mailbox, trust: Trust | None, *, over_tls: bool = False, login: bool = False
) -> AsyncIterator[int]:
    """Runs a server that fills the mailbox; yields its port.

    Args:
        box: The mailbox.
        trust: Its certificate; None for a server without TLS.
        over_tls: Whether it speaks TLS from the first byte, instead of STARTTLS.
        login: Whether it requires a password.
    """
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        starttls = trust is not None and not over_tls
        return SMTP(
            box,
            hostname="mail.test",
            tls_context=trust.server if trust and starttls else None,
            require_starttls=starttls,
            authenticator=cast("Callable[..., AuthResult]", box.authenticate) if login else None,
            auth_required=login,
            auth_require_tls=not over_tls,
            enable_SMTPUTF8=True,
            loop=loop,
        )

    context = trust.server if trust and over_tls else None
    server = await loop.create_server(session, HOST, 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
