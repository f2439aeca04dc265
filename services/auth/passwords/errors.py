"""What can go wrong with a password, as callers see it."""

from kernel.errors import Kind, ServiceError


class HashingBusy(ServiceError):
    """More passwords wait to be hashed than can be hashed in time."""

    kind = Kind.UNAVAILABLE
    reason = "HASHING_BUSY"
    message = "Too many logins at the moment; please try again."
