"""What can go wrong with a client, as callers see it."""

from kernel.errors import Kind, ServiceError


class InvalidClient(ServiceError):
    """The client is unknown, or has not shown who it is."""

    kind = Kind.UNAUTHENTICATED
    reason = "INVALID_CLIENT"
    message = "The client is not known, or has not shown who it is."
