"""What the throttle counts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.identity.devices import Device
from services.auth.users.model import User


@dataclass(frozen=True, slots=True)
class LaneId:
    """An address, whether or not it has an account, or a device that an account knows."""

    email_mac: bytes = b""
    """The keyed digest of the normalized address; empty for a device."""
    user_id: UUID | None = None
    """The user whose device it is; None for an address."""
    device_id: UUID | None = None
    """The device; None for an address."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The failures in a row of an address or of a known device."""

    lane_id: LaneId
    failures: int
    """How many there were. A guess that is being checked counts already."""
    fail_time: datetime
    expire_time: datetime
    notified: bool = False
    """Whether the notice of this run of failures has been queued."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A wrong guess, for the security log and the notice to the user."""

    failure_id: UUID
    """A new id, made outside of the transaction."""
    user: User | None
    """The account; None if the address has none."""
    email_mac: bytes
    """The keyed digest of the normalized address; empty for a device that the account knows."""
    device: Device
    known_device: bool
    """Whether it came from a device that has logged in to the account before."""
    time: datetime
