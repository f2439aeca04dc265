"""Refusals: routes that answer a request without any service.

`odd_requests` come before all other routes, so what they refuse reaches neither a service nor a
filter that costs more than the comparison.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from gateway.envoy.filters import BUFFER, FIELDS, JWT_AUTHN
from gateway.envoy.headers import passed
from gateway.envoy.local_replies import header_to_set
from gateway.settings import Settings

OFF = {
    "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
    "disabled": True,
}
"""The route configuration that switches a filter off."""
_TRANSCODER = "envoy.filters.http.grpc_json_transcoder"
UNTOUCHED = dict.fromkeys((JWT_AUTHN, _TRANSCODER, BUFFER, FIELDS), OFF)
"""Switches off all filters that are on but those that shape responses, and the one of readiness."""
_READINESS = "envoy.filters.http.health_check"

# RFC 3986, section 3.2.2, without user information, which RFC 9110 forbids in a Host (section
# 4.2.4). Envoy puts commas between several Host headers, so those are refused too. It may be empty.
_HOST = r"([A-Za-z0-9._~%-]*|\[[0-9A-Fa-f:.]+\])(:[0-9]{0,5})?"
# Printable ASCII, and what separates words (RFC 9110, section 5.5, without obs-text). A header value
# beyond it may end in a log or in gRPC metadata, which allows nothing else.
_VALUE = r"[\t -~]*"
_TAIL = "%[89ABab][0-9A-Fa-f]"
# Matches every address without a blank whose escapes are UTF-8 (RFC 3629, section 4). Over HTTP/2, other
# bytes would get here too.
_UTF8 = (
    r"(?:[!-$&-~]|%[0-7][0-9A-Fa-f]"
    rf"|%[Cc][2-9A-Fa-f]{_TAIL}|%[Dd][0-9A-Fa-f]{_TAIL}"
    rf"|%[Ee]0%[ABab][0-9A-Fa-f]{_TAIL}|%[Ee][1-9A-Ca-cEeFf](?:{_TAIL}){{2}}"
    rf"|%[Ee][Dd]%[89][0-9A-Fa-f]{_TAIL}"
    rf"|%[Ff]0%[9ABab][0-9A-Fa-f](?:{_TAIL}){{2}}|%[Ff][1-3](?:{_TAIL}){{3}}"
    rf"|%[Ff]4%8[0-9A-Fa-f](?:{_TAIL}){{2}})*"
)


def refuse(
    match: dict[str, Any],
    status: int,
    allow: Iterable[str] = (),
    metadata: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Returns a route that answers with an error of the gateway (local_replies.py).

    Args:
        match: The requests that it refuses.
        status: The HTTP status.
        allow: The methods of the Allow header; empty for no header.
        metadata: The metadata for filters, by their names.
    """
    route: dict[str, Any] = {
        "match": match,
        "direct_response": {"status": status},
        "typed_per_filter_config": UNTOUCHED | {_READINESS: OFF},
    }
    if metadata:
        route["metadata"] = {"filter_metadata": dict(metadata)}
    if allow:
        route["response_headers_to_add"] = [header_to_set("allow", ", ".join(allow))]
    return route


def odd_requests(settings: Settings) -> list[dict[str, Any]]:
    """Returns the refusals of requests that HTTP's parser accepts, but no client has a use for.

    They are a Host that is no host or several, header values that are not ASCII, and an address that
    is not ASCII or does not unescape to UTF-8, as proto texts must be.
    """
    return [
        _refuse_if(_not(":authority", _HOST)),
        *(_refuse_if(_not(name, _VALUE)) for name in passed(settings.trusted_proxies)),
        _refuse_if(_not(":path", _UTF8)),
    ]


def other_credentials(
    match: Mapping[str, Any] = MappingProxyType({"prefix": "/"}),
    metadata: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """Returns the refusal of credentials that are no bearer token.

    The scheme's name is case-insensitive, and at least one space follows it (RFC 9110, sections 11.1
    and 11.4). The token check itself would take a token after any word.

    Args:
        match: The requests whose credentials it looks at.
        metadata: The metadata for filters, by their names.
    """
    scheme = {"prefix": "bearer ", "ignore_case": True}
    bearer = {"name": "authorization", "string_match": scheme, "invert_match": True}
    return refuse({**match, "headers": [bearer]}, 401, metadata=metadata)


def _refuse_if(header: dict[str, Any]) -> dict[str, Any]:
    return refuse({"prefix": "/", "headers": [header]}, 400)


def _not(name: str, pattern: str) -> dict[str, Any]:
    """Returns the condition that a header is present, and that its value does not match."""
    return {
        "name": name,
        "string_match": {"safe_regex": {"regex": pattern}},
        "invert_match": True,
    }


def allowed(verbs: Iterable[str]) -> list[str]:
    """Returns the methods of an address with these; every GET can be asked with HEAD."""
    given = set(verbs)
    return sorted(given | ({"HEAD"} if "GET" in given else set()))
