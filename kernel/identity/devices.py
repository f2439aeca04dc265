"""The device behind a call, as far as its metadata tells."""

from collections.abc import Iterable
from dataclasses import dataclass

_USER_AGENT_CHARACTERS = 256
_ADDRESS_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Device:
    """The caller's program and address, as the call states them: unverified."""

    user_agent: str
    address: str


def device_of(metadata: Iterable[tuple[str, str | bytes]] | None) -> Device:
    """Reads the device from the metadata of a call."""
    pairs = dict(metadata or ())
    return Device(
        str(pairs.get("user-agent", ""))[:_USER_AGENT_CHARACTERS],
        str(pairs.get("x-forwarded-for", ""))[:_ADDRESS_CHARACTERS],
    )
