"""What always holds about the events for the operator log that wait for their delivery."""

from kernel.storage.recipes.invariants import Invariant, Row, is_sound
from services.tenants.operator_events.repository import OPERATOR_EVENTS, parse_event


def _is_event(row: Row) -> bool:
    parse_event(row.value)
    return True


INVARIANTS: tuple[Invariant, ...] = (
    is_sound(OPERATOR_EVENTS.rows, "is not an act of an operator", _is_event),
)
