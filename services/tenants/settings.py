"""The settings of tenants."""

from typing import Annotated, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from kernel.mail.settings import MailSettings, link
from kernel.settings import API_PATH, EndpointSetting, ServiceSettings, is_loopback

PrivateAddresses: TypeAlias = Literal["refused", "loopback", "allowed"]
"""Which addresses that are not public a webhook can have."""


def _one_click(value: str) -> str:
    try:
        url = urlsplit(value)
        good = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname or ""))
    except ValueError:  # the message must not quote the value
        good = False
    if not good:  # RFC 8058, section 3.1
        raise ValueError("must begin with https://, or with http:// on loopback")
    return value


class TenantsSettings(MailSettings, ServiceSettings):
    """The settings of tenants, in addition to those of every service."""

    auth_address: EndpointSetting
    """Where auth serves gRPC."""
    sessions_address: EndpointSetting
    """Where sessions serves gRPC."""

    invitation_link: Annotated[
        str, Field(validate_default=True), link("/invitations#token={token}")
    ] = ""
    """The URL in an invitation email, with `{token}`; the console's page `/invitations` at `TOKEN_ISSUER` if
    empty. Browsers do not send what follows a `#`, so no server sees a token there. Without `MAIL_URL`
    inviters pass on the token in the response themselves."""

    invitation_opt_out_link: Annotated[
        str, Field(validate_default=True), link("/invitations/opt-out#token={token}")
    ] = ""
    """The URL in an invitation email of the page that stops such emails to the mailbox, with `{token}`;
    the console's page `/invitations/opt-out` at `TOKEN_ISSUER` if empty."""
    invitation_opt_out_url: Annotated[
        str,
        Field(validate_default=True),
        link(f"{API_PATH}/invitations/emails/opt-out/one-click?token={{token}}"),
        AfterValidator(_one_click),
    ] = ""
    """The URL to which a mail program posts to stop invitation emails (RFC 8058), with `{token}`: this
    route of the API, as mail providers reach it; the one at `TOKEN_ISSUER` if empty."""

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

    webhooks_per_tenant: Annotated[int, Field(ge=1, le=100)] = 10
    """The maximum number of webhooks of one organization."""
    webhook_retry_hours: Annotated[int, Field(ge=1, le=720)] = 72
    """For how many hours a webhook tries to send an event, while those after it wait. Then the event is a
    failed delivery; if the next one fails, too, the webhook is disabled."""
    webhook_private_addresses: PrivateAddresses = "refused"
    """Whether webhooks send to addresses that are not public, and over http: `refused`; `loopback`, only to
    this machine, as on a developer's; or `allowed`, to all. Admins of organizations choose the URLs, so
    `allowed` is only for a system whose network they may reach."""

    settle_seconds: Annotated[float, Field(ge=0, le=5)] = 0.5
    """The longest time that a call which revokes access waits until every service enforces it."""
