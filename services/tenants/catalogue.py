"""What tenants stores: the families of all capabilities, and what always holds between their rows."""

from kernel.storage.recipes.invariants import Invariant
from services.tenants import keys
from services.tenants.audit import invariants as audit
from services.tenants.invitations import invariants as invitations
from services.tenants.memberships import invariants as memberships
from services.tenants.revocations import invariants as revocations

# A family registers itself in the keyspace when its repository is imported, and this module imports
# all of them. Sorted by name, because the order of the imports depends on the process.
FAMILIES = tuple(sorted(keys.TENANTS.families, key=lambda family: family.name))
INVARIANTS: tuple[Invariant, ...] = (
    *memberships.INVARIANTS,
    *invitations.INVARIANTS,
    *audit.INVARIANTS,
    *revocations.INVARIANTS,
    *keys.TENANTS.invariants,
)
