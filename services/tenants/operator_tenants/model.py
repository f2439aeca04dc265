"""A tenant as an operator sees it."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from services.tenants.memberships.model import Tenant

OWNERS_SHOWN = 20


class OperatedTenant(NamedTuple):
    """A tenant with what an operator needs to know about its members."""

    tenant: Tenant
    member_count: int
    owner_ids: Sequence[UUID] = ()
    """The owners in the order in which they became members, at most `OWNERS_SHOWN`; in lists none."""
