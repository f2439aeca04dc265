"""The origins whose pages may read answers, and may have a login kept in a cookie.

The gateway and auth decide by the same rule: the gateway for CORS, auth for cookies.
"""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from kernel.settings import is_loopback

LOOPBACK = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?"
"""The origins of pages of this machine, as an expression that matches the whole text."""
_LOOPBACK = re.compile(LOOPBACK)


def origin_of(url: str) -> str:
    """The origin of a URL, as browsers write it in the header `Origin`."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class KnownOrigins:
    """The origins whose pages are ours.

    Attributes:
        own: The origin of the gateway.
        listed: Those that an operator has listed.
        loopback: Whether the pages of this machine are ours, on any port, as on a laptop.
    """

    own: str
    listed: tuple[str, ...] = ()
    loopback: bool = False

    @classmethod
    def of(cls, issuer: str, listed: tuple[str, ...]) -> Self:
        """The origins of an installation.

        Args:
            issuer: The URL of the gateway for users (`TOKEN_ISSUER`). If its host is this machine, so
                are the pages, unless some are listed.
            listed: The listed ones (`CORS_ORIGINS`).
        """
        loopback = not listed and is_loopback(urlsplit(issuer).hostname or "")
        return cls(origin_of(issuer), listed, loopback)

    @property
    def has_others(self) -> bool:
        """Whether there are origins besides the gateway's own."""
        return self.loopback or bool(self.listed)

    def __contains__(self, origin: object) -> bool:
        """Whether a page of the origin is ours; no page is without an origin."""
        if not isinstance(origin, str):
            return False
        if origin == self.own or origin in self.listed:
            return True
        return self.loopback and _LOOPBACK.fullmatch(origin) is not None
