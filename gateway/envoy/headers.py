"""Which headers of a client get past the gateway's door: those on a list, and no other.

So nothing from outside can say who the caller is (`x-coditect-…`), steer Envoy (`x-envoy-…`) or
speak gRPC (`grpc-…`); and no header whose name gRPC does not allow reaches a service, which would
make its gRPC library end the call.
"""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

_KEPT = (
    # HTTP's own, which Envoy reads.
    "connection",
    "content-length",
    "content-type",
    "expect",
    "transfer-encoding",
    "upgrade",
    # What the gateway reads.
    "access-control-request-headers",
    "access-control-request-method",
    "origin",
    "x-forwarded-for",
    # What the services read.
    "authorization",
    "idempotency-key",
    "traceparent",
    "tracestate",
    "user-agent",
)
_EXTENSION = "envoy.http.early_header_mutation.header_mutation"
_TYPE = "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"


def strip() -> dict[str, Any]:
    """Gives the extension that takes other headers off a request before anything sees them."""
    # A name that begins with a colon is no header but a part of the request line.
    unknown = {"safe_regex": {"regex": _other_than(_KEPT, never=":")}}
    return {
        "name": _EXTENSION,
        "typed_config": {
            "@type": f"type.googleapis.com/{_TYPE}",
            "mutations": [{"remove_on_match": {"key_matcher": unknown}}],
        },
    }


def _other_than(words: Iterable[str], never: str = "") -> str:
    """Gives an expression that matches every text but the words (RE2 has no negation).

    Args:
        words: The words.
        never: Characters that a matching text does not begin with.
    """
    ordered = sorted(words)
    groups = {first: list(group) for first, group in groupby(ordered, key=lambda word: word[:1])}
    ends = groups.pop("", None) is not None
    branches = [f"[^{re.escape(never + ''.join(groups))}].*" if groups or never else ".+"]
    branches += [
        re.escape(first) + _other_than(word[1:] for word in group)
        for first, group in groups.items()
    ]
    # Here a word may end: then the text must go on. Anywhere else it may end as well.
    return f"(?:{'|'.join(branches)}){'' if ends else '?'}"
