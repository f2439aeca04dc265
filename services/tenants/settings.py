"""The settings of tenants."""

from typing import Annotated

from pydantic import AfterValidator, Field

from kernel.mail.settings import MailSettings, link_with
from kernel.settings import AddressSetting, ServiceSettings


def _one_click(value: str) -> str:
    if not value.startswith("https://"):  # RFC 8058, section 3.1
        raise ValueError("must begin with https://")
    return value


class TenantsSettings(MailSettings, ServiceSettings):
    """The settings of tenants, in addition to those of every service."""

    auth_address: AddressSetting
    """Where auth serves gRPC."""
    sessions_address: AddressSetting
    """Where sessions serves gRPC."""

    invitation_link: Annotated[str, link_with("token")] = (
        "https://coditect.local/invitations#token={token}"
    )
    """The URL in an invitation email. Browsers do not send what follows a `#`, so no server sees a
    token there. Without `MAIL_URL` inviters pass on the token in the response themselves."""

    invitation_opt_out_link: Annotated[str, link_with("token")] = (
        "https://coditect.local/invitations/opt-out#token={token}"
    )
    """The URL in an invitation email of the page that stops such emails to the mailbox."""
    invitation_opt_out_url: Annotated[str, link_with("token"), AfterValidator(_one_click)] = (
        "https://coditect.local/api/v5/invitations/emails/opt-out/one-click?token={token}"
    )
    """The URL to which a mail program posts to stop invitation emails (RFC 8058): this route of the API,
    as mail providers reach it."""

    tenants_per_user: Annotated[int, Field(ge=1, le=1_000)] = 50
    """The maximum number of organizations of one user, not counting the self-tenant."""
    members_per_tenant: Annotated[int, Field(ge=1, le=150_000)] = 100_000
    """The maximum number of members of one organization. The doctor counts them in one transaction."""
    invitations_per_tenant: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000
    """The maximum number of pending invitations to one organization."""
    invitation_emails_per_address: Annotated[int, Field(ge=1, le=1_000_000)] = 5
    """The maximum number of emails per day (UTC) from one organization to one address."""
    invitation_emails_per_mailbox: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    """The maximum number of emails per day (UTC) from all organizations to one mailbox. Addresses that
    differ only after a `+`, or in dots that the provider ignores (Gmail, Proton), are one mailbox. Over
    the limit the invitation is created but not mailed, and the answer to the inviter is as ever."""
    invitation_emails_per_user: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    """The maximum number of emails per day (UTC) that one user causes."""
    invitation_days: Annotated[int, Field(ge=1, le=365)] = 7
    """The number of days for which an invitation can be accepted."""
    audit_days: Annotated[int, Field(ge=1, le=36_500)] = 400
    """The number of days for which entries of the audit log are kept."""

    settle_seconds: Annotated[float, Field(ge=0, le=5)] = 0.5
    """The longest time that a call which revokes access waits until every service enforces it."""
