"""The headers of a client that the gateway accepts: those on a list, and no others.

So a client cannot claim an identity (`x-coditect-…`), steer Envoy (`x-envoy-…`) or speak gRPC
(`grpc-…`). And no header with a name that gRPC forbids reaches a service, whose gRPC library would
end the call.
"""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

_KEPT = (
    # HTTP's own headers, which Envoy reads.
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "transfer-encoding",
    "upgrade",
    # Headers that the gateway reads.
    "access-control-request-headers",
    "access-control-request-method",
    "origin",
    "x-forwarded-for",
    # Headers that the services read.
    "authorization",
    "idempotency-key",
    "traceparent",
    "tracestate",
    "user-agent",
)
_EXTENSION = "envoy.http.early_header_mutation.header_mutation"
_TYPE = "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"


def strip() -> dict[str, Any]:
    """Returns the extension that removes all other headers before anything reads them."""
    # A name that begins with a colon is a part of the request line, not a header.
    unknown = {"safe_regex": {"regex": _other_than(_KEPT, never=":")}}
    return {
        "name": _EXTENSION,
        "typed_config": {
            "@type": f"type.googleapis.com/{_TYPE}",
            "mutations": [{"remove_on_match": {"key_matcher": unknown}}],
        },
    }


def _other_than(words: Iterable[str], never: str = "") -> str:
    """Returns an expression that matches every text except the words (RE2 has no negation).

    Args:
        words: The words.
        never: Characters with which a matching text does not begin.
    """
    ordered = sorted(words)
    groups = {first: list(group) for first, group in groupby(ordered, key=lambda word: word[:1])}
    ends = groups.pop("", None) is not None
    branches = [f"[^{re.escape(never + ''.join(groups))}].*" if groups or never else ".+"]
    branches += [
        re.escape(first) + _other_than(word[1:] for word in group)
        for first, group in groups.items()
    ]
    # Where a word ends, the text must continue. Elsewhere the text may end, too.
    return f"(?:{'|'.join(branches)}){'' if ends else '?'}"
