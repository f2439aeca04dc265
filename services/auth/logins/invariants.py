"""What always holds between the rows of logins."""

from kernel.storage.recipes.invariants import Invariant, expires, is_there
from services.auth.logins.repository import LOGIN, LOGIN_EXPIRY
from services.auth.users.repository import USER

INVARIANTS: tuple[Invariant, ...] = (
    is_there(LOGIN, "has no user", lambda row: [USER.key(row.elements[0])]),
    *expires(LOGIN, LOGIN_EXPIRY),
)
