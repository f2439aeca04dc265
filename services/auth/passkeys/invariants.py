"""What always holds about passkeys, beside what their table declares."""

from kernel.storage.recipes.invariants import Invariant, is_there
from services.auth.passkeys.repository import PASSKEY
from services.auth.users.repository import USER

INVARIANTS: tuple[Invariant, ...] = (
    is_there(PASSKEY, "has no user", lambda row: [USER.key(row.elements[0])]),
)
