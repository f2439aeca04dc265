"""Emails to users, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from kernel.identity.devices import Device
from services.auth.one_time_tokens.model import Secrets


class EmailKind(StrEnum):
    """What an email is about."""

    VERIFY_EMAIL = "verify_email"
    """Proof of the address of an account. Dropped if no account has it, or it is proved already."""
    CONFIRM_REGISTRATION = "confirm_registration"
    """Proof of the address of a registration. `ACCOUNT_EXISTS` if a proved account has the address."""
    CHANGE_EMAIL = "change_email"
    """Proof of the new address, to that address. `ACCOUNT_EXISTS` as above."""
    CHANGE_REQUESTED = "change_requested"
    """Notice of a requested change, to the old address, with the link that undoes it."""
    RESET_PASSWORD = "reset_password"  # noqa: S105 - no secret
    """Proof for a new password. Dropped if no account has the address."""
    EMAIL_CHANGED = "email_changed"
    """Notice: the account has another address now."""
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - no secret
    """Notice: the password is another one."""
    NEW_DEVICE = "new_device"
    """Notice: a login from a device that had not logged in before."""
    REFRESH_TOKEN_REUSED = "refresh_token_reused"  # noqa: S105 - no secret
    """Notice: a spent refresh token was used, and its login has ended."""
    PROGRAM_AUTHORIZED = "program_authorized"
    """Notice: a program that had no access got some."""
    AUTHORIZATION_CODE_REUSED = "authorization_code_reused"
    """Notice: the code of a program or of a device was used twice, and its grant has ended."""
    GUESSES_STOPPED = "guesses_stopped"
    """Notice: too many wrong passwords."""
    FACTOR_ADDED = "factor_added"
    """Notice: the account has another second factor."""
    SECOND_FACTOR_ON = "second_factor_on"
    """Notice: the account has its first second factor, with the link that undoes it."""
    FACTOR_REMOVED = "factor_removed"
    """Notice: a second factor was removed."""
    RECOVERY_CODES_CREATED = "recovery_codes_created"
    """Notice: there are new recovery codes."""
    RECOVERY_CODE_USED = "recovery_code_used"
    """Notice: a recovery code was used."""
    CODES_STOPPED = "codes_stopped"
    """Notice: too many wrong codes of a second factor, by a person who knows the password."""
    PASSKEY_COPIED = "passkey_copied"
    """Notice: a passkey was refused, because its counter went backwards."""
    RECOVER_FACTORS = "recover_factors"
    """Proof of the address for a recovery of lost second factors."""
    FACTOR_RECOVERY_STARTED = "factor_recovery_started"
    """Notice: all second factors can be removed after a waiting time."""
    FACTOR_RECOVERY_CANCELLED = "factor_recovery_cancelled"
    """Notice: a login with a second factor has cancelled the recovery."""
    FACTORS_RECOVERED = "factors_recovered"
    """Notice: all second factors were removed."""
    TOKEN_CREATED = "token_created"  # noqa: S105 - no secret
    """Notice: the account has another personal access token."""
    TOKEN_ENDS = "token_ends"  # noqa: S105 - no secret
    """Notice: a personal access token ends within days."""
    SERVICE_ACCOUNT_KEY_ENDS = "service_account_key_ends"
    """Notice: a key of a service account, which the user has made, ends within days."""
    ACCOUNT_DISABLED = "account_disabled"
    """Notice: an operator has disabled the account."""
    DELETION_REQUESTED = "deletion_requested"
    """Notice: the account is erased at a time, unless a login undoes that."""
    DELETION_UNDONE = "deletion_undone"
    """Notice: a login has undone the deletion."""
    FACTORS_REMOVED = "factors_removed"
    """Notice: an operator has removed all second factors."""
    ACCOUNT_EXISTS = "account_exists"
    """Notice: a person has asked for a proof of the address of a proved account."""

    @property
    def has_secrets(self) -> bool:
        """Whether the email has a link, and, unless it undoes something, a code."""
        return self in _WITH_SECRETS

    @property
    def is_requested(self) -> bool:
        """Whether a person asked for the email, who may be a stranger. The others are notices."""
        return self in _REQUESTED


_REQUESTED = frozenset(
    {
        EmailKind.VERIFY_EMAIL,
        EmailKind.CONFIRM_REGISTRATION,
        EmailKind.CHANGE_EMAIL,
        EmailKind.RESET_PASSWORD,
        EmailKind.RECOVER_FACTORS,
    }
)
_WITH_SECRETS = _REQUESTED | {EmailKind.CHANGE_REQUESTED, EmailKind.SECOND_FACTOR_ON}


@dataclass(frozen=True, slots=True)
class NewEmail:
    """An email to queue."""

    kind: EmailKind
    to: str
    """The address, as it was typed."""
    now: datetime
    """When what the email is about happens."""
    language: str = "en"
    """The language of the user, or of the request where there is no user yet: `language_of`."""
    user_id: UUID | None = None
    """The user whom the email is about. Not for `RESET_PASSWORD` and `CONFIRM_REGISTRATION`: they
    are queued for every address, and the account is looked up when they are sent."""
    secrets: Secrets | None = None
    """Only of the kinds that have some."""
    expire_time: datetime | None = None
    """When the secrets end; an email that is later is dropped."""
    device: Device | None = None
    """What caused the email, to be named in it; its network has a limit of emails."""
    due_time: datetime | None = None
    """When what the email announces happens; None if it has happened."""


class QueuedEmail(NamedTuple):
    """An email that waits for sending.

    Attributes:
        kind: What it is about.
        to: The address, as it was typed.
        language: The language.
        user_id: The user whom it is about; None if it is known by address alone.
        secrets: Link and code.
        expire_time: When the secrets end.
        create_time: When what it is about happened.
        program: The program that caused it, out of a fixed list; may be empty.
        system: The system that the program runs on, out of a fixed list; may be empty.
        address: The IP address that caused it; may be empty.
        due_time: When what it announces happens; None if it has happened.
    """

    kind: EmailKind
    to: str
    language: str
    user_id: UUID | None
    secrets: Secrets | None
    expire_time: datetime | None
    create_time: datetime
    program: str
    system: str
    address: str
    due_time: datetime | None = None
