"""What always holds about personal access tokens, beside what their table declares."""

from kernel.storage.recipes.invariants import Invariant, is_there
from services.auth.personal_access_tokens.repository import PERSONAL_ACCESS_TOKEN
from services.auth.users.repository import USER

INVARIANTS: tuple[Invariant, ...] = (
    is_there(PERSONAL_ACCESS_TOKEN, "has no user", lambda row: [USER.key(row.elements[0])]),
)
