"""A page of what tenants keeps of a user, as a value."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.tenants.audit.model import AuditEntry
from services.tenants.memberships.model import Membership


@dataclass(frozen=True, slots=True)
class UserPage:
    """A piece of what is kept of a user; an empty one is not always the last."""

    last_key: bytes | None
    """Behind which the next piece begins; None if there is none."""
    memberships: Sequence[Membership] = ()
    tenant_id: UUID | None = None
    """The tenant of the entries; None if there are none."""
    entries: Sequence[AuditEntry] = ()
