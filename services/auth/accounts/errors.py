"""What can go wrong with an account, as callers see it."""

from kernel.errors import Kind, ServiceError


class EmailTaken(ServiceError):
    """There is an account with this e-mail address."""

    kind = Kind.EXISTS
    reason = "EMAIL_TAKEN"
    message = "There is already an account with this e-mail address."


class PasswordWrong(ServiceError):
    """The password that confirms an action is wrong; the login itself stays good."""

    kind = Kind.FORBIDDEN
    reason = "PASSWORD_WRONG"
    message = "The password is wrong."
