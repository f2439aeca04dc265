"""What can go wrong with a user, as callers see it."""

from kernel.errors import Kind, ServiceError


class UserNotFound(ServiceError):
    """No such user, or one that has been deleted; only for services."""

    kind = Kind.NOT_FOUND
    reason = "USER_NOT_FOUND"
    message = "There is no such user."
    internal = True
