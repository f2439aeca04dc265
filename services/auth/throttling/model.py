"""What the throttle counts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.identity.devices import Device
from services.auth.users.model import User


@dataclass(frozen=True, slots=True)
class LaneId:
    """What failures are counted for.

    An address, whether or not it has an account; a device that an account knows; or the codes of a
    user's second factor.
    """

    email_mac: bytes = b""
    """The keyed digest of the normalized address; empty for others."""
    user_id: UUID | None = None
    """The user whose device or whose codes it is; None for an address."""
    device_id: UUID | None = None
    """The device; None for others."""

    @property
    def is_second_factor(self) -> bool:
        """Whether it counts wrong codes of a second factor."""
        return self.user_id is not None and self.device_id is None


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
    second_factor: bool = False
    """Whether it was a code of a second factor: the password was right."""
