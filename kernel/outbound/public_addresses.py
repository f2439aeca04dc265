"""Which addresses are public: what a service may connect to when a stranger chooses the URL.

Private networks, this machine, link-local addresses (where clouds have their metadata) and everything
else that is not routed in the Internet are refused, and so are IPv6 addresses that stand for IPv4 ones.
"""

from ipaddress import IPv6Address, ip_address, ip_network

_GLOBAL_UNICAST = ip_network("2000::/3")  # the only part of IPv6 that IANA gives to networks
_TUNNELS = (ip_network("2002::/16"), ip_network("2001::/32"))  # 6to4, Teredo


def is_public(text: str) -> bool:
    """Whether an address, as the system's resolver writes it, is public."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        tunnel = any(address in network for network in _TUNNELS)
        if tunnel or address.scope_id is not None or address not in _GLOBAL_UNICAST:
            return False
    # By the registries of special addresses (RFC 6890), which let multicast through.
    return address.is_global and not address.is_multicast
