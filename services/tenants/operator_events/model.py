"""An event for the operator log, as a value."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kernel.identity.callers import Call
from kernel.identity.devices import Device


class TenantAct(StrEnum):
    """What was done; coditect/auth/v5/operator_log.proto lists the same words."""

    TENANTS_LISTED = "tenants.listed"
    TENANT_VIEWED = "tenant.viewed"
    MEMBERS_LISTED = "tenant.members_listed"
    TENANT_SUSPENDED = "tenant.suspended"
    TENANT_RESUMED = "tenant.resumed"
    TENANT_HANDED_OVER = "tenant.handed_over"


@dataclass(frozen=True, slots=True)
class OperatorEvent:
    """What an operator did with a tenant."""

    event_id: UUID
    """Made once for each event, so that auth knows one that is delivered again."""
    time: datetime
    operator_id: UUID
    act: TenantAct
    device: Device
    tenant_id: UUID | None = None
    """The tenant; None for a list."""
    user_id: UUID | None = None
    """The user whom the act is also about; None without one."""
    reason: str = ""
    """Why, as the operator typed it; empty for what only reads."""

    @classmethod
    def by(
        cls,
        call: Call,
        event_id: UUID,
        time: datetime,
        act: TenantAct,
        *,
        tenant_id: UUID | None = None,
        user_id: UUID | None = None,
        reason: str = "",
    ) -> "OperatorEvent":
        """An event about what the calling operator does.

        Make `event_id` and `time` outside of the transaction, which may run more than once.
        """
        operator_id, device = call.caller.user_id, call.device
        return cls(event_id, time, operator_id, act, device, tenant_id, user_id, reason)
