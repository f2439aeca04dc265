"""What can go wrong with tokens that users make, as callers see it."""

from kernel.errors import Kind, ServiceError


class TokenNotFound(ServiceError):
    """The caller has no personal access token with this id."""

    kind = Kind.NOT_FOUND
    reason = "TOKEN_NOT_FOUND"
    message = "The token does not exist."


class TokenLimitReached(ServiceError):
    """The caller has as many personal access tokens as one may; `limit` says how many."""

    kind = Kind.LIMITED
    reason = "TOKEN_LIMIT_REACHED"
    message = "There are too many personal access tokens. Please revoke one first."
