"""The daily limits of invitation emails: per address, per mailbox and per sender.

The recipients did not ask for these emails, so their number per day (UTC) is limited.
"""

from datetime import datetime

from kernel.clock import day_of, rest_of_day
from kernel.mail.mailbox import mailbox_of
from kernel.storage import Write
from services.tenants.invitations.errors import MailLimitReached
from services.tenants.invitations.model import Invitation
from services.tenants.invitations.repository import EMAIL_QUOTA
from services.tenants.settings import TenantsSettings

PER_ADDRESS = "address"
"""Emails of one organization to one address."""
PER_MAILBOX = "mailbox"
"""Emails of all organizations to one mailbox."""
PER_SENDER = "sender"
"""Emails of one user to all addresses."""


class EmailQuota:
    """Counts the emails of a day against the three limits."""

    def __init__(self, settings: TenantsSettings) -> None:
        self._per_address = settings.invitation_emails_per_address
        self._per_mailbox = settings.invitation_emails_per_mailbox
        self._per_sender = settings.invitation_emails_per_user

    async def take(self, tx: Write, invitation: Invitation, now: datetime) -> bool:
        """Counts an email about the invitation; returns whether it may be sent.

        False means that the limit of the mailbox is reached. The inviter does not learn that, because
        it depends on other organizations. Raises `MailLimitReached` at the other two limits.
        """
        assert invitation.inviter_id is not None, "an email has a sender"
        day = day_of(now)
        address = invitation.tenant_id.bytes + invitation.normalized_email.encode()
        sender = invitation.inviter_id.bytes
        if not (
            await EMAIL_QUOTA.take(tx, day, PER_ADDRESS, address, self._per_address)
            and await EMAIL_QUOTA.take(tx, day, PER_SENDER, sender, self._per_sender)
        ):
            raise MailLimitReached(retry_after=rest_of_day(now).total_seconds())
        mailbox = mailbox_of(invitation.normalized_email).encode()
        return await EMAIL_QUOTA.take(tx, day, PER_MAILBOX, mailbox, self._per_mailbox)
