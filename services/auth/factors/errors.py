"""What can go wrong with second factors, as callers see it."""

from kernel.errors import Kind, ServiceError


class FactorNotFound(ServiceError):
    """The caller has no such factor, or its enrollment has expired."""

    kind = Kind.NOT_FOUND
    reason = "FACTOR_NOT_FOUND"
    message = "The factor does not exist."


class FactorLimitReached(ServiceError):
    """The caller has as many factors of the kind as one may; `limit` says how many."""

    kind = Kind.LIMITED
    reason = "FACTOR_LIMIT_REACHED"
    message = "There are too many factors of this kind. Please remove one first."


class LastWayIn(ServiceError):
    """The passkey is the only way to log in, because the account has no password."""

    kind = Kind.PRECONDITION
    reason = "LAST_WAY_IN"
    message = "This is the last way to log in. Please set a password first."


class NoSecondFactor(ServiceError):
    """The caller has no authenticator app and no passkey, so recovery codes would be good for nothing."""

    kind = Kind.PRECONDITION
    reason = "NO_SECOND_FACTOR"
    message = "Please set up an authenticator app or a passkey first."
