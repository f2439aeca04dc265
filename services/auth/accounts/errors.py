"""What can go wrong with an account, as callers see it."""

from kernel.errors import Kind, ServiceError


class EmailTaken(ServiceError):
    """An account with this email address already exists."""

    kind = Kind.EXISTS
    reason = "EMAIL_TAKEN"
    message = "An account with this email address already exists."
