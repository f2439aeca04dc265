"""The settings of auth."""

import os
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from kernel.mail.settings import MailSettings, link_with
from kernel.settings import MOST_SECONDS, AddressSetting, ServiceSettings

_LANE_KIB = 8  # RFC 9106, section 3.1


class AuthSettings(MailSettings, ServiceSettings):
    """The settings of auth, in addition to those of every service."""

    tenants_address: AddressSetting
    """Where tenants serves gRPC."""
    sessions_address: AddressSetting
    """Where sessions serves gRPC."""

    argon2_memory_kib: Annotated[int, Field(ge=8, le=4 << 20)] = 19_456
    """Memory for one password hash in KiB (OWASP: 19 MiB with two passes and one lane)."""
    argon2_passes: Annotated[int, Field(ge=1, le=100)] = 2
    """Argon2id passes for one password hash."""
    argon2_lanes: Annotated[int, Field(ge=1, le=16)] = 1
    """Argon2id lanes for one password hash. Each needs 8 KiB of `ARGON2_MEMORY_KIB`."""

    @field_validator("argon2_lanes")
    @classmethod
    def _in_memory(cls, lanes: int, info: ValidationInfo) -> int:
        memory = info.data.get("argon2_memory_kib")
        if memory is not None and memory < _LANE_KIB * lanes:
            raise ValueError(f"needs {_LANE_KIB} KiB of ARGON2_MEMORY_KIB for each lane")
        return lanes

    hash_threads: Annotated[int, Field(ge=1, le=256)] = os.cpu_count() or 1
    """Password hashes computed at the same time. Hashing takes this many times `ARGON2_MEMORY_KIB`."""
    hash_queue: Annotated[int, Field(ge=1, le=100_000)] = 256
    """Password hashes that may wait. Networks (/24 of IPv4, /48 of IPv6) take turns. If the queue is
    full, the network that has the most in it gets `HASHING_BUSY`."""

    login_idle_seconds: Annotated[int, Field(ge=60, le=MOST_SECONDS)] = 30 * 86_400
    """A login ends after this time without a refresh."""
    login_life_seconds: Annotated[int, Field(ge=60, le=MOST_SECONDS)] = 180 * 86_400
    """The maximum life of a login, however often it is refreshed."""
    refresh_grace_seconds: Annotated[float, Field(ge=0, le=60)] = 30.0
    """For this time a used refresh token gives the same successor again, unless the successor was
    used: browser tabs refresh at the same time, and an answer may be lost during an outage."""
    logins_per_user: Annotated[int, Field(ge=1, le=500)] = 100
    """The maximum number of logins of a user. A further login ends the least recently used one."""

    registration: Literal["open", "verified"] = "open"
    """`open`: registering makes an account at once, and mails a proof of its address. `verified`: it
    makes none before the address is proved, always answers alike, and accounts whose address is not
    proved cannot log in. `verified` needs `MAIL_URL`."""

    @field_validator("registration")
    @classmethod
    def _with_mail(cls, registration: str, info: ValidationInfo) -> str:
        if registration == "verified" and info.data.get("mail_url") is None:
            raise ValueError("verified needs MAIL_URL: addresses are proved by email")
        return registration

    verification_seconds: Annotated[int, Field(ge=60, le=MOST_SECONDS)] = 86_400
    """How long an email that proves an address is good."""
    reset_seconds: Annotated[int, Field(ge=60, le=86_400)] = 3600
    """How long an email that resets a password is good."""
    undo_email_seconds: Annotated[int, Field(ge=3600, le=MOST_SECONDS)] = 7 * 86_400
    """How long a change of address can be undone from the old address."""

    key_life_seconds: Annotated[int, Field(ge=3600, le=MOST_SECONDS)] = 30 * 86_400
    """How long a signing key signs."""
    key_lead_seconds: Annotated[int, Field(ge=60, le=86_400)] = 600
    """How long the next signing key is published before it signs."""

    account_link: Annotated[str, link_with("page", "token")] = (
        "https://coditect.local/{page}#token={token}"
    )
    """The URL in the emails to users. The pages are `verify-email`, `confirm-registration`,
    `change-email`, `undo-email` and `reset-password`. Browsers do not send what follows a `#`, so no
    server sees a token there."""
    emails_per_mailbox: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    """The maximum number of emails per day (UTC) that may be requested for one mailbox, by anyone.
    Addresses that differ only after a `+`, or in dots that the provider ignores (Gmail, Proton), are
    one mailbox. Over the limit no email is sent, and the caller is not told."""
    emails_per_network: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    """The maximum number of emails per day (UTC) that one network (/24 of IPv4, /48 of IPv6) may
    request."""
    emails_per_user: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    """The maximum number of emails per day (UTC) that one user may request."""
    notices_per_mailbox: Annotated[int, Field(ge=1, le=1_000_000)] = 10
    """The maximum number of notices of one kind per day (UTC) to one mailbox, such as those of a
    changed password."""

    settle_seconds: Annotated[float, Field(ge=0, le=5)] = 0.5
    """The maximum time that a logout waits until every service enforces it."""
