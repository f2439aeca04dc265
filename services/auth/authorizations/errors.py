"""The errors of OAuth, by the names of its RFCs in upper case."""

from kernel.errors import Kind, ServiceError


class InvalidGrant(ServiceError):
    """The code or token is unknown, used, expired, or of another client: one answer for all."""

    kind = Kind.INVALID
    reason = "INVALID_GRANT"
    message = "The grant is not valid."


class InvalidScope(ServiceError):
    """A scope is unknown, or the client may not have it."""

    kind = Kind.INVALID
    reason = "INVALID_SCOPE"
    message = "The scope is not valid."


class UnauthorizedClient(ServiceError):
    """The client may not use this grant type."""

    kind = Kind.INVALID
    reason = "UNAUTHORIZED_CLIENT"
    message = "The client may not use this grant type."


class AuthorizationPending(ServiceError):
    """The user has not answered yet (RFC 8628, section 3.5)."""

    kind = Kind.INVALID
    reason = "AUTHORIZATION_PENDING"
    message = "The user has not answered yet."


class SlowDown(ServiceError):
    """The device asks too often; it must wait five seconds more from now on (RFC 8628, section 3.5)."""

    kind = Kind.INVALID
    reason = "SLOW_DOWN"
    message = "The device asks too often."


class AccessDenied(ServiceError):
    """The user has refused."""

    kind = Kind.INVALID
    reason = "ACCESS_DENIED"
    message = "The user has refused."


class ExpiredToken(ServiceError):
    """The device code has ended (RFC 8628, section 3.5)."""

    kind = Kind.INVALID
    reason = "EXPIRED_TOKEN"
    message = "The device code has ended."
