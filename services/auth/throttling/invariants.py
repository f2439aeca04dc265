"""What always holds about lanes, beside what their tables declare."""

from kernel.storage.recipes.invariants import Invariant, is_there
from services.auth.throttling.repository import DEVICE_LANE, SECOND_FACTOR_LANE
from services.auth.users.repository import USER

INVARIANTS: tuple[Invariant, ...] = (
    is_there(DEVICE_LANE, "has no user", lambda row: [USER.key(row.elements[0])]),
    is_there(SECOND_FACTOR_LANE, "has no user", lambda row: [USER.key(row.elements[0])]),
)
