"""The settings of auth."""

import os
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from kernel.mail.settings import MailSettings, link
from kernel.origins import KnownOrigins
from kernel.settings import (
    MOST_SECONDS,
    EndpointSetting,
    PageOriginsSetting,
    ServiceSettings,
    is_loopback,
    split,
)

_URL_CHARACTERS = re.compile(r"[!-~]+")  # of RFC 3986 and a few more, but no blanks
_HOST_NAME = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LANE_KIB = 8  # RFC 9106, section 3.1


def _range_url(value: str) -> str:
    try:
        url = urlsplit(value)
        secure = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname or ""))
        plain = not (url.query or url.fragment or "@" in url.netloc) and url.port != 0
    except ValueError:  # the message must not quote the value
        secure = plain = False
    if not secure or not plain or not url.hostname or not _URL_CHARACTERS.fullmatch(value):
        raise ValueError("must be an https URL without credentials, or http on loopback")
    return value.rstrip("/")


def _host_name(value: str) -> str:
    if not _HOST_NAME.fullmatch(value):  # no address either: passkeys belong to names
        raise ValueError("must be a host name in lowercase")
    return value


def _origin(value: str) -> str:
    try:
        url = urlsplit(value)
        scheme, host, port = url.scheme, url.hostname or "", url.port
    except ValueError:  # the message must not quote the value
        scheme, host, port = "", "", None
    secure = scheme == "https" or (scheme == "http" and is_loopback(host))
    shown = "" if port in {None, _DEFAULT_PORTS.get(scheme)} else f":{port}"
    if not secure or not _HOST_NAME.fullmatch(host) or value != f"{scheme}://{host}{shown}":
        raise ValueError(
            "must be origins as browsers write them: https://HOST, or with :PORT if that is not the default; "
            "http on loopback alone"
        )
    return value


ContextWordsSetting = Annotated[
    tuple[Annotated[str, Field(min_length=3, max_length=100)], ...], BeforeValidator(split)
]
HostNameSetting = Annotated[str, Field(max_length=253), AfterValidator(_host_name)]
OriginsSetting = Annotated[
    tuple[Annotated[str, Field(max_length=300), AfterValidator(_origin)], ...],
    BeforeValidator(split),
]
RangeUrlSetting = Annotated[str, Field(max_length=2000), AfterValidator(_range_url)]


class AuthSettings(MailSettings, ServiceSettings):
    """The settings of auth, in addition to those of every service."""

    tenants_address: EndpointSetting
    """Where tenants serves gRPC."""
    sessions_address: EndpointSetting
    """Where sessions serves gRPC."""

    argon2_memory_kib: Annotated[int, Field(ge=8, le=4 << 20)] = 19_456
    """Memory for one password hash in KiB (OWASP: 19 MiB with two passes and one lane)."""
    argon2_passes: Annotated[int, Field(ge=1, le=100)] = 2
    """Argon2id passes for one password hash."""
    argon2_lanes: Annotated[int, Field(ge=1, le=16)] = 1
    """Argon2id lanes for one password hash. Each needs 8 KiB of `ARGON2_MEMORY_KIB`. A hash with one lane
    is computed by a faster library."""

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

    password_min_length: Annotated[int, Field(ge=8, le=64)] = 15
    """The minimum number of characters of a new password. NIST SP 800-63B-4, section 3.1.1.2: 15, or 8
    where every login also asks for a second factor."""
    password_context_words: ContextWordsSetting = ()
    """Words of which no password can be made, comma separated: the names of your organization, its
    products, projects and hosts, each with at least 3 characters. Those of the user and of Coditect, and
    the host of `TOKEN_ISSUER`, are known without."""
    breached_passwords_file: Path | None = None
    """A file of breached passwords, none of which is accepted as a new one: Have I Been Pwned's list of
    SHA-1 hashes ordered by hash, lines of `HASH:COUNT`. It is searched on disk."""
    breached_passwords_url: RangeUrlSetting | None = None
    """A service that knows breached passwords and speaks Have I Been Pwned's range protocol, such as
    `https://api.pwnedpasswords.com/range`. It gets the first 5 of the 40 digits of a password's SHA-1. If
    it does not answer within a second, the password is accepted."""
    guesses_free: Annotated[int, Field(ge=1, le=100)] = 10
    """Wrong passwords or codes in a row, for an account or for a device that it knows, before guesses
    are stopped for `GUESS_PAUSE_SECONDS`. Each further one doubles the pause."""
    guesses_most: Annotated[int, Field(ge=1, le=100)] = 100
    """Wrong guesses in a row after which an account takes no password until it is reset by email, and
    a device counts as unknown (NIST SP 800-63B-4, section 3.2.2, allows 100)."""
    guess_pause_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    """The first pause."""
    guess_longest_pause_seconds: Annotated[int, Field(ge=1, le=86_400)] = 3_600
    """The maximum length of a pause."""
    guesses_per_network: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    """Wrong guesses in an hour from one network (/24 of IPv4, /48 of IPv6) over all accounts. Then it
    gets `TOO_MANY_ATTEMPTS`, except for devices that their accounts know."""

    passkey_rp_id: HostNameSetting = "localhost"
    """The domain that passkeys belong to (WebAuthn's RP ID): that of the pages on which users log in, or
    a parent domain of it. If it changes, all passkeys are lost."""
    passkey_origins: OriginsSetting = ()
    """The origins of the pages that may ask for passkeys, comma separated, such as
    `https://app.example.com`: of `PASSKEY_RP_ID` or its subdomains. By default `https://` and
    `PASSKEY_RP_ID` and, if that is `localhost`, every port of it, also with `http://`."""

    @field_validator("passkey_origins")
    @classmethod
    def _of_the_rp_id(cls, origins: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        rp_id = info.data.get("passkey_rp_id")
        hosts = [urlsplit(origin).hostname or "" for origin in origins]
        if rp_id is not None and not all(f".{host}".endswith(f".{rp_id}") for host in hosts):
            raise ValueError("must be of PASSKEY_RP_ID or its subdomains")
        return origins

    cors_origins: PageOriginsSetting = ()
    """The exact origins, like `https://app.example.com`, of further pages that may have a login kept in
    a cookie, comma separated; the same as in the gateway. The origin of `TOKEN_ISSUER` may without. If
    this is empty and the host of `TOKEN_ISSUER` is this machine, as on a laptop, every page of this
    machine may: see [browsers](browsers.md)."""

    @property
    def known_origins(self) -> KnownOrigins:
        """The origins whose pages may have a login kept in a cookie."""
        return KnownOrigins.of(self.token_issuer, self.cors_origins)

    login_idle_seconds: Annotated[int, Field(ge=60, le=MOST_SECONDS)] = 14 * 86_400
    """A login ends after this time without a refresh."""
    login_life_seconds: Annotated[int, Field(ge=60, le=MOST_SECONDS)] = 30 * 86_400
    """The maximum life of a login, however often it is refreshed (NIST SP 800-63B-4, section 2.1.3: 30
    days at AAL1)."""
    refresh_grace_seconds: Annotated[float, Field(ge=0, le=60)] = 30.0
    """For this time a used refresh token gives the same successor again, unless the successor was
    used: browser tabs refresh at the same time, and an answer may be lost during an outage."""
    logins_per_user: Annotated[int, Field(ge=1, le=500)] = 100
    """The maximum number of logins of a user. A further login ends the least recently used one."""

    personal_tokens_per_user: Annotated[int, Field(ge=1, le=500)] = 100
    """The maximum number of personal access tokens of a user."""
    service_accounts_per_tenant: Annotated[int, Field(ge=1, le=1_000)] = 100
    """The maximum number of service accounts of an organization."""
    service_account_keys: Annotated[int, Field(ge=1, le=100)] = 10
    """The maximum number of keys of a service account."""
    workspace_tokens_per_session: Annotated[int, Field(ge=1, le=100)] = 20
    """The maximum number of workspace tokens of a session."""
    workspace_token_seconds: Annotated[int, Field(ge=60, le=30 * 86_400)] = 86_400
    """The longest life of a workspace token, which ends with its session or login before."""
    token_longest_days: Annotated[int, Field(ge=1, le=3_650)] = 365
    """The maximum number of days for which a personal access token or a key of a service account is good.
    The policy of an organization can allow less."""
    token_default_days: Annotated[int, Field(ge=1, le=3_650)] = 90
    """The number of days for which such a token is good if its maker names none."""

    @field_validator("token_default_days")
    @classmethod
    def _not_too_long(cls, days: int, info: ValidationInfo) -> int:
        longest = info.data.get("token_longest_days")
        if longest is not None and days > longest:
            raise ValueError("must be at most TOKEN_LONGEST_DAYS")
        return days

    device_logins_per_network: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    """The maximum number of devices of one network (/24 of IPv4, /48 of IPv6) that wait at the same
    time for a user to let them in. Each waits ten minutes at most."""

    oauth_clients_per_tenant: Annotated[int, Field(ge=1, le=500)] = 50
    """The maximum number of OAuth clients of a tenant."""
    dynamic_client_registration: Literal["off", "open"] = "off"
    """`open`: any program can register itself as an OAuth client (RFC 7591), as some MCP clients do.
    Users then see names that are not checked when they are asked to let a program in."""
    registrations_per_network: Annotated[int, Field(ge=1, le=1_000_000)] = 50
    """The maximum number of OAuth clients per day (UTC) that can register themselves from one network
    (/24 of IPv4, /48 of IPv6)."""
    client_metadata_documents: Literal["off", "on"] = "off"
    """`on`: the id of an OAuth client may be an https URL, where auth fetches what the client says of
    itself (OAuth Client ID Metadata Document), as MCP clients do. Auth connects to public addresses
    alone, and must be able to."""

    oauth_pages: Literal["plain", "console"] = "plain"
    """Which pages ask users whether to let a program or a device in: `plain`, those of auth, which work
    without script; or `console`, those of the console at `TOKEN_ISSUER`, to which the addresses
    `/oauth/authorize` and `/oauth/device` then lead."""

    security_log_days: Annotated[int, Field(ge=1, le=3_650)] = 180
    """The number of days for which events of a user's security log are kept, at most the newest
    1,000 of a user."""
    operator_log_days: Annotated[int, Field(ge=30, le=3_650)] = 730
    """The number of days for which the acts of operators are kept."""
    deletion_days: Annotated[int, Field(ge=0, le=90)] = 0
    """The number of days until a deleted account is erased; 0 for at once. Until then a login undoes the
    deletion. Under a legal hold an account waits in any case."""
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

    verification_seconds: Annotated[int, Field(ge=60, le=86_400)] = 86_400
    """How long an email that proves an address is good, at most a day (NIST SP 800-63B-4, 4.2.1.2)."""
    reset_seconds: Annotated[int, Field(ge=60, le=86_400)] = 7_200
    """How long an email that resets a password is good. An email that has waited longer for a mail server is not sent."""
    undo_email_seconds: Annotated[int, Field(ge=3600, le=MOST_SECONDS)] = 7 * 86_400
    """How long a change of address can be undone from the old address, and the first second factor from its notice."""

    factor_recovery_seconds: Annotated[int, Field(ge=3600, le=MOST_SECONDS)] = 3 * 86_400
    """How long a user who has lost all second factors waits before an email can remove them.
    The owner is told by email at the beginning, and any login with a second factor cancels it."""

    token_algorithm: Literal["EdDSA", "ES256"] = "EdDSA"  # noqa: S105 - no secret
    """The algorithm of new signing keys: `EdDSA` (Ed25519), or `ES256` (ECDSA with P-256) for programs
    whose library does not know Ed25519. Both cost the same. A change refuses no valid token: see
    [operations](operations.md#changing-the-algorithm-of-tokens)."""
    key_life_seconds: Annotated[int, Field(ge=3600, le=MOST_SECONDS)] = 30 * 86_400
    """How long a signing key signs."""
    key_lead_seconds: Annotated[int, Field(ge=60, le=86_400)] = 600
    """How long the next signing key is published before it signs."""

    account_link: Annotated[str, Field(validate_default=True), link("/{page}#token={token}")] = ""
    """The URL in the emails to users, with `{page}` and `{token}`; the console's at `TOKEN_ISSUER` if
    empty. The pages are `verify-email`, `confirm-registration`, `change-email`, `undo-email`,
    `reset-password`, `recover-factors` and `undo-factor`. Browsers do not send what follows a `#`, so no
    server sees a token there."""
    emails_per_mailbox: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    """The maximum number of emails per day (UTC) that may be requested for one mailbox, by anyone.
    Addresses that differ only after a `+`, or in dots that the provider ignores (Gmail, Proton), are
    one mailbox. One network may request a quarter of them, so that one stranger does not use
    them up. Over the limit no email is sent, and the answer is as ever."""
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
