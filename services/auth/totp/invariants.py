"""What always holds about authenticator apps, beside what their tables declare."""

from kernel.storage.recipes.invariants import Invariant, is_there
from services.auth.totp.repository import TOTP, TOTP_ENROLLMENT
from services.auth.users.repository import USER

INVARIANTS: tuple[Invariant, ...] = (
    is_there(TOTP, "has no user", lambda row: [USER.key(row.elements[0])]),
    is_there(TOTP_ENROLLMENT, "has no user", lambda row: [USER.key(row.elements[0])]),
)
