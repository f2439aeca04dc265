"""The secret by which an account knows a device that has logged in to it before.

A device has the id of the first login on it. The token holds that id and two keyed digests, and the
store holds nothing of it. The first digest binds the address: it is checked before anything is read.
The second one binds the user and the revision of the password: another password voids the token. A
token tells its bearer nothing about the user.
"""

from uuid import UUID

from kernel import base64url
from kernel.seal import Seal
from services.auth.users.model import User

COOKIE = "__Host-coditect_device"
COOKIE_SECONDS = 400 * 86_400
"""The longest life that browsers allow (RFC 6265bis, section 5.5)."""

_ID_BYTES = _MAC_BYTES = 16


class DeviceTokens:
    """Writes and reads the tokens of devices."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def write(self, device_id: UUID, normalized_email: str, user: User) -> str:
        """The token of a device: 64 characters of base64url."""
        first = self._seal.mac("device of address", _of_address(device_id, normalized_email))
        second = self._seal.mac("device of user", _of_user(device_id, user))
        return base64url.encode(device_id.bytes + first[:_MAC_BYTES] + second[:_MAC_BYTES])

    def read(self, text: str, normalized_email: str) -> "DeviceToken | None":
        """The token if it was made for a device of that address; else None."""
        try:
            data = base64url.decode(text)
        except ValueError:
            return None
        if len(data) != _ID_BYTES + 2 * _MAC_BYTES:
            return None
        device_id = UUID(bytes=data[:_ID_BYTES])
        first, second = data[_ID_BYTES:-_MAC_BYTES], data[-_MAC_BYTES:]
        of_address = _of_address(device_id, normalized_email)
        if not self._seal.verify_mac(first, "device of address", of_address):
            return None
        return DeviceToken(device_id, second, self._seal)


class DeviceToken:
    """A token for a device of an address; whether the account knows it is still open."""

    def __init__(self, device_id: UUID, mac: bytes, seal: Seal) -> None:
        self.device_id = device_id
        self._mac = mac
        self._seal = seal

    def is_of(self, user: User | None) -> bool:
        """Whether the account knows the device, by its present password."""
        return user is not None and self._seal.verify_mac(
            self._mac, "device of user", _of_user(self.device_id, user)
        )


def _of_address(device_id: UUID, normalized_email: str) -> bytes:
    return device_id.bytes + normalized_email.encode()


def _of_user(device_id: UUID, user: User) -> bytes:
    return device_id.bytes + user.user_id.bytes + str(user.password_revision).encode()
