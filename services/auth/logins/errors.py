"""What can go wrong with a login, as callers see it."""

from kernel.errors import Kind, ServiceError


class BadCredentials(ServiceError):
    """No such account, or not its password: the same answer for both, after the same time."""

    kind = Kind.UNAUTHENTICATED
    reason = "BAD_CREDENTIALS"
    message = "The e-mail address or the password is wrong."


class RefreshTokenInvalid(ServiceError):
    """The refresh token is unknown, spent or too old, or its login has ended."""

    kind = Kind.UNAUTHENTICATED
    reason = "REFRESH_TOKEN_INVALID"
    message = "The refresh token is not valid; please log in again."


class LoginNotFound(ServiceError):
    """The caller has no such login."""

    kind = Kind.NOT_FOUND
    reason = "LOGIN_NOT_FOUND"
    message = "There is no such login."


class TenantsUnavailable(ServiceError):
    """Tenants does not answer at the moment, so the membership of the user cannot be read."""

    kind = Kind.UNAVAILABLE
    reason = "TENANTS_UNAVAILABLE"
    message = "The tenant cannot be looked up at the moment."
