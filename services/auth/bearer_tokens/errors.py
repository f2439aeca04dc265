"""What can go wrong where a bearer token is made, as callers see it."""

from kernel.errors import Kind, ServiceError


class ProgramsNotAllowed(ServiceError):
    """The policy of the tenant gives programs no access, so there are no tokens for them."""

    kind = Kind.FORBIDDEN
    reason = "PROGRAMS_NOT_ALLOWED"
    message = "The organization does not allow programs."


class TokenLifeTooLong(ServiceError):
    """The token would be good for longer than allowed; `longestDays` says how long one may be."""

    kind = Kind.PRECONDITION
    reason = "TOKEN_LIFE_TOO_LONG"
    message = "The token must end earlier."
