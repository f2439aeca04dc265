"""Reads the calling workload from the header of the sidecar, which has checked its certificate.

The sidecar's Envoy overwrites `x-forwarded-client-cert` (Envoy, HTTP header manipulation) with one
element of `key=value` pairs, of which `URI` is the SPIFFE ID.
"""

from functools import lru_cache

from kernel.errors import PeerUnknown

HEADER = "x-forwarded-client-cert"
_KEY = "URI="


class Peers:
    """The workloads of one trust domain.

    Args:
        trust_domain: The part after `spiffe://` in the names of all workloads.
        fronts: The workloads that forward the calls of users.
    """

    def __init__(self, trust_domain: str, fronts: tuple[str, ...]) -> None:
        self.fronts = frozenset(fronts)
        self._prefix = f"spiffe://{trust_domain}/"
        # A few callers send the same text again and again.
        self.name = lru_cache(maxsize=64)(self._name)

    def _name(self, header: str) -> str:
        """The name of the workload. Raises `PeerUnknown`."""
        # Our sidecar never writes more than one element or more than one name.
        names = [part for part in header.split(";") if part.startswith(_KEY)]
        if "," in header or len(names) != 1:
            raise PeerUnknown
        uri = names[0].removeprefix(_KEY)
        name = uri.removeprefix(self._prefix)
        if name in {"", uri} or "/" in name:
            raise PeerUnknown
        return name
