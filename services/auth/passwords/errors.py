"""What can go wrong with a password, as callers see it."""

from kernel.errors import Kind, ServiceError


class HashingBusy(ServiceError):
    """Too many passwords are waiting to be hashed."""

    kind = Kind.UNAVAILABLE
    reason = "HASHING_BUSY"
    message = "Too many logins at the moment. Please try again."


class PasswordWrong(ServiceError):
    """The password that confirms the action is wrong. The login remains valid."""

    kind = Kind.FORBIDDEN
    reason = "PASSWORD_WRONG"
    message = "The password is wrong."
