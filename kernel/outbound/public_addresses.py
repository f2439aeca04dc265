"""Which addresses are public: what a service may connect to when a stranger chooses the URL.

Private networks, this machine, link-local addresses (where clouds have their metadata) and everything
else that is not routed in the Internet are refused, and so are IPv6 addresses that stand for IPv4 ones.
"""

from ipaddress import IPv6Address, ip_address, ip_network

_GLOBAL_UNICAST = ip_network("2000::/3")  # the only part of IPv6 that IANA gives to networks
_SPECIAL = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",  # protocols of the IETF; a cloud has its metadata at 192.0.0.192
            "192.88.99.0/24",  # relays of 6to4, which lead into IPv6
            "168.63.129.16/32",  # the platform of a cloud, only seen from inside of it
            "3fff::/20",  # documentation (RFC 9637)
        ),
    )
)
"""What counts as public by the library, and is not, or leads elsewhere."""
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
    if any(address in network for network in _SPECIAL):
        return False
    # By the registries of special addresses (RFC 6890), which let multicast through.
    return address.is_global and not address.is_multicast
