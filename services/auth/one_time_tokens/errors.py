"""What can go wrong with a one-time token, as callers see it."""

from kernel.errors import Kind, ServiceError


class OneTimeTokenInvalid(ServiceError):
    """The token or the code is wrong, used, expired, or was made for another purpose or user: one answer for all."""

    kind = Kind.FORBIDDEN
    reason = "ONE_TIME_TOKEN_INVALID"
    message = "The link or the code is wrong, used or expired. Please ask for another email."
