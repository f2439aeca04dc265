"""What can go wrong with an organization, as callers see it."""

from kernel.errors import Kind, ServiceError


class SlugTaken(ServiceError):
    """There is an organization with this slug."""

    kind = Kind.EXISTS
    reason = "SLUG_TAKEN"
    message = "There is already an organization with this slug."
