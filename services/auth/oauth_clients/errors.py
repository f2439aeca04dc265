"""What can go wrong with clients, as callers see it."""

from kernel.errors import Kind, ServiceError


class InvalidClient(ServiceError):
    """The client is unknown, or did not show who it is in the way that is registered for it: one answer for all."""

    kind = Kind.UNAUTHENTICATED
    reason = "INVALID_CLIENT"
    message = "The client is unknown, or did not show who it is."


class ClientNotFound(ServiceError):
    """The tenant has no such client."""

    kind = Kind.NOT_FOUND
    reason = "CLIENT_NOT_FOUND"
    message = "There is no such client."


class ClientLimitReached(ServiceError):
    """The tenant has as many clients as it may have; `limit` says how many."""

    kind = Kind.PRECONDITION
    reason = "CLIENT_LIMIT_REACHED"
    message = "The tenant has the maximum number of clients."


class ClientHasNoSecret(ServiceError):
    """The client is public, or shows who it is by a key of its own."""

    kind = Kind.PRECONDITION
    reason = "CLIENT_HAS_NO_SECRET"
    message = "The client does not use a secret."
