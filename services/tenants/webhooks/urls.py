"""Which URLs a webhook can have."""

import re
from urllib.parse import urlsplit

from kernel.fields import Fields
from kernel.outbound.public_addresses import is_public
from kernel.settings import is_loopback
from services.tenants.settings import PrivateAddresses

MOST_CHARACTERS = 500
_PRINTABLE = re.compile(r"[!-~]+")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
# With characters beside these, two readers can see two hosts.
_AUTHORITY = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::[0-9]{1,5})?")
_PORTS = range(1, 65_536)


def check_url(fields: Fields, url: str, private: PrivateAddresses) -> None:
    """Checks a URL that an admin has chosen.

    Args:
        fields: Collects what is wrong.
        url: The URL.
        private: Where http, addresses and names without a dot are allowed, too.
    """
    if not is_good(url, private):
        fields.refuse(
            "url",
            "NOT_A_WEBHOOK_URL",
            "Must be an https URL with a host name, without credentials or fragment.",
        )


def is_good(url: str, private: PrivateAddresses) -> bool:
    """Whether a webhook can have that URL."""
    if not 0 < len(url) <= MOST_CHARACTERS or not _PRINTABLE.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not _AUTHORITY.fullmatch(parts.netloc) or "#" in url:
        return False
    if not (port is None or port in _PORTS):
        return False
    if private == "allowed" or (private == "loopback" and is_loopback(host)):
        return parts.scheme in {"http", "https"} and bool(host)
    return parts.scheme == "https" and _HOST.fullmatch(host) is not None


def reaches(address: str, private: PrivateAddresses) -> bool:
    """Whether events may be sent to an address that the host of a URL has."""
    match private:
        case "allowed":
            return True
        case "loopback":
            return is_public(address) or is_loopback(address)
        case "refused":
            return is_public(address)


def host_of(url: str) -> str:
    """The host of a URL, in lower case."""
    return urlsplit(url).hostname or ""
