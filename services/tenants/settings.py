"""The settings of tenants."""

from email.utils import parseaddr
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from kernel.mail.route import MailRoute
from kernel.settings import AddressSetting, ServiceSettings


def _sender(value: str) -> str:
    name, host = parseaddr(value)[1].rpartition("@")[::2]
    if not name or not host:
        raise ValueError("must be a mail address, with or without a name")
    return value


def _link(value: str) -> str:
    if "{token}" not in value:
        raise ValueError("must have {token} in it")
    return value


MailSetting = Annotated[MailRoute, BeforeValidator(MailRoute.parse)]


class TenantsSettings(ServiceSettings):
    """The settings of tenants, beside those of every service."""

    auth_address: AddressSetting
    """Where auth serves gRPC."""
    sessions_address: AddressSetting
    """Where sessions serves gRPC."""

    mail_url: MailSetting | None = None
    """How mail is sent, see `kernel.mail`. Without it no email is sent: the inviter hands on the
    token, which comes with the answer."""
    mail_from: Annotated[str, AfterValidator(_sender)] = "Coditect <no-reply@coditect.local>"
    """The sender of the emails."""
    invitation_link: Annotated[str, AfterValidator(_link)] = (
        "https://coditect.local/invitations#token={token}"
    )
    """Where an invitation is accepted. Behind a `#`, no server on the way sees the token."""

    tenants_per_user: Annotated[int, Field(ge=1, le=1_000)] = 50
    """The most organizations that one user is in; the self-tenant does not count."""
    members_per_tenant: Annotated[int, Field(ge=1, le=150_000)] = 100_000
    """The most members of one organization; the doctor counts them in one transaction."""
    invitations_per_tenant: Annotated[int, Field(ge=1)] = 1_000
    """The most invitations to one organization that wait to be accepted."""
    invitation_emails_per_address: Annotated[int, Field(ge=1)] = 5
    """The most emails of one organization to one address on one day (UTC)."""
    invitation_emails_per_mailbox: Annotated[int, Field(ge=1)] = 20
    """The most emails to one mailbox on one day (UTC), of all organizations; whatever follows a `+`
    in an address is the same mailbox. Over the limit the invitation is created but not mailed, and
    the inviter is not told."""
    invitation_emails_per_user: Annotated[int, Field(ge=1)] = 200
    """The most emails that one user causes on one day (UTC), to all addresses."""
    invitation_days: Annotated[int, Field(ge=1, le=365)] = 7
    """How long an invitation can be accepted."""
    audit_days: Annotated[int, Field(ge=1, le=36_500)] = 400
    """How long entries of the audit log are kept."""

    settle_seconds: Annotated[float, Field(ge=0, le=5)] = 0.5
    """A call that revokes access waits at most so long until every service enforces it."""
