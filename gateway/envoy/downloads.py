"""Downloads: public methods that answer with a file, as a stream of google.api.HttpBody.

The file passes piece by piece, as fast as its reader takes it, with little of it in the gateway at
any time. What goes wrong before the first piece is answered as always. What goes wrong later ends
the connection, or the stream of HTTP/2, in the middle: a client never takes a part for the whole.
"""

from typing import Any

from gateway.contract import Route
from gateway.settings import Settings

GUARD = "unbroken"
# The pool of connections and the limits of downloads are those of this priority.
PRIORITY = "HIGH"
# How many one context may have under way, and what each may have on the way to the gateway. All
# of that fits into the window of one connection, so that none waits for another one's reader;
# twice, because Envoy opens a window again only when half of it has been used.
MAX_DOWNLOADS = 64
# Nobody keeps one of them for longer, however slowly it reads.
LONGEST_SECONDS = 3600
WINDOW_BYTES = 1 << 18
CONNECTION_WINDOW_BYTES = 2 * MAX_DOWNLOADS * WINDOW_BYTES

_NOBODY = "nobody"
_MATCHER = "type.googleapis.com/envoy.type.matcher.v3"
_EXTENSION = "type.googleapis.com/envoy.extensions"


def action(route: Route, settings: Settings) -> dict[str, Any]:
    """Gives what is done with a call: a limit on silence, and a wide one on the whole."""
    return {
        "cluster": route.method.context,
        "timeout": "0s",
        "idle_timeout": f"{settings.download_idle_timeout:g}s",
        "max_stream_duration": {"max_stream_duration": f"{LONGEST_SECONDS}s"},
        "priority": PRIORITY,
    }


def guard() -> dict[str, Any]:
    """Gives the filter that breaks a download off when its last word is an error.

    That word is gRPC's status in the trailers, which HTTP/1 clients do not get and others do not
    read: to them, the file would be complete. No filter of Envoy resets a stream for its status,
    but one that asks another process, and cannot reach it, does. So this one asks nobody, and
    only about the trailers of a download that began well and ended badly.
    """
    return {
        "name": GUARD,
        "disabled": True,
        "typed_config": {
            "@type": f"{_EXTENSION}.common.matching.v3.ExtensionWithMatcher",
            "extension_config": {
                "name": "envoy.filters.http.ext_proc",
                "typed_config": {
                    "@type": f"{_EXTENSION}.filters.http.ext_proc.v3.ExternalProcessor",
                    "grpc_service": {"envoy_grpc": {"cluster_name": _NOBODY}},
                    "processing_mode": {
                        "request_header_mode": "SKIP",
                        "response_header_mode": "SKIP",
                        "response_trailer_mode": "SEND",
                    },
                },
            },
            "xds_matcher": {"matcher_list": {"matchers": [_skip_unless_broken()]}},
        },
    }


def guarded() -> dict[str, Any]:
    """Gives what a route says to have the guard."""
    return {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "config": {}}


def nobody_cluster() -> dict[str, Any]:
    """Gives the cluster of those whom the guard asks."""
    protocol = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    return {
        "name": _NOBODY,
        "type": "STATIC",
        "load_assignment": {"cluster_name": _NOBODY},
        "typed_extension_protocol_options": {
            protocol: {
                "@type": f"type.googleapis.com/{protocol}",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
    }


def _skip_unless_broken() -> dict[str, Any]:
    complete = _equals("HttpResponseTrailerMatchInput", "grpc-status", "0")
    begun = _equals("HttpResponseHeaderMatchInput", ":status", "200")
    skip = {"@type": f"{_EXTENSION}.filters.common.matcher.action.v3.SkipFilter"}
    return {
        "predicate": {"or_matcher": {"predicate": [complete, {"not_matcher": begun}]}},
        "on_match": {"action": {"name": "skip", "typed_config": skip}},
    }


def _equals(source: str, header: str, value: str) -> dict[str, Any]:
    typed = {"@type": f"{_MATCHER}.{source}", "header_name": header}
    return {
        "single_predicate": {
            "input": {"name": header, "typed_config": typed},
            "value_match": {"exact": value},
        }
    }
