"""What can go wrong with a device login, as callers see it. Those of the token endpoint are OAuth's own."""

from kernel.errors import Kind, ServiceError


class DeviceLoginNotFound(ServiceError):
    """No device waits with this code: it is unknown, has ended, or was answered. One answer for all."""

    kind = Kind.NOT_FOUND
    reason = "DEVICE_LOGIN_NOT_FOUND"
    message = "No device is waiting with this code."


class TooManyUserCodes(ServiceError):
    """Too many wrong codes of devices were typed today, by this user or from this network.

    `Retry-After` says when the next one is looked up.
    """

    kind = Kind.LIMITED
    reason = "TOO_MANY_USER_CODES"
    message = "Too many wrong codes were typed. Please try again later."


class TooManyDeviceLogins(ServiceError):
    """Too many devices of one network wait at the same time for a user to let them in."""

    kind = Kind.LIMITED
    reason = "TOO_MANY_DEVICE_LOGINS"
    message = "Too many devices of this network are waiting. Please try again later."
