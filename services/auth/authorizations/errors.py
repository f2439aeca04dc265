"""The errors of OAuth, by the names of its RFCs in upper case.

At the endpoints of OAuth the gateway answers with the name in lower case, in the form of RFC 6749,
section 5.2. An authorization request whose client and redirect URI are good is answered there.
"""

from kernel.errors import Kind, ServiceError


class AuthorizationPageError(ServiceError):
    """The authorization request names no client that is known, a redirect URI that is not the client's, or a pushed request that is none.

    `problem` says which: `client`, `redirect_uri` or `request_uri`. The browser is sent nowhere
    (RFC 9700, section 4.1.1).
    """

    kind = Kind.INVALID
    reason = "AUTHORIZATION_REQUEST_INVALID"
    message = "The program has sent you here with a request that is not valid."


class AuthorizationRedirectError(Exception):
    """An authorization request cannot be granted, and its client is told so at its redirect URI.

    Attributes:
        error: What goes wrong, by the name that OAuth has for it (RFC 6749, section 4.1.2.1).
        redirect: Where the browser is sent, with the error.
        cause: The error that a client gets which asks directly (RFC 9126).
        is_sent_on: Whether a browser may be sent there although its user has answered nothing.
    """

    def __init__(self, error: str, redirect: str, cause: ServiceError, *, is_sent_on: bool) -> None:
        super().__init__(error)
        self.error = error
        self.redirect = redirect
        self.cause = cause
        self.is_sent_on = is_sent_on


class InvalidGrant(ServiceError):
    """The code or token is unknown, used, expired, or of another client: one answer for all."""

    kind = Kind.INVALID
    reason = "INVALID_GRANT"
    message = "The grant is not valid."


class InvalidScope(ServiceError):
    """A scope is unknown, the client may not have it, or the grant does not have it."""

    kind = Kind.INVALID
    reason = "INVALID_SCOPE"
    message = "The scope is not valid."


class InvalidTarget(ServiceError):
    """A resource is not this API (RFC 8707, section 2), or the tenant cannot be had."""

    kind = Kind.INVALID
    reason = "INVALID_TARGET"
    message = "The resource or tenant that the token is to be for is not valid."


class UnauthorizedClient(ServiceError):
    """The client may not use this grant type, or not this endpoint."""

    kind = Kind.INVALID
    reason = "UNAUTHORIZED_CLIENT"
    message = "The client may not do this."


class UnsupportedGrantType(ServiceError):
    """The token endpoint does not know the grant type."""

    kind = Kind.INVALID
    reason = "UNSUPPORTED_GRANT_TYPE"
    message = "The grant type is not supported."


class UnsupportedResponseType(ServiceError):
    """The authorization request asks for something else than a code."""

    kind = Kind.INVALID
    reason = "UNSUPPORTED_RESPONSE_TYPE"
    message = "The response type is not supported. It must be code."


class UnsupportedTokenType(ServiceError):
    """The token ends by itself, and cannot be revoked alone (RFC 7009, section 2.2.1)."""

    kind = Kind.INVALID
    reason = "UNSUPPORTED_TOKEN_TYPE"
    message = "A token of this kind cannot be revoked."


class RequestNotSupported(ServiceError):
    """The authorization request comes as a signed object (RFC 9101), which is not supported."""

    kind = Kind.INVALID
    reason = "REQUEST_NOT_SUPPORTED"
    message = "Request objects are not supported."


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


class TooManyPushedRequests(ServiceError):
    """Too many authorization requests of one network wait at the same time."""

    kind = Kind.LIMITED
    reason = "TOO_MANY_PUSHED_REQUESTS"
    message = "Too many authorization requests of this network are waiting. Please try again later."
