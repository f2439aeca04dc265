"""A page of what tenants stores about a user, as a value."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.tenants.audit.model import AuditEntry
from services.tenants.memberships.model import Membership


@dataclass(frozen=True, slots=True)
class UserPage:
    """A page of what is stored about a user. It may be empty without being the last one."""

    last_key: bytes | None
    """The next page begins behind it; None if there is none."""
    memberships: Sequence[Membership] = ()
    tenant_id: UUID | None = None
    """The tenant of the entries; None if there are none."""
    entries: Sequence[AuditEntry] = ()
