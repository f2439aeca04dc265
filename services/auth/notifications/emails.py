"""Queues emails to users, in the transaction that causes them, within the limits of a day.

An email that a person asks for counts against the limits of the network, the user and the mailbox. A
notice counts by its kind only, so that no flood of others keeps back the notice of a change.
"""

from datetime import datetime

from kernel.clock import day_of, rest_of_day
from kernel.emails import normalized_email
from kernel.mail.mailbox import mailbox_of
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.notifications import repository
from services.auth.notifications.devices import address_of, program_of, system_of
from services.auth.notifications.errors import TooManyEmails
from services.auth.notifications.model import NewEmail, QueuedEmail
from services.auth.notifications.repository import EMAIL_QUOTA
from services.auth.settings import AuthSettings

PER_MAILBOX = "mailbox"
"""Requested emails to one mailbox."""
PER_SHARE = "share"
"""Requested emails to one mailbox that one network causes."""
PER_NETWORK = "network"
"""Requested emails that one network causes."""
PER_USER = "user"
"""Requested emails that one user causes."""
PER_NOTICE = "notice"
"""Notices of one kind to one mailbox."""

_SHARES = 4  # networks that it takes to use up the limit of a mailbox


class Emails:
    """The queue of emails to users."""

    def __init__(self, runtime: Runtime, settings: AuthSettings) -> None:
        self._ids = runtime.ids
        self._seal = runtime.seal
        self._mails = settings.mail_url is not None
        self._per_mailbox = settings.emails_per_mailbox
        self._per_share = -(-settings.emails_per_mailbox // _SHARES)
        self._per_network = settings.emails_per_network
        self._per_user = settings.emails_per_user
        self._notices = settings.notices_per_mailbox

    async def put(self, tx: Write, email: NewEmail, *, within_limits: bool = True) -> bool:
        """Queues an email in the transaction that causes it; returns whether it will be sent.

        False means that the limit of the mailbox, or the share of the caller's network in it, is
        reached: the email is left out, and the caller must answer as ever, because the limit depends on
        what others have asked for. Without `MAIL_URL` it is False, too. Raises `TooManyEmails` at the
        limits of the network and of the user, never for a notice.

        Args:
            tx: The transaction.
            email: The email.
            within_limits: Whether the limits count. They do not for an email without which a user could
                not use the account at all.
        """
        assert (email.secrets is not None) == email.kind.has_secrets, "a proof has secrets"
        if not self._mails or (within_limits and not await self._take(tx, email)):
            return False
        sealed = b""
        if email.secrets is not None:
            sealed = self._seal.encrypt(repository.pack_secrets(email.secrets))
        # Made in the transaction: of attempts that are repeated, one email is sent.
        repository.put_email(tx, _queued(email), sealed, self._ids.uuid())
        return True

    async def _take(self, tx: Write, email: NewEmail) -> bool:
        day = day_of(email.now)
        mailbox = mailbox_of(normalized_email(email.to))
        if not email.kind.is_requested:
            notice = f"{email.kind} {mailbox}".encode()
            return await EMAIL_QUOTA.take(tx, day, PER_NOTICE, notice, self._notices)
        network = "" if email.device is None else email.device.network
        if network and not await EMAIL_QUOTA.take(
            tx, day, PER_NETWORK, network.encode(), self._per_network
        ):
            raise _too_many(email.now)
        # A share, so that one stranger cannot keep the owner from a reset for the rest of the day. It
        # goes before the user's own limit, so that a stranger does not use that up either.
        share = f"{network} {mailbox}".encode()
        if network and not await EMAIL_QUOTA.take(tx, day, PER_SHARE, share, self._per_share):
            return False
        if email.user_id is not None and not await EMAIL_QUOTA.take(
            tx, day, PER_USER, email.user_id.bytes, self._per_user
        ):
            raise _too_many(email.now)
        return await EMAIL_QUOTA.take(tx, day, PER_MAILBOX, mailbox.encode(), self._per_mailbox)


def _too_many(now: datetime) -> TooManyEmails:
    return TooManyEmails(retry_after=rest_of_day(now).total_seconds())


def _queued(email: NewEmail) -> QueuedEmail:
    device = email.device
    return QueuedEmail(
        kind=email.kind,
        to=email.to,
        language=email.language,
        user_id=email.user_id,
        secrets=None,
        expire_time=email.expire_time,
        create_time=email.now,
        program="" if device is None else program_of(device),
        system="" if device is None else system_of(device),
        address="" if device is None else address_of(device),
        due_time=email.due_time,
    )
