"""What auth stores: its families, which the repositories declare, and what holds between them."""

from kernel.storage.recipes.invariants import Invariant
from services.auth import invariants, keys, repository
from services.auth.outbox import invariants as outbox
from services.auth.revocations import invariants as revocations
from services.auth.signing_keys import invariants as signing_keys
from services.auth.users import invariants as users

_IMPORTED = (repository,)
FAMILIES = keys.AUTH.families
INVARIANTS: tuple[Invariant, ...] = (
    *users.INVARIANTS,
    *revocations.INVARIANTS,
    *signing_keys.INVARIANTS,
    *outbox.INVARIANTS,
    *invariants.INVARIANTS,
)
