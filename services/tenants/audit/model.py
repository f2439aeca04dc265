"""An entry of the audit log, as a value."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kernel.identity.callers import Call
from kernel.identity.devices import Device

ABOUT_MEMBERS = "member."
"""An action whose name begins with it has a user as its target."""
NOWHERE = Device("", "")
"""The device of an entry without a caller."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What was done in a tenant."""

    time: datetime
    user_id: UUID | None
    """None once the account is deleted."""
    login_id: UUID | None
    """None once the account is deleted."""
    action: str
    target: UUID | None
    """To which user or invitation; None if to the tenant itself, or the account is deleted."""
    detail: str
    device: Device

    @classmethod
    def by(
        cls,
        call: Call,
        time: datetime,
        action: str,
        target: UUID | None = None,
        detail: str = "",
    ) -> "AuditEntry":
        """An entry about what the caller does."""
        user_id, login_id = call.caller.user_id, call.caller.login_id
        return cls(time, user_id, login_id, action, target, detail, call.device)

    @classmethod
    def unsigned(
        cls, time: datetime, action: str, target: UUID | None = None, detail: str = ""
    ) -> "AuditEntry":
        """An entry about what follows from the deletion of an account."""
        return cls(time, None, None, action, target, detail, NOWHERE)

    @property
    def users(self) -> set[UUID]:
        """The users whom it is about: who did it, and to whom."""
        target = self.target if self.action.startswith(ABOUT_MEMBERS) else None
        return {one for one in (self.user_id, target) if one is not None}

    def seen_by(self, user_id: UUID) -> "AuditEntry":
        """The entry as that user may see it: without login and device of another user."""
        if self.user_id == user_id:
            return self
        return replace(self, login_id=None, device=NOWHERE)
