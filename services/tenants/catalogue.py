"""What tenants stores: the families of all capabilities, and what always holds between their rows."""

from kernel.storage.recipes.invariants import Invariant
from services.tenants import keys
from services.tenants.audit import invariants as audit
from services.tenants.invitations import invariants as invitations
from services.tenants.memberships import invariants as memberships
from services.tenants.operator_events import invariants as operator_events
from services.tenants.organizations import invariants as organizations
from services.tenants.revocations import invariants as revocations
from services.tenants.webhooks import invariants as webhooks

FAMILIES = keys.TENANTS.families
INVARIANTS: tuple[Invariant, ...] = (
    *memberships.INVARIANTS,
    *invitations.INVARIANTS,
    *audit.INVARIANTS,
    *revocations.INVARIANTS,
    *organizations.INVARIANTS,
    *operator_events.INVARIANTS,
    *webhooks.INVARIANTS,
    *keys.TENANTS.invariants,
)
