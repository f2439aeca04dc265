"""What always holds between the rows of auth."""

from kernel.storage.recipes.invariants import Invariant, expires, is_there
from services.auth import keys
from services.auth.users import repository as users

INVARIANTS: tuple[Invariant, ...] = (
    is_there(keys.LOGIN, "has no user", lambda row: [users.USER.key(row.elements[0])]),
    *expires(keys.LOGIN, keys.LOGIN_EXPIRY),
    *expires(keys.IDEMPOTENCY.records, keys.IDEMPOTENCY.expiry),
)
