"""What always holds about recovery codes."""

from kernel.storage.recipes.invariants import Invariant
from services.auth.factors.invariants import has_factors
from services.auth.recovery_codes.repository import RECOVERY_CODES

INVARIANTS: tuple[Invariant, ...] = (has_factors(RECOVERY_CODES),)
