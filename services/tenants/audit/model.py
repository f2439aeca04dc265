"""An entry of the audit log, as a value."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from kernel.identity.callers import Call
from kernel.identity.devices import Device
from kernel.identity.programs import NO_PROGRAM, Program

ABOUT_MEMBERS = "member."
"""The target of an action whose name begins with this is a user."""
NOWHERE = Device("", "")
"""The device of an entry without a caller."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What was done in a tenant."""

    time: datetime
    user_id: UUID | None
    """The user or service account; None once the user's account is deleted."""
    login_id: UUID | None
    """The login, grant, personal token or key; None once the user's account is deleted."""
    action: str
    target: UUID | None
    """The user, invitation, service account, key or client that it was done to; None for the tenant
    itself, or once that user's account is deleted."""
    detail: str
    device: Device
    program: Program = NO_PROGRAM
    """The program that acted for the user."""
    by_service_account: bool = False
    """Whether a service account did it."""
    target_name: str = ""
    """The name of a target that tenants does not know: a service account, key or client."""
    log_time: datetime | None = None
    """When it came into the log; None if that was in the transaction of the change itself. It is kept
    from then on, so that entries are removed in the order of the log."""
    by_operator: bool = False
    """Whether an operator of the system did it, who is not named."""

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
        caller = call.caller
        return cls(
            time,
            caller.user_id,
            caller.login_id,
            action,
            target,
            detail,
            call.device,
            caller.program,
            caller.is_service_account,
        )

    @classmethod
    def unsigned(
        cls, time: datetime, action: str, target: UUID | None = None, detail: str = ""
    ) -> "AuditEntry":
        """An entry about what no caller does: a consequence of a deleted account, or of a proof."""
        return cls(time, None, None, action, target, detail, NOWHERE)

    @classmethod
    def by_an_operator(
        cls, time: datetime, action: str, target: UUID | None = None, detail: str = ""
    ) -> "AuditEntry":
        """An entry about what an operator of the system does."""
        return replace(cls.unsigned(time, action, target, detail), by_operator=True)

    @property
    def users(self) -> set[UUID]:
        """The users in the entry: the one who did it, and the one it was done to."""
        target = self.target if self.action.startswith(ABOUT_MEMBERS) else None
        user_id = None if self.by_service_account else self.user_id
        return {one for one in (user_id, target) if one is not None}

    def seen_by(self, user_id: UUID) -> "AuditEntry":
        """The entry as that user may see it: without login, device and program of another user."""
        if self.user_id == user_id:
            return self
        return replace(self, login_id=None, device=NOWHERE, program=NO_PROGRAM)

    def without_user(self) -> "AuditEntry":
        """The entry once the account of the user who did it is deleted."""
        return replace(self, user_id=None, login_id=None, device=NOWHERE, program=NO_PROGRAM)


class LogEntry(NamedTuple):
    """An entry with its place in the log.

    Attributes:
        tenant_id: Whose log it is.
        commit: Its place in the order of commits: 12 bytes.
        entry: What was done.
    """

    tenant_id: UUID
    commit: bytes
    entry: AuditEntry

    @property
    def event_id(self) -> UUID:
        """The id of the event: of what never changes in an entry, so that it needs no room there."""
        entry = self.entry
        return uuid5(self.tenant_id, f"{self.commit.hex()} {entry.time.isoformat()} {entry.action}")


class LoggedEvent(NamedTuple):
    """An event of another service that was delivered.

    Attributes:
        event_id: Its id.
        expire_time: Until when a repeat is known.
    """

    event_id: UUID
    expire_time: datetime
