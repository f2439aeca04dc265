"""An act of an operator, as a value."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from kernel.identity.callers import Call
from kernel.identity.devices import Device


class Act(StrEnum):
    """What an operator can do; coditect/auth/v5/operator_log.proto lists the same words."""

    OPERATOR_GRANTED = "operator.granted"
    OPERATOR_REVOKED = "operator.revoked"
    USERS_LISTED = "users.listed"
    USER_VIEWED = "user.viewed"
    USER_LOGINS_LISTED = "user.logins_listed"
    USER_ACTIVITY_LISTED = "user.activity_listed"
    USER_EXPORTED = "user.exported"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    USER_UNLOCKED = "user.unlocked"
    USER_LOGGED_OUT = "user.logged_out"
    USER_PASSWORD_RESET = "user.password_reset"  # noqa: S105 - no secret
    USER_EMAIL_CHANGED = "user.email_changed"
    USER_FACTORS_REMOVED = "user.factors_removed"
    USER_HELD = "user.held"
    USER_RELEASED = "user.released"
    USER_DELETED = "user.deleted"
    TENANTS_LISTED = "tenants.listed"
    TENANT_VIEWED = "tenant.viewed"
    TENANT_MEMBERS_LISTED = "tenant.members_listed"
    TENANT_SUSPENDED = "tenant.suspended"
    TENANT_RESUMED = "tenant.resumed"
    TENANT_HANDED_OVER = "tenant.handed_over"
    LOGINS_ENDED = "logins.ended"
    """All logins of all users, after a leak."""
    ACCESS_TOKENS_ENDED = "access_tokens.ended"
    """All access tokens of all users, after a leak; logins get others."""


@dataclass(frozen=True, slots=True)
class OperatorAct:
    """What an operator has done."""

    time: datetime
    operator_id: UUID | None
    """The operator; None for what was done on the command line of the store's host."""
    act: Act
    device: Device
    """What the call came from."""
    user_id: UUID | None = None
    """The user that it was done to; None without one."""
    tenant_id: UUID | None = None
    """The tenant that it was done to; None without one."""
    reason: str = ""
    """Why, as the operator typed it; empty for what only reads."""

    @classmethod
    def by(
        cls, call: Call, act: Act, time: datetime, *, user_id: UUID | None = None, reason: str = ""
    ) -> "OperatorAct":
        """An act of the calling operator. Make `time` outside of the transaction."""
        return cls(time, call.caller.user_id, act, call.device, user_id, None, reason)


class ReceivedEvent(NamedTuple):
    """An act of another service that is in the log.

    Attributes:
        event_id: The id of its event.
        expire_time: Until when a repeat is known.
    """

    event_id: UUID
    expire_time: datetime
