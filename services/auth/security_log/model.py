"""An event of the security log, as a value."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kernel.identity.callers import Call
from kernel.identity.devices import Device
from kernel.identity.programs import NO_PROGRAM, Program

NOWHERE = Device("", "")
"""The device of an event that an operator causes."""


class Event(StrEnum):
    """What can happen to an account. The contract, the log lines and the metric use these words."""

    ACCOUNT_CREATED = "account.created"
    ACCOUNT_EXPORTED = "account.exported"
    ACCOUNT_DELETED = "account.deleted"
    ACCOUNT_IMPORTED = "account.imported"
    LOGIN_STARTED = "login.started"
    LOGIN_FAILED = "login.failed"
    LOGIN_ENDED = "login.ended"
    LOGINS_ENDED = "logins.ended"
    REFRESH_TOKEN_REUSED = "refresh_token.reused"  # noqa: S105 - no secret
    GUESSES_STOPPED = "guesses.stopped"
    REAUTHENTICATED = "reauthenticated"
    TENANT_SWITCHED = "tenant.switched"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105 - no secret
    PASSWORD_RESET = "password.reset"  # noqa: S105 - no secret
    EMAIL_VERIFIED = "email.verified"
    EMAIL_CHANGE_REQUESTED = "email.change_requested"
    EMAIL_CHANGED = "email.changed"
    EMAIL_CHANGE_UNDONE = "email.change_undone"
    SECOND_FACTOR_FAILED = "second_factor.failed"
    CODES_STOPPED = "codes.stopped"
    FACTOR_ADDED = "factor.added"
    FACTOR_REMOVED = "factor.removed"
    FACTOR_UNDONE = "factor.undone"
    PASSKEY_COPIED = "passkey.copied"
    RECOVERY_CODES_CREATED = "recovery_codes.created"
    RECOVERY_CODE_USED = "recovery_code.used"
    FACTOR_RECOVERY_STARTED = "factor_recovery.started"
    FACTOR_RECOVERY_CANCELLED = "factor_recovery.cancelled"
    FACTORS_RECOVERED = "factors.recovered"
    CLIENT_CREATED = "client.created"
    CLIENT_CHANGED = "client.changed"
    CLIENT_DELETED = "client.deleted"
    CLIENT_SECRET_CREATED = "client_secret.created"  # noqa: S105 - no secret
    TOKEN_CREATED = "token.created"  # noqa: S105 - no secret
    TOKEN_REVOKED = "token.revoked"  # noqa: S105 - no secret
    WORKSPACE_TOKEN_CREATED = "workspace_token.created"  # noqa: S105 - no secret
    WORKSPACE_TOKEN_REVOKED = "workspace_token.revoked"  # noqa: S105 - no secret
    SERVICE_ACCOUNT_CREATED = "service_account.created"
    SERVICE_ACCOUNT_UPDATED = "service_account.updated"
    SERVICE_ACCOUNT_DELETED = "service_account.deleted"
    SERVICE_ACCOUNT_KEY_CREATED = "service_account_key.created"
    SERVICE_ACCOUNT_KEY_REVOKED = "service_account_key.revoked"
    DEVICE_LOGIN_APPROVED = "device_login.approved"
    DEVICE_LOGIN_DENIED = "device_login.denied"
    DEVICE_CODE_WRONG = "device_code.wrong"
    """A user has typed a code that no device shows."""
    DEVICE_CODE_REUSED = "device_code.reused"
    """A device has asked for its tokens again, which ends its grant."""
    PROGRAM_APPROVED = "program.approved"
    """The user has let a program act for them; it has no tokens yet."""
    PROGRAM_AUTHORIZED = "program.authorized"
    """A program has got tokens: its grant begins."""
    PROGRAM_REMOVED = "program.removed"
    """The grant of a program ends."""
    AUTHORIZATION_CODE_REUSED = "authorization_code.reused"
    """A code was used again, which ends the grant that it gave."""
    ACCOUNT_DISABLED = "account.disabled"
    ACCOUNT_ENABLED = "account.enabled"
    ACCOUNT_UNLOCKED = "account.unlocked"
    """Wrong guesses were forgotten."""
    DELETION_REQUESTED = "deletion.requested"
    """The account is erased at a time, unless a login undoes that."""
    DELETION_UNDONE = "deletion.undone"
    FACTORS_REMOVED = "factors.removed"
    """All of them."""
    PASSWORD_RESET_REQUESTED = "password.reset_requested"  # noqa: S105 - no secret
    OPERATOR_GRANTED = "operator.granted"
    """The user runs the product for others from then on."""
    OPERATOR_REVOKED = "operator.revoked"


class Outcome(StrEnum):
    """How it ended."""

    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """An event, or a run of equal ones that counts up."""

    user_id: UUID | None
    """The account; None if there is none, as in a failed login to an unknown address. Such an
    event is reported, and not stored."""
    event: Event
    outcome: Outcome
    time: datetime
    """When it happened; of a run, the last time."""
    device: Device
    """Where the call came from; of a run, the last one."""
    login_id: UUID | None = None
    """The login that did it or that it was done to; None where there is none."""
    count: int = 1
    """How often it happened."""
    first_time: datetime | None = None
    """When a run began; None where `time` is the only time."""
    program: Program = NO_PROGRAM
    """The program that did it, or the token that it was done to."""
    operated: bool = False
    """Whether an operator of the system did it, who is not named."""

    @classmethod
    def by(
        cls,
        call: Call,
        event: Event,
        time: datetime,
        *,
        outcome: Outcome = Outcome.SUCCESS,
        login_id: UUID | None = None,
        program: Program | None = None,
    ) -> "SecurityEvent":
        """An event that the caller causes in the own account.

        Args:
            call: The call of a user who is logged in.
            event: What happens.
            time: When it happens.
            outcome: How it ends.
            login_id: The login that it is done to; None for the caller's own.
            program: The token that it is done to; None for the program that calls.
        """
        caller = call.caller
        return cls(
            caller.user_id,
            event,
            outcome,
            time,
            call.device,
            login_id or caller.login_id,
            program=caller.program if program is None else program,
        )

    def about(self, program: Program) -> "SecurityEvent":
        """The event as one that was done to that token."""
        return replace(self, program=program)

    @classmethod
    def done(
        cls,
        user_id: UUID,
        event: Event,
        time: datetime,
        device: Device,
        login_id: UUID | None = None,
    ) -> "SecurityEvent":
        """An event that succeeded, where no caller is known by an access token."""
        return cls(user_id, event, Outcome.SUCCESS, time, device, login_id)

    @classmethod
    def by_operator(cls, user_id: UUID, event: Event, time: datetime) -> "SecurityEvent":
        """An event that an operator of the system causes. It names neither person nor place."""
        return cls(user_id, event, Outcome.SUCCESS, time, NOWHERE, operated=True)

    @property
    def begin_time(self) -> datetime:
        """When it happened first. Retention goes by this time."""
        return self.time if self.first_time is None else self.first_time
