"""What can go wrong with a user, as callers see it."""

from kernel.errors import Kind, ServiceError


class UserNotFound(ServiceError):
    """The user does not exist or has been deleted. Only other services get this error."""

    kind = Kind.NOT_FOUND
    reason = "USER_NOT_FOUND"
    message = "The user does not exist."
    internal = True
