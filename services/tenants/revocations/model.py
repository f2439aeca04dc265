"""An access revocation, as a value."""

from typing import NamedTuple
from uuid import UUID


class AccessRevocation(NamedTuple):
    """A member, or all members of a tenant, can do less than their tokens say."""

    tenant_id: UUID
    user_id: UUID | None
    """None for all members."""
    tenant_epoch: int
    """Tokens with a smaller epoch are rejected."""
