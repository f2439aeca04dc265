"""A device login, as a value."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kernel.identity.devices import Device

LIFE = timedelta(minutes=10)
"""How long both codes are good."""
INTERVAL_SECONDS = 5
"""How long a device waits between two questions for its tokens (RFC 8628, section 3.5)."""
_SLOWER_SECONDS = 5
_SLOWEST_SECONDS = 300
_EARLY = timedelta(milliseconds=500)
"""How much too early a question may come: the network delays some more than others."""


class DeviceLoginState(StrEnum):
    """Where a device login stands."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    REDEEMED = "redeemed"
    """The device has its tokens."""


@dataclass(frozen=True, slots=True)
class DeviceLogin:
    """A device that asks to be let in."""

    device_login_id: UUID
    code_hash: bytes
    """SHA-256 of the secret in the device code."""
    user_code_mac: bytes
    """The keyed digest of the user code."""
    client_id: str
    scopes: frozenset[str]
    """What the client asks for."""
    device: Device
    """What the request came from."""
    network_mac: bytes
    """The keyed digest of its network; empty if it is unknown."""
    create_time: datetime
    expire_time: datetime
    interval_seconds: int = INTERVAL_SECONDS
    poll_time: datetime | None = None
    """When the device asked for its tokens last."""
    state: DeviceLoginState = DeviceLoginState.PENDING
    user_id: UUID | None = None
    """Who has answered."""
    login_id: UUID | None = None
    """The login in which the user has approved it."""
    tenant_id: UUID | None = None
    """The tenant that the grant is for."""
    grant_id: UUID | None = None
    """The grant that the device has got."""

    @property
    def is_pending(self) -> bool:
        """Whether no user has answered."""
        return self.state is DeviceLoginState.PENDING

    def shown_as(self, user_code_mac: bytes) -> "DeviceLogin":
        """It with the user code of this digest."""
        return replace(self, user_code_mac=user_code_mac)

    def asked_as(self, other: "DeviceLogin") -> "DeviceLogin":
        """It with the questions of another state of it."""
        return replace(self, poll_time=other.poll_time, interval_seconds=other.interval_seconds)

    def is_too_early(self, now: datetime) -> bool:
        """Whether the device asks for its tokens sooner than it may."""
        if self.poll_time is None or self.poll_time > now:  # asked by a clock that was ahead
            return False
        return now - self.poll_time < timedelta(seconds=self.interval_seconds) - _EARLY

    def polled(self, now: datetime) -> "DeviceLogin":
        """It after a question for its tokens; one that comes too early makes the interval longer."""
        seconds = self.interval_seconds
        if self.is_too_early(now):
            seconds = min(seconds + _SLOWER_SECONDS, _SLOWEST_SECONDS)
        return replace(self, poll_time=now, interval_seconds=seconds)

    def approved(self, user_id: UUID, login_id: UUID, tenant_id: UUID) -> "DeviceLogin":
        """It after a user has let the device in."""
        state = DeviceLoginState.APPROVED
        return replace(self, state=state, user_id=user_id, login_id=login_id, tenant_id=tenant_id)

    def denied(self) -> "DeviceLogin":
        """It after a user has refused. It does not say who."""
        return replace(self, state=DeviceLoginState.DENIED)

    def redeemed(self, grant_id: UUID) -> "DeviceLogin":
        """It after the device has got its tokens."""
        return replace(self, state=DeviceLoginState.REDEEMED, grant_id=grant_id)
