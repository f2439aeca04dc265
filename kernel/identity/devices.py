"""The device behind a call, as far as its metadata tells."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

_USER_AGENT_CHARACTERS = 256
_ADDRESS_CHARACTERS = 64
# What one party usually holds: it can take any number of addresses in there.
_PREFIX_BITS = {4: 24, 6: 48}
_LOOPBACK_IPV6 = ipaddress.ip_address("::1")
_LOOPBACK = ipaddress.ip_address("127.0.0.1")


@dataclass(frozen=True, slots=True)
class Device:
    """The caller's program and address, as the call states them: unverified."""

    user_agent: str
    address: str

    @property
    def network(self) -> str:
        """The network of the address, for limits and queues: /24 of IPv4, /48 of IPv6.

        Empty if there is no address. An IPv4 address in IPv6 form counts as IPv4, and `::1` as 127.0.0.1:
        which one a program of this machine uses is chance.
        """
        try:
            address = ipaddress.ip_address(self.address)
        except ValueError:
            return ""
        if address == _LOOPBACK_IPV6:
            address = _LOOPBACK
        mapped = getattr(address, "ipv4_mapped", None) or address
        bits = mapped.max_prefixlen - _PREFIX_BITS[mapped.version]
        return f"{mapped.version}:{int(mapped) >> bits:x}"


UNKNOWN_DEVICE = Device("", "")
"""The device of a call without metadata."""


def device_of(metadata: Mapping[str, str]) -> Device:
    """The device behind the metadata of a call, by lowercase names."""
    return Device(
        metadata.get("user-agent", "")[:_USER_AGENT_CHARACTERS],
        metadata.get("x-forwarded-for", "")[:_ADDRESS_CHARACTERS],
    )
