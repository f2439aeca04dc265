"""What always holds about logins, beside what their table declares."""

from kernel.storage.recipes.invariants import Invariant, is_there
from services.auth.logins.repository import LOGIN
from services.auth.users.repository import USER

INVARIANTS: tuple[Invariant, ...] = (
    is_there(LOGIN, "has no user", lambda row: [USER.key(row.elements[0])]),
)
