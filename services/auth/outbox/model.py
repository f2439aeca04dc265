"""The tasks of the outbox."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID


class TaskKind(Enum):
    """What another service has to do about a user."""

    ENSURE_SELF_TENANT = "ensure_self_tenant"
    ERASE = "erase_user"
    UPDATE_PROFILE = "update_profile"


@dataclass(frozen=True, slots=True)
class OutboxTask:
    """Something that auth has committed and another service has yet to do."""

    kind: TaskKind
    user_id: UUID
    create_time: datetime | None = None
    """The time of registration; only with `ENSURE_SELF_TENANT`."""
