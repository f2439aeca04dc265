"""The device behind a call, as far as its metadata tells."""

from collections.abc import Mapping
from dataclasses import dataclass

_USER_AGENT_CHARACTERS = 256
_ADDRESS_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Device:
    """The caller's program and address, as the call states them: unverified."""

    user_agent: str
    address: str


def device_of(metadata: Mapping[str, str]) -> Device:
    """The device behind the metadata of a call, by lowercase names."""
    return Device(
        metadata.get("user-agent", "")[:_USER_AGENT_CHARACTERS],
        metadata.get("x-forwarded-for", "")[:_ADDRESS_CHARACTERS],
    )
