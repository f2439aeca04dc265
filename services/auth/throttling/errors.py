"""What can go wrong with a guess, as callers see it."""

from kernel.errors import Kind, ServiceError


class TooManyAttempts(ServiceError):
    """Too many attempts from the caller's network were wrong, whatever their accounts.

    It says nothing about an account. `Retry-After` says when the next attempt counts. A device that
    has logged in to the account before is not affected.
    """

    kind = Kind.LIMITED
    reason = "TOO_MANY_ATTEMPTS"
    message = "Too many wrong attempts from this network. Please try again later."
