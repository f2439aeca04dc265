"""What can go wrong with a login, as callers see it."""

from kernel.errors import Kind, ServiceError


class BadCredentials(ServiceError):
    """The account does not exist, or the password is wrong: both get the same answer in the same time."""

    kind = Kind.UNAUTHENTICATED
    reason = "BAD_CREDENTIALS"
    message = "The email address or the password is wrong."


class EmailNotVerified(ServiceError):
    """The password is right, but the address must be proved before a login (`REGISTRATION=verified`).

    An email with a proof is on its way. A person who proves the address with the password of the account
    keeps the account.
    """

    kind = Kind.FORBIDDEN
    reason = "EMAIL_NOT_VERIFIED"
    message = "Please prove your email address first. An email is on its way."


class SecondFactorWrong(ServiceError):
    """The code, recovery code or passkey is wrong or was used before, or codes are stopped for a while."""

    kind = Kind.FORBIDDEN
    reason = "SECOND_FACTOR_WRONG"
    message = "The second factor is wrong."


class PasskeyInvalid(ServiceError):
    """The passkey is unknown, or what it has signed is wrong, used, expired or for another place: one answer for all."""

    kind = Kind.FORBIDDEN
    reason = "PASSKEY_INVALID"
    message = "The passkey was not accepted. Please try again."


class RefreshTokenInvalid(ServiceError):
    """The refresh token is unknown, used or expired, or its login has ended."""

    kind = Kind.UNAUTHENTICATED
    reason = "REFRESH_TOKEN_INVALID"
    message = "The refresh token is not valid. Please log in again."


class LoginNotFound(ServiceError):
    """The caller has no login with this id."""

    kind = Kind.NOT_FOUND
    reason = "LOGIN_NOT_FOUND"
    message = "The login does not exist."


class TenantsUnavailable(ServiceError):
    """The tenants service does not answer, so the membership of the user cannot be read."""

    kind = Kind.UNAVAILABLE
    reason = "TENANTS_UNAVAILABLE"
    message = "The tenant cannot be looked up at the moment. Please try again."
