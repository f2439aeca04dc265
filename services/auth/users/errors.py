"""What can go wrong with a user, as callers see it."""

from kernel.errors import Kind, ServiceError


class UserNotFound(ServiceError):
    """The user does not exist or has been deleted. Only operators and other services get this error."""

    kind = Kind.NOT_FOUND
    reason = "USER_NOT_FOUND"
    message = "The user does not exist."


class AccountDisabled(ServiceError):
    """An operator has disabled the account.

    Only a caller who has proved to own the account gets this error. To all others it looks like any account.
    """

    kind = Kind.FORBIDDEN
    reason = "ACCOUNT_DISABLED"
    message = (
        "This account cannot be used at the moment. Please contact the operator of this system."
    )
