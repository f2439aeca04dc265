"""The edge's routes: one for each public method, and a refusal for everything else."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from gateway.contract import Contract, Route
from gateway.envoy import downloads, limits
from gateway.envoy.clusters import RETRY_UNSENT
from gateway.envoy.filters import (
    BUFFER,
    CALLER,
    ENVELOPE,
    FIELDS,
    JWT_AUTHN,
    MAX_BODY_BYTES,
    max_body_bytes,
)
from gateway.envoy.local_replies import HEALTH_PATH, HEALTHY, READY_PATH, header_to_set
from gateway.settings import Settings

_EXTENSION = "type.googleapis.com/envoy.extensions.filters.http"
_FILTER_OFF = {
    "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
    "disabled": True,
}
# Switches off, for a refusal or a direct response, all filters but those that shape responses.
_TRANSCODER = "envoy.filters.http.grpc_json_transcoder"
_UNTOUCHED = dict.fromkeys((JWT_AUTHN, _TRANSCODER, BUFFER, FIELDS), _FILTER_OFF)
_TAIL = "%[89ABab][0-9A-Fa-f]"
# Matches every text whose escapes are UTF-8 (RFC 3629, section 4).
_UTF8 = (
    r"(?:[^%]|%[0-7][0-9A-Fa-f]"
    rf"|%[Cc][2-9A-Fa-f]{_TAIL}|%[Dd][0-9A-Fa-f]{_TAIL}"
    rf"|%[Ee]0%[ABab][0-9A-Fa-f]{_TAIL}|%[Ee][1-9A-Ca-cEeFf](?:{_TAIL}){{2}}"
    rf"|%[Ee][Dd]%[89][0-9A-Fa-f]{_TAIL}"
    rf"|%[Ff]0%[9ABab][0-9A-Fa-f](?:{_TAIL}){{2}}|%[Ff][1-3](?:{_TAIL}){{3}}"
    rf"|%[Ff]4%8[0-9A-Fa-f](?:{_TAIL}){{2}})*"
)
_RETRIES = 2


def virtual_host(contract: Contract, settings: Settings) -> dict[str, Any]:
    """Returns the only virtual host of the edge."""
    host: dict[str, Any] = {
        "name": "edge",
        "domains": ["*"],
        "routes": [
            _not_utf8(),
            *([_preflight(contract, settings)] if settings.cors_origins else []),
            *_routes(contract, settings),
            _refuse({"prefix": "/"}, 404),
            # No prefix matches CONNECT, and a call without a route would pass through every filter.
            _refuse({"connect_matcher": {}}, 404),
        ],
        "response_headers_to_add": [
            {
                "header": {"key": "cache-control", "value": "no-store"},
                "append_action": "ADD_IF_ABSENT",
            },
            header_to_set("x-content-type-options", "nosniff"),
            # For the `requestId` of the envelope.
            header_to_set("x-request-id", "%REQ(X-REQUEST-ID)%"),
        ],
        "response_headers_to_remove": ["server", "grpc-accept-encoding", "grpc-encoding"],
    }
    if settings.cors_origins:
        host["typed_per_filter_config"] = {"envoy.filters.http.cors": _cors(contract, settings)}
    return host


def internal_host(route: Route, settings: Settings) -> dict[str, Any]:
    """Returns a virtual host with a single route, for the gateway's own use."""
    return {
        "name": "internal",
        "domains": ["*"],
        "routes": [
            {
                "match": _match(route.http.path) | {"headers": [_method(route.http.verb)]},
                "route": _action(route, settings),
            }
        ],
    }


def _routes(contract: Contract, settings: Settings) -> list[dict[str, Any]]:
    def path(route: Route) -> str:
        return route.http.path

    # Fixed paths first: they are cheaper to compare, and `/a/b` must win over `/a/{id}`.
    ordered = sorted(contract.routes, key=lambda route: (len(route.http.variables), path(route)))
    routes = [
        *_own(HEALTH_PATH, _answer(HEALTHY), settings),
        # The health check filter responds before this route is reached.
        *_own(READY_PATH, {"direct_response": {"status": 503}}, settings),
    ]
    for template, group in groupby(ordered, key=path):
        routes += _resource(template, list(group), settings)
    return routes


def _own(path: str, answer: dict[str, Any], settings: Settings) -> list[dict[str, Any]]:
    return [
        {
            "match": {"path": path, "headers": [_method("GET")]},
            "typed_per_filter_config": _UNTOUCHED | limits.probe_enabled(settings),
        }
        | answer,
        _refuse({"path": path}, 405, allow="GET"),
    ]


def _answer(body: str) -> dict[str, Any]:
    return {"direct_response": {"status": 200, "body": {"inline_string": body}}}


def _resource(template: str, routes: Sequence[Route], settings: Settings) -> list[dict[str, Any]]:
    """Returns the routes of one path: its methods, then the refusal of all others."""
    verbs = sorted(route.http.verb for route in routes)
    return [
        *(_call(route, settings) for route in routes),
        _refuse(_match(template), 405, allow=", ".join(verbs)),
    ]


def _match(template: str) -> dict[str, Any]:
    literals = re.split(r"\{[a-z_]+\}", template)
    if len(literals) == 1:
        return {"path": template}
    return {"safe_regex": {"regex": "[^/]+".join(re.escape(text) for text in literals)}}


def _method(verb: str) -> dict[str, Any]:
    return {"name": ":method", "string_match": {"exact": verb}}


def _refuse(match: dict[str, Any], status: int, allow: str = "") -> dict[str, Any]:
    route: dict[str, Any] = {
        "match": match,
        "direct_response": {"status": status},
        "typed_per_filter_config": _UNTOUCHED,
    }
    if allow:
        route["response_headers_to_add"] = [header_to_set("allow", allow)]
    return route


def _call(route: Route, settings: Settings) -> dict[str, Any]:
    filters: dict[str, Any] = limits.enabled(route.method, settings)
    if route.method.rule.public:
        filters[JWT_AUTHN] = _FILTER_OFF
    if route.method.rule.user:
        filters[CALLER] = limits.ENABLED
    if max_body_bytes(route) != MAX_BODY_BYTES:
        filters[BUFFER] = _body_limit(max_body_bytes(route))
    metadata: dict[str, Any] = {ENVELOPE: _envelope(route), FIELDS: _fields(route)}
    call: dict[str, Any] = {
        "name": route.method.full_name,
        "match": _match(route.http.path) | {"headers": [_method(route.http.verb)]},
        "route": _action(route, settings),
        "metadata": {"filter_metadata": metadata},
        "typed_per_filter_config": filters,
    }
    if route.method.download:
        filters[downloads.ABORT_ON_ERROR_TRAILER] = downloads.enabled()
    else:
        # The service's deadline is a little shorter than the gateway's, so its response comes first.
        deadline = f"{settings.request_timeout * 950:.0f}m"
        call["request_headers_to_add"] = [header_to_set("grpc-timeout", deadline)]
    return call


def _body_limit(max_bytes: int) -> dict[str, Any]:
    return {
        "@type": f"{_EXTENSION}.buffer.v3.BufferPerRoute",
        "buffer": {"max_request_bytes": max_bytes},
    }


def _fields(route: Route) -> dict[str, Any]:
    """Returns the metadata for fields.lua."""
    fields: dict[str, Any] = {
        "query": f",{','.join(route.query_names)},",
        "known": f",{','.join(route.body_names)},",
    }
    if route.object:
        fields["object"] = {
            "name": route.object.name,
            # How the reasons begin: STATE_TOO_LARGE, STATE_TOO_DEEP.
            "reason": re.sub("([A-Z])", r"_\1", route.object.name).upper(),
            "bytes": route.object.max_bytes,
            "levels": route.object.max_levels,
            "values": route.object.max_values,
        }
    return fields


def _envelope(route: Route) -> dict[str, str]:
    """Returns the metadata for envelope.lua; it leaves routes without metadata alone."""
    if route.method.edge.bare:
        return {"success": "bare"}
    envelope = {"success": "201" if route.method.edge.created else "200"}
    if route.http.response_body:
        # The text of the response before the value of its one field.
        envelope["unwrap"] = f'{{"{route.response_name}":'
    return envelope


def _action(route: Route, settings: Settings) -> dict[str, Any]:
    if route.method.download:
        return downloads.action(route, settings)
    return {
        "cluster": route.method.context,
        "timeout": f"{settings.request_timeout:g}s",
        "retry_policy": {
            "retry_on": RETRY_UNSENT + (",unavailable" if route.method.repeatable else ""),
            "num_retries": _RETRIES,
            "retry_back_off": {"base_interval": "0.025s", "max_interval": "0.25s"},
        },
    }


def _not_utf8() -> dict[str, Any]:
    """Returns the refusal of an address that does not unescape to UTF-8, as proto texts must be."""
    return _refuse(
        {
            "prefix": "/",
            "headers": [
                # Checked first, because hardly any address has an escape.
                {"name": ":path", "string_match": {"contains": "%"}},
                {
                    "name": ":path",
                    "string_match": {"safe_regex": {"regex": _UTF8}},
                    "invert_match": True,
                },
            ],
        },
        400,
    )


def _preflight(contract: Contract, settings: Settings) -> dict[str, Any]:
    """Returns the route of a preflight, to which the CORS filter responds.

    That filter handles only routes with a cluster. No call reaches the cluster: it would need a token,
    and the transcoder knows no method for it.
    """
    origins = "|".join(re.escape(origin) for origin in settings.cors_origins)
    return {
        "match": {
            "prefix": "/api/",
            "headers": [
                _method("OPTIONS"),
                {"name": "access-control-request-method", "present_match": True},
                {"name": "origin", "string_match": {"safe_regex": {"regex": origins}}},
            ],
        },
        "route": {"cluster": contract.contexts[0]},
    }


def _cors(contract: Contract, settings: Settings) -> dict[str, Any]:
    return {
        "@type": f"{_EXTENSION}.cors.v3.CorsPolicy",
        "allow_origin_string_match": [{"exact": origin} for origin in settings.cors_origins],
        "allow_methods": ", ".join(_verbs(contract.routes)),
        "allow_headers": "authorization, content-type, idempotency-key, x-request-id",
        "expose_headers": "x-request-id, retry-after, ratelimit, ratelimit-policy",
        "max_age": "7200",
        # Tokens are sent in a header; there is no cookie that a page could misuse.
        "allow_credentials": False,
    }


def _verbs(routes: Iterable[Route]) -> list[str]:
    return sorted({route.http.verb for route in routes})
