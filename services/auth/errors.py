"""What can go wrong in auth, as callers see it."""

from kernel.errors import Kind, ServiceError


class EmailTaken(ServiceError):
    """There is an account with this e-mail address."""

    kind = Kind.EXISTS
    reason = "EMAIL_TAKEN"
    message = "There is already an account with this e-mail address."


class BadCredentials(ServiceError):
    """No such account, or not its password: the same answer for both, in the same time."""

    kind = Kind.UNAUTHENTICATED
    reason = "BAD_CREDENTIALS"
    message = "The e-mail address or the password is wrong."


class PasswordWrong(ServiceError):
    """The password that confirms an action is wrong; the login itself stays good."""

    kind = Kind.FORBIDDEN
    reason = "PASSWORD_WRONG"
    message = "The password is wrong."


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
    """Tenants does not say at the moment what the user is in a tenant."""

    kind = Kind.UNAVAILABLE
    reason = "TENANTS_UNAVAILABLE"
    message = "The tenant cannot be looked up at the moment."


class SessionsUnavailable(ServiceError):
    """Sessions does not say at the moment what it keeps of the user."""

    kind = Kind.UNAVAILABLE
    reason = "SESSIONS_UNAVAILABLE"
    message = "The sessions cannot be looked up at the moment."
