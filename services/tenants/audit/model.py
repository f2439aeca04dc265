"""An entry of the audit log, as a value."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kernel.identity.callers import Call
from kernel.identity.devices import Device

ABOUT_MEMBERS = "member."
"""The target of an action whose name begins with this is a user."""
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
    """The user or invitation that it was done to; None for the tenant itself, or once that user's
    account is deleted."""
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
        """An entry about what no caller does: a consequence of a deleted account, or of a proof."""
        return cls(time, None, None, action, target, detail, NOWHERE)

    @property
    def users(self) -> set[UUID]:
        """The users in the entry: the one who did it, and the one it was done to."""
        target = self.target if self.action.startswith(ABOUT_MEMBERS) else None
        return {one for one in (self.user_id, target) if one is not None}

    def seen_by(self, user_id: UUID) -> "AuditEntry":
        """The entry as that user may see it: without login and device of another user."""
        if self.user_id == user_id:
            return self
        return replace(self, login_id=None, device=NOWHERE)
