"""The email of an invitation.

The names in it come from people. The recipient sees them as they were typed, but a name cannot end
a line, is not decoded by a mail program, and does not change the direction of the text around it. A name
with a link or an address is replaced by a neutral word: people would follow it because we sent it.
"""

from datetime import datetime
from email.message import EmailMessage
from typing import NamedTuple

from kernel.mail.automatic import automatic_mail
from kernel.mail.message import shown_name
from services.tenants.invitations.model import Invitation

_TEXT = """\
Hello,

{inviter} invites you to join {tenant} on Coditect as {article} {role}.

To accept, log in and open

    {link}

The link is good once, until {day}.
If you do not know what this is about, please ignore it.
"""
_UNNAMED = "Somebody"
_ORGANIZATION = "an organization"


class Envelope(NamedTuple):
    """What is the same in every email.

    Attributes:
        sender: The sender: `Name <name@host>`.
        link: The URL that accepts an invitation, with `{token}` in place of its token.
    """

    sender: str
    link: str


def invite(
    envelope: Envelope,
    invitation: Invitation,
    token: str,
    tenant: str,
    inviter: str,
    now: datetime,
) -> EmailMessage:
    """The email of an invitation.

    Args:
        envelope: What is the same in every email.
        invitation: The invitation, with its address and role.
        token: The token of the invitation.
        tenant: The name of the organization.
        inviter: The name of the inviter; may be empty.
        now: The time of the email.
    """
    tenant, inviter = shown_name(tenant, _ORGANIZATION), shown_name(inviter, _UNNAMED)
    return automatic_mail(
        sender=envelope.sender,
        to=invitation.email,
        subject=f"Join {tenant} on Coditect",
        mark=f"{invitation.invitation_id.hex}.{invitation.token_hash[:8].hex()}",
        now=now,
        text=_text(invitation, envelope.link.replace("{token}", token), tenant, inviter),
    )


def _text(invitation: Invitation, link: str, tenant: str, inviter: str) -> str:
    return _TEXT.format(
        inviter=inviter,
        tenant=tenant,
        article="a" if str(invitation.role) == "member" else "an",
        role=invitation.role,
        link=link,
        day=invitation.expire_time.strftime("%d %B %Y"),
    )
