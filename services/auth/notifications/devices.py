"""Names the program and the system behind a call by words of our own.

A user agent is what its sender makes it, so an email never shows it. It names a family from these
lists, or none.
"""

import ipaddress

from kernel.identity.devices import Device

# In this order: most programs also claim to be the ones below them.
_PROGRAMS = (
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser/", "Samsung Internet"),
    ("firefox/", "Firefox"),
    ("fxios/", "Firefox"),
    ("crios/", "Chrome"),
    ("chrome/", "Chrome"),
    ("safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "Python"),
    ("okhttp/", "Android app"),
    ("go-http-client", "Go"),
    ("node", "Node.js"),
)
_SYSTEMS = (
    ("windows", "Windows"),
    ("iphone", "iOS"),
    ("ipad", "iPadOS"),
    ("android", "Android"),
    ("cros ", "ChromeOS"),
    ("mac os x", "macOS"),
    ("macintosh", "macOS"),
    ("linux", "Linux"),
)


def program_of(device: Device) -> str:
    """The family of a program, such as `Firefox`; empty if unknown."""
    return _named(device.user_agent, _PROGRAMS)


def system_of(device: Device) -> str:
    """The family of a system, such as `Windows`; empty if unknown."""
    return _named(device.user_agent, _SYSTEMS)


def address_of(device: Device) -> str:
    """The IP address of a device; empty if it states none."""
    try:
        address = ipaddress.ip_address(device.address)
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address).partition("%")[0]


def _named(user_agent: str, families: tuple[tuple[str, str], ...]) -> str:
    lowered = user_agent.lower()
    return next((name for mark, name in families if mark in lowered), "")
