"""What always holds about codes, beside what their table declares."""

from kernel.storage.recipes.invariants import Invariant, is_there
from services.auth.authorizations.repository import AUTHORIZATION_CODE
from services.auth.users.repository import USER

INVARIANTS: tuple[Invariant, ...] = (
    is_there(AUTHORIZATION_CODE, "has no user", lambda row: [USER.key(row.elements[0])]),
)
