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

The link is good once, until {day}, and proves that this address is
yours: please do not pass it on.
If you do not know what this is about, please ignore it. To get no more
invitations at this address, from anyone, open

    {opt_out}
"""
_UNNAMED = "Somebody"
_ORGANIZATION = "an organization"


class Envelope(NamedTuple):
    """What is the same in every email.

    Attributes:
        sender: The sender: `Name <name@host>`.
        link: The URL that accepts an invitation, with `{token}` in place of its token.
        opt_out_link: The page that stops the emails, with `{token}` in place of the mailbox's token.
        one_click: The URL to which mail programs post to stop the emails (RFC 8058), likewise.
    """

    sender: str
    link: str
    opt_out_link: str
    one_click: str


class EmailTokens(NamedTuple):
    """The tokens in an email.

    Attributes:
        token: The token of the invitation that only its email contains.
        opt_out: The token of the mailbox.
    """

    token: str
    opt_out: str


class Names(NamedTuple):
    """The names in an email, as people typed them.

    Attributes:
        tenant: The name of the organization.
        inviter: The name of the inviter; may be empty.
    """

    tenant: str
    inviter: str


def invite(
    envelope: Envelope,
    invitation: Invitation,
    tokens: EmailTokens,
    names: Names,
    now: datetime,
) -> EmailMessage:
    """The email of an invitation.

    Args:
        envelope: What is the same in every email.
        invitation: The invitation, with its address and role.
        tokens: The tokens in the email.
        names: The names in the email.
        now: The time of the email.
    """
    shown = Names(shown_name(names.tenant, _ORGANIZATION), shown_name(names.inviter, _UNNAMED))
    email = automatic_mail(
        sender=envelope.sender,
        to=invitation.email,
        subject=f"Join {shown.tenant} on Coditect",
        mark=f"{invitation.invitation_id.hex}.{invitation.email_token_hash[:8].hex()}",
        now=now,
        text=_text(envelope, invitation, tokens, shown),
    )
    # RFC 8058. Raw: one URL, which must not be folded.
    one_click = envelope.one_click.replace("{token}", tokens.opt_out)
    email.set_raw("List-Unsubscribe", f"<{one_click}>")
    email.set_raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    return email


def _text(envelope: Envelope, invitation: Invitation, tokens: EmailTokens, names: Names) -> str:
    return _TEXT.format(
        inviter=names.inviter,
        tenant=names.tenant,
        article="a" if str(invitation.role) == "member" else "an",
        role=invitation.role,
        link=envelope.link.replace("{token}", tokens.token),
        opt_out=envelope.opt_out_link.replace("{token}", tokens.opt_out),
        day=invitation.expire_time.strftime("%d %B %Y"),
    )
