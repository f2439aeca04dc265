"""What always holds about the operator log."""

from kernel.storage.recipes.invariants import Invariant, Row, is_sound
from services.auth.operator_log.repository import OPERATOR_LOG, parse_act


def _is_act(row: Row) -> bool:
    parse_act(row.value)
    return True


INVARIANTS: tuple[Invariant, ...] = (
    is_sound(OPERATOR_LOG, "is not an act of an operator", _is_act),
)
