"""The daily limits of invitation emails: per address, per mailbox and per sender.

The recipients did not ask for these emails, so their number per day (UTC) is limited.
"""

from datetime import datetime

from kernel.clock import day_of, rest_of_day
from kernel.storage import Write
from services.tenants.invitations import repository
from services.tenants.invitations.errors import MailLimitReached
from services.tenants.invitations.model import Invitation
from services.tenants.settings import TenantsSettings

PER_ADDRESS = "address"
"""Emails of one organization to one address."""
PER_MAILBOX = "mailbox"
"""Emails of all organizations to one mailbox."""
PER_SENDER = "sender"
"""Emails of one user to all addresses."""

_GOOGLE, _PROTON = ("gmail.com", "."), ("proton.me", "._-")
# By domain: the provider's main domain, and the characters of a local part that it ignores.
_PROVIDERS = {
    "gmail.com": _GOOGLE,
    "googlemail.com": _GOOGLE,
    "proton.me": _PROTON,
    "protonmail.com": _PROTON,
    "protonmail.ch": _PROTON,
    "pm.me": _PROTON,
}


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
            await _take(tx, day, PER_ADDRESS, address, self._per_address)
            and await _take(tx, day, PER_SENDER, sender, self._per_sender)
        ):
            raise MailLimitReached(retry_after=rest_of_day(now).total_seconds())
        return await _take(tx, day, PER_MAILBOX, mailbox_of(invitation), self._per_mailbox)


async def _take(tx: Write, day: int, limit: str, subject: bytes, most: int) -> bool:
    """Counts an email unless there are `most` already."""
    # Because of the read, two concurrent emails conflict, so the limit is exact.
    if await repository.email_count(tx, day, limit, subject) >= most:
        return False
    repository.count_email(tx, day, limit, subject)
    return True


def mailbox_of(invitation: Invitation) -> bytes:
    """The mailbox of an address, as its provider tells mailboxes apart.

    What follows a `+` does not count, because most servers ignore it (RFC 5233). Some providers ignore
    dots and other characters, too, and have several domains.
    """
    local, _, domain = invitation.normalized_email.rpartition("@")
    local = local.partition("+")[0]
    provider = _PROVIDERS.get(domain)
    if provider is not None:
        domain, ignored = provider
        local = "".join(character for character in local if character not in ignored)
    return f"{local}@{domain}".encode()
