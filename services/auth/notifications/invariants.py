"""What always holds about the emails that wait."""

from kernel.storage.recipes.invariants import Invariant, Row, is_sound
from services.auth.notifications.repository import EMAILS, parse_email


def _is_email(row: Row) -> bool:
    email, sealed = parse_email(row.record.payload)
    return bool(email.to) and bool(sealed) == email.kind.has_secrets


INVARIANTS: tuple[Invariant, ...] = (is_sound(EMAILS.rows, "is no email to a user", _is_email),)
