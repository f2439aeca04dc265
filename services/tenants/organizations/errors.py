"""What can go wrong with an organization, as callers see it."""

from kernel.errors import Kind, ServiceError


class SlugTaken(ServiceError):
    """Another organization has this slug."""

    kind = Kind.EXISTS
    reason = "SLUG_TAKEN"
    message = "Another organization has this slug already."
