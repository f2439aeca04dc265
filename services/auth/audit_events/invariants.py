"""What always holds about the events for audit logs that wait for their delivery."""

from kernel.storage.recipes.invariants import Invariant, Row, is_sound
from services.auth.audit_events.repository import AUDIT_EVENTS, parse_event


def _is_event(row: Row) -> bool:
    event = parse_event(row.value)
    return event.user_id is not None and event.login_id is not None and bool(event.target_name)


INVARIANTS: tuple[Invariant, ...] = (
    is_sound(AUDIT_EVENTS.rows, "is not an event of an organization", _is_event),
)
