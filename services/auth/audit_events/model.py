"""An event for the audit log of an organization, as a value."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kernel.identity.callers import Call
from kernel.identity.devices import UNKNOWN_DEVICE, Device
from kernel.identity.programs import NO_PROGRAM, Program


class AuditAction(StrEnum):
    """What was done; coditect/tenants/v5/audit.proto lists the same words."""

    SERVICE_ACCOUNT_CREATED = "service_account.created"
    SERVICE_ACCOUNT_UPDATED = "service_account.updated"
    SERVICE_ACCOUNT_DELETED = "service_account.deleted"
    SERVICE_ACCOUNT_KEY_CREATED = "service_account_key.created"
    SERVICE_ACCOUNT_KEY_DELETED = "service_account_key.deleted"
    CLIENT_CREATED = "client.created"
    CLIENT_UPDATED = "client.updated"
    CLIENT_DELETED = "client.deleted"
    CLIENT_SECRET_CREATED = "client.secret_created"  # noqa: S105 - no secret


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What a user did in an organization."""

    event_id: UUID
    """Made once for each event, so that tenants knows one that is delivered again."""
    tenant_id: UUID
    time: datetime
    user_id: UUID | None
    """The user; None once the account is deleted."""
    login_id: UUID | None
    """The login of the user; None once the account is deleted."""
    action: AuditAction
    target_id: UUID
    """The service account, key or client that it was done to."""
    target_name: str
    """The name of the target after the change."""
    detail: str
    """The role of a service account, the service account of a key; empty for a client."""
    device: Device
    program: Program = NO_PROGRAM
    """The program that acted for the user."""

    @classmethod
    def by(
        cls,
        call: Call,
        event_id: UUID,
        time: datetime,
        action: AuditAction,
        target_id: UUID,
        target_name: str,
        detail: str = "",
    ) -> "AuditEvent":
        """An event about what the caller does in the tenant of the call.

        Make `event_id` and `time` outside of the transaction, which may run more than once.
        """
        caller = call.caller
        return cls(
            event_id,
            call.tenant_id,
            time,
            caller.user_id,
            caller.login_id,
            action,
            target_id,
            target_name,
            detail,
            call.device,
            caller.program,
        )

    def without_user(self) -> "AuditEvent":
        """The event once the account of the user is deleted."""
        return replace(self, user_id=None, login_id=None, device=UNKNOWN_DEVICE, program=NO_PROGRAM)
