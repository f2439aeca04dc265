"""What can go wrong with a cursor, as callers see it."""

from kernel.errors import Kind, ServiceError


class CursorInvalid(ServiceError):
    """The cursor is damaged, or belongs to another tenant."""

    kind = Kind.INVALID
    reason = "CURSOR_INVALID"
    message = "The cursor is not valid for the events of this tenant."


class EventsExpired(ServiceError):
    """Events after the cursor are gone: they were too old, or a backup was restored.

    Calls without a cursor begin with the oldest event that is kept.
    """

    kind = Kind.PRECONDITION
    reason = "EVENTS_EXPIRED"
    message = "Events after this cursor are no longer kept."
