"""Downloads: public methods that respond with a file, as a stream of google.api.HttpBody.

The file passes piece by piece, as fast as the client reads it; the gateway holds little of it at any
time. An error before the first piece gets the usual response. A later error aborts the connection,
or the HTTP/2 stream, in the middle, so that no client mistakes a part for the whole file.
"""

from typing import Any

from gateway.contract import Route
from gateway.settings import Settings

ABORT_ON_ERROR_TRAILER = "abort_on_error_trailer"
# Downloads have the connection pool and the limits of this priority.
PRIORITY = "HIGH"
# How many downloads one context may have in progress, and how many bytes of each may be in flight to
# the gateway. All of that fits into the window of one connection, so that no download waits for the
# client of another; twice, because Envoy opens a window again only when half of it has been used.
MAX_DOWNLOADS = 64
# No download takes longer, however slowly the client reads.
LONGEST_SECONDS = 3600
WINDOW_BYTES = 1 << 18
CONNECTION_WINDOW_BYTES = 2 * MAX_DOWNLOADS * WINDOW_BYTES

UNREACHABLE = "unreachable"
_MATCHER = "type.googleapis.com/envoy.type.matcher.v3"
_EXTENSION = "type.googleapis.com/envoy.extensions"


def action(route: Route, settings: Settings) -> dict[str, Any]:
    """Returns the route action of a download: limits on silence and on the total time."""
    return {
        "cluster": route.method.context,
        "timeout": "0s",
        "idle_timeout": f"{settings.download_idle_timeout:g}s",
        "max_stream_duration": {"max_stream_duration": f"{LONGEST_SECONDS}s"},
        "priority": PRIORITY,
    }


def abort_on_error_trailer() -> dict[str, Any]:
    """Returns the filter that aborts a download when its trailers contain an error.

    gRPC sends its status in the trailers, which HTTP/1 clients do not get and others do not read: to
    them, the file would look complete. Envoy has no filter that resets a stream because of its status,
    but a filter that cannot reach its external processor does so. So this filter calls a cluster
    without hosts, and only for the trailers of a download that began with 200 and ended with an error.
    """
    return {
        "name": ABORT_ON_ERROR_TRAILER,
        "disabled": True,
        "typed_config": {
            "@type": f"{_EXTENSION}.common.matching.v3.ExtensionWithMatcher",
            "extension_config": {
                "name": "envoy.filters.http.ext_proc",
                "typed_config": {
                    "@type": f"{_EXTENSION}.filters.http.ext_proc.v3.ExternalProcessor",
                    "grpc_service": {"envoy_grpc": {"cluster_name": UNREACHABLE}},
                    "processing_mode": {
                        "request_header_mode": "SKIP",
                        "response_header_mode": "SKIP",
                        "response_trailer_mode": "SEND",
                    },
                },
            },
            "xds_matcher": {"matcher_list": {"matchers": [_skip_unless_failed()]}},
        },
    }


def enabled() -> dict[str, Any]:
    """Returns the route configuration that enables `abort_on_error_trailer`."""
    return {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "config": {}}


def unreachable_cluster() -> dict[str, Any]:
    """Returns the cluster without hosts that `abort_on_error_trailer` calls."""
    protocol = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
    return {
        "name": UNREACHABLE,
        "type": "STATIC",
        "load_assignment": {"cluster_name": UNREACHABLE},
        "typed_extension_protocol_options": {
            protocol: {
                "@type": f"type.googleapis.com/{protocol}",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        },
    }


def _skip_unless_failed() -> dict[str, Any]:
    complete = _equals("HttpResponseTrailerMatchInput", "grpc-status", "0")
    started = _equals("HttpResponseHeaderMatchInput", ":status", "200")
    skip = {"@type": f"{_EXTENSION}.filters.common.matcher.action.v3.SkipFilter"}
    return {
        "predicate": {"or_matcher": {"predicate": [complete, {"not_matcher": started}]}},
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
