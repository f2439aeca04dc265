"""What can go wrong with clients, as callers see it."""

from kernel.errors import Kind, ServiceError


class InvalidClient(ServiceError):
    """The client is unknown, or did not show who it is in the way that is registered for it: one answer for all."""

    kind = Kind.UNAUTHENTICATED
    reason = "INVALID_CLIENT"
    message = "The client is unknown, or did not show who it is."


class ClientNotFound(ServiceError):
    """The tenant has no such client."""

    kind = Kind.NOT_FOUND
    reason = "CLIENT_NOT_FOUND"
    message = "There is no such client."


class ClientLimitReached(ServiceError):
    """The tenant has as many clients as it may have; `limit` says how many."""

    kind = Kind.LIMITED
    reason = "CLIENT_LIMIT_REACHED"
    message = "The tenant has the maximum number of clients."


class ClientHasNoSecret(ServiceError):
    """The client is public, or shows who it is by a key of its own."""

    kind = Kind.PRECONDITION
    reason = "CLIENT_HAS_NO_SECRET"
    message = "The client does not use a secret."


class RegistrationDisabled(ServiceError):
    """Programs cannot register themselves here (`DYNAMIC_CLIENT_REGISTRATION`)."""

    kind = Kind.NOT_FOUND
    reason = "REGISTRATION_DISABLED"
    message = "Clients cannot register themselves here."


class TooManyRegistrations(ServiceError):
    """Too many clients have registered themselves from this network today; `Retry-After` says when one can again."""

    kind = Kind.LIMITED
    reason = "TOO_MANY_REGISTRATIONS"
    message = "Too many clients were registered from this network today."


class InvalidRedirectUri(ServiceError):
    """A redirect URI of a client that registers itself is not allowed (RFC 7591, section 3.2.2)."""

    kind = Kind.INVALID
    reason = "INVALID_REDIRECT_URI"
    message = "A redirect URI is not allowed."


class InvalidClientMetadata(ServiceError):
    """The metadata of a client that registers itself are not allowed (RFC 7591, section 3.2.2)."""

    kind = Kind.INVALID
    reason = "INVALID_CLIENT_METADATA"
    message = "The metadata of the client are not allowed."
