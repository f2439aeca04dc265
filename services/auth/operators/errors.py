"""What can go wrong with an operator."""

from kernel.errors import Kind, ServiceError


class UserIsOperator(ServiceError):
    """The user is an operator, on whom no operator acts: the command line must revoke that first."""

    kind = Kind.FORBIDDEN
    reason = "USER_IS_OPERATOR"
    message = "The user is an operator of this system. Revoke that first, on the command line."


class NotGranted(Exception):
    """A command cannot be done; the message says why, for the person at the command line."""
