"""Reads which workload a call comes from, as the sidecar says that has checked its certificate.

The sidecar's Envoy replaces what a caller says of itself in `x-forwarded-client-cert` (Envoy, HTTP
header manipulation): one element of `key=value` pairs, of which `URI` is the SPIFFE ID.
"""

from functools import lru_cache

from kernel.errors import PeerUnknown

HEADER = "x-forwarded-client-cert"
_KEY = "URI="


class Peers:
    """The workloads of one trust domain.

    Args:
        trust_domain: What follows `spiffe://` in the names of all.
        fronts: The workloads that bring the calls of users.
    """

    def __init__(self, trust_domain: str, fronts: tuple[str, ...]) -> None:
        self.fronts = frozenset(fronts)
        self._prefix = f"spiffe://{trust_domain}/"
        # The same few callers come again and again, each with the same text.
        self.name = lru_cache(maxsize=64)(self._name)

    def _name(self, header: str) -> str:
        """The name of the workload. Raises `PeerUnknown`."""
        # More than one element, or more than one name, is nothing that our sidecar writes.
        names = [part for part in header.split(";") if part.startswith(_KEY)]
        if "," in header or len(names) != 1:
            raise PeerUnknown
        uri = names[0].removeprefix(_KEY)
        name = uri.removeprefix(self._prefix)
        if name in {"", uri} or "/" in name:
            raise PeerUnknown
        return name
