"""What can go wrong with the registration of a passkey, as callers see it."""

from kernel.errors import Kind, ServiceError


class PasskeyExists(ServiceError):
    """The passkey is registered already, by the caller or by another user."""

    kind = Kind.EXISTS
    reason = "PASSKEY_EXISTS"
    message = "The passkey is registered already."
