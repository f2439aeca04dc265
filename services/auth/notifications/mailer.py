"""Sends the emails that wait, if what they are about is still so.

Registration and a forgotten password queue the same rows for every address, so that a request costs
the same whether an account exists. Here, where no caller waits, the account is looked up.
"""

from email.message import EmailMessage
from hashlib import blake2b

from kernel import log
from kernel.emails import is_email, normalized_email
from kernel.mail.automatic import automatic_mail, send_or_drop
from kernel.mail.route import Mail
from kernel.runtime import Runtime
from kernel.seal import SealKeysWrong
from kernel.storage import Read
from services.auth.notifications import repository
from services.auth.notifications.model import EmailKind, QueuedEmail
from services.auth.notifications.rendering import render
from services.auth.users.model import User
from services.auth.users.repository import USERS, user_of_email

_MARK_BYTES = 16

_logger = log.get(__name__)


class UserMailer:
    """Sends the emails of the queue.

    Args:
        runtime: The store, the clock and the seal.
        mail: Sends them.
        sender: `Name <name@host>`.
        account_link: A URL with `{page}` and `{token}`.
    """

    def __init__(self, runtime: Runtime, mail: Mail, sender: str, account_link: str) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._seal = runtime.seal
        self._mail = mail
        self._sender = sender
        self._account_link = account_link

    async def deliver(self, payload: bytes) -> None:
        """Sends one email; raises if it must be tried again.

        Drops an email that has nothing to say any more, or that the mail server refuses for good. One
        of a kind that only a later version knows is left to a process of that version.
        """
        try:
            message = await self._message(payload)
        except repository.EmailKindUnknown as error:
            _logger.warning("mail not sent", cause=type(error).__name__)
            raise
        except (SealKeysWrong, ValueError) as error:
            _logger.warning("mail dropped", cause=type(error).__name__)
            return
        if message is not None:
            await send_or_drop(self._mail, message)

    async def _message(self, payload: bytes) -> EmailMessage | None:
        """The email; None if it has nothing to say any more.

        Raises `SealKeysWrong`; `ValueError` for an unreadable row or a malformed address.
        """
        queued, sealed = repository.parse_email(payload)
        now = self._clock.now()
        if queued.expire_time is not None and queued.expire_time <= now:
            return None
        email = await self._store.read(lambda tx: _current(tx, queued))
        if email is None:
            return None
        if not is_email(email.to):
            raise ValueError("Not an address.")
        if email.kind.has_secrets:
            email = email._replace(secrets=repository.parse_secrets(self._seal.open(sealed)))
        rendered = render(email, self._account_link)
        return automatic_mail(
            sender=self._sender,
            to=email.to,
            subject=rendered.subject,
            # The row has an id: two events of the same kind and time are two emails.
            mark=blake2b(payload, digest_size=_MARK_BYTES).hexdigest(),
            now=now,
            text=rendered.text,
            html=rendered.html,
        )


async def _current(tx: Read, email: QueuedEmail) -> QueuedEmail | None:
    """The email as it is to be sent by now; None if it is not to be sent."""
    account = await user_of_email(tx, normalized_email(email.to))
    match email.kind:
        case EmailKind.VERIFY_EMAIL:
            return None if account is None or account.email_verified else email
        case EmailKind.RESET_PASSWORD:
            return None if account is None else _to(account, email)
        case EmailKind.RECOVER_FACTORS:
            return email if account is not None and account.second_factor else None
        case EmailKind.CONFIRM_REGISTRATION | EmailKind.CHANGE_EMAIL:
            if account is not None and account.owned:
                return _to(account, email)._replace(kind=EmailKind.ACCOUNT_EXISTS)
    if email.user_id is not None and await USERS.get(tx, email.user_id) is None:
        return None
    return email


def _to(account: User, email: QueuedEmail) -> QueuedEmail:
    """The email to the address and in the language of the account, not of the request.

    Two spellings of an address can be two mailboxes to a mail server; only one of them is the account's.
    """
    return email._replace(to=account.email, language=account.language)
