"""What always holds about one-time tokens, beside what their table declares."""

from kernel.storage.recipes.invariants import Invariant, is_there
from services.auth.one_time_tokens.repository import BY_USER
from services.auth.users.repository import USER

INVARIANTS: tuple[Invariant, ...] = (
    is_there(BY_USER, "has no user", lambda row: [USER.key(row.elements[0])]),
)
