"""The headers of a client that the gateway accepts: those on a list, and no others.

So a client cannot claim an identity (`x-coditect-…`), steer Envoy (`x-envoy-…`) or speak gRPC
(`grpc-…`). And no header with a name that gRPC forbids reaches a service, whose gRPC library would
end the call. Nor does the trace that a client claims to be in (see `tracing`), or its baggage.
"""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from gateway.settings import Settings

# HTTP's own headers, which Envoy reads, and passes on to no service as they are.
_OF_HTTP = ("connection", "content-length", "transfer-encoding", "upgrade")
_PASSED = (
    "content-encoding",
    "content-type",
    "expect",
    # Headers that the gateway reads.
    "access-control-request-headers",
    "access-control-request-method",
    "origin",
    "x-forwarded-for",
    # Headers that the services read.
    "accept-language",
    "authorization",
    "idempotency-key",
    "if-none-match",
    "user-agent",
    "x-coditect-tokens",
)
# fields.lua leaves those cookies of it that the method takes. So it may have any value.
_COOKIE = "cookie"
_FORWARDED_PROTO = "x-forwarded-proto"
OF_SITE = ("accept", "accept-encoding")
"""Headers that only the routes of the site read. No service gets them."""
_EXTENSION = "envoy.http.early_header_mutation.header_mutation"
_TYPE = "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"


def passed(trusted_proxies: int) -> tuple[str, ...]:
    """Returns the names of the headers whose values a client chooses, and that filters and services see.

    Args:
        trusted_proxies: The number of proxies in front of the gateway. Only a proxy can say which
            scheme the client used.
    """
    return (*_PASSED, *([_FORWARDED_PROTO] if trusted_proxies else []))


def strip(settings: Settings) -> dict[str, Any]:
    """Returns the extension that removes all other headers before anything reads them."""
    known = (
        *_OF_HTTP,
        _COOKIE,
        *passed(settings.trusted_proxies),
        *(OF_SITE if settings.site else ()),
    )
    # A name that begins with a colon is a part of the request line, not a header.
    unknown = {"safe_regex": {"regex": _other_than(known, never=":")}}
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
