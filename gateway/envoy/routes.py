"""The edge's routes: one for each public method, and a refusal for everything else."""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from gateway.contract import Contract, Route
from gateway.envoy import downloads, limits, site
from gateway.envoy.bearer_tokens import BEARER_TOKENS
from gateway.envoy.clusters import RETRY_UNSENT
from gateway.envoy.filters import (
    BUFFER,
    CALLER,
    DOWNLOAD,
    ENVELOPE,
    FIELDS,
    HEAD,
    JWT_AUTHN,
    MAX_BODY_BYTES,
    OPTIONAL_TOKEN,
    max_body_bytes,
)
from gateway.envoy.local_replies import HEALTH_PATH, HEALTHY, READY_PATH, header_to_set
from gateway.envoy.refusals import (
    OFF,
    UNTOUCHED,
    allowed,
    odd_requests,
    other_credentials,
    refuse,
)
from gateway.envoy.response_headers import EXPOSED, of_services
from gateway.settings import Settings
from kernel.origins import LOOPBACK

_EXTENSION = "type.googleapis.com/envoy.extensions.filters.http"
_CORS = "envoy.filters.http.cors"
_RETRIES = 2
# What a page may send. The last two are of W3C Trace Context: pages with a library that traces send them,
# and the gateway removes them.
_ALLOWED = (
    "authorization, content-type, idempotency-key, x-coditect-tokens, x-request-id, traceparent,"
    " tracestate"
)


def virtual_host(contract: Contract, settings: Settings) -> dict[str, Any]:
    """Returns the only virtual host of the edge."""
    host: dict[str, Any] = {
        "name": "edge",
        "domains": ["*"],
        "routes": [
            *odd_requests(settings),
            *([_preflight(contract, settings)] if settings.known_origins.has_others else []),
            *_routes(contract, settings),
            *site.routes(settings),
            refuse({"prefix": "/"}, 404),
            # No prefix matches CONNECT, and a call without a route would pass through every filter.
            refuse({"connect_matcher": {}}, 404),
        ],
        "response_headers_to_add": [
            {
                "header": {"key": "cache-control", "value": "no-store"},
                "append_action": "ADD_IF_ABSENT",
            },
            *(header_to_set(*header) for header in of_services(settings).items()),
            # For the `requestId` of the envelope.
            header_to_set("x-request-id", "%REQ(X-REQUEST-ID)%"),
        ],
        "response_headers_to_remove": ["server", "grpc-accept-encoding", "grpc-encoding"],
    }
    if settings.known_origins.has_others:
        host["typed_per_filter_config"] = {_CORS: _cors(contract, settings)}
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
    def path_of(route: Route) -> str:
        return route.http.path

    # Fixed paths first: they are cheaper to compare, and `/a/b` must win over `/a/{id}`.
    ordered = sorted(contract.routes, key=lambda route: (len(route.http.variables), path_of(route)))
    # Not those with variables: `/a/{id}` must not win over another method's `/a/b`.
    public = [
        route for route in ordered if not (route.method.rule.takes_token or route.http.variables)
    ]
    routes = [
        *_own(HEALTH_PATH, _answer(HEALTHY), settings),
        # The health check filter responds before this route is reached.
        *_own(READY_PATH, {"direct_response": {"status": 503}}, settings),
        # Public methods without a user ignore credentials, whatever their scheme.
        *_calls(public, settings),
        # At an endpoint of OAuth an error has the form of OAuth.
        *(other_credentials(_match(path), form) for path, form in _guarded_by_oauth(ordered)),
        other_credentials(),
    ]
    for template, group in groupby(ordered, key=path_of):
        resource = list(group)
        routes += _calls([route for route in resource if route not in public], settings)
        verbs = allowed(route.http.verb for route in resource)
        routes.append(refuse(_match(template), 405, allow=verbs, metadata=_form(resource[0])))
    return routes


def _guarded_by_oauth(routes: Iterable[Route]) -> Iterable[tuple[str, dict[str, Any]]]:
    """Returns the paths of endpoints of OAuth that take a token, each with the form of its errors."""
    return {
        route.http.path: _form(route)
        for route in routes
        if route.method.rule.takes_token and route.method.edge.oauth
    }.items()


def _form(route: Route) -> dict[str, Any]:
    """Returns the metadata of a refusal at the address of a route.

    An error without an envelope has its form for every verb.
    """
    return {ENVELOPE: _envelope(route)} if route.method.edge.bare else {}


def _own(path: str, answer: dict[str, Any], settings: Settings) -> list[dict[str, Any]]:
    return [
        *(
            {
                "match": {"path": path, "headers": [_method(verb)]},
                "typed_per_filter_config": UNTOUCHED | limits.probe_enabled(settings),
            }
            | answer
            for verb in ("GET", "HEAD")
        ),
        refuse({"path": path}, 405, allow=allowed(["GET"])),
    ]


def _answer(body: str) -> dict[str, Any]:
    return {"direct_response": {"status": 200, "body": {"inline_string": body}}}


def _calls(routes: Iterable[Route], settings: Settings) -> list[dict[str, Any]]:
    return [
        _call(route, verb, settings)
        for route in routes
        for verb in (route.http.verb, "HEAD")
        if route.http.verb in {verb, "GET"}
    ]


def _match(template: str) -> dict[str, Any]:
    literals = re.split(r"\{[a-z_]+\}", template)
    if len(literals) == 1:
        return {"path": template}
    return {"safe_regex": {"regex": "[^/]+".join(re.escape(text) for text in literals)}}


def _method(verb: str) -> dict[str, Any]:
    return {"name": ":method", "string_match": {"exact": verb}}


def _call(route: Route, verb: str, settings: Settings) -> dict[str, Any]:
    filters: dict[str, Any] = limits.enabled(route.method, settings)
    if not route.method.rule.takes_token:
        filters[JWT_AUTHN] = OFF
    elif route.method.rule.optional_user:
        filters[JWT_AUTHN] = OPTIONAL_TOKEN
    if route.method.rule.takes_token:
        filters |= dict.fromkeys((BEARER_TOKENS, CALLER), limits.ENABLED)
    if route.method.edge.page:
        # People read it, and no script: cookies alone show whose page it is.
        filters[_CORS] = OFF
    if max_body_bytes(route) != MAX_BODY_BYTES:
        filters[BUFFER] = _body_limit(max_body_bytes(route))
    metadata: dict[str, Any] = {ENVELOPE: _envelope(route), FIELDS: _fields(route)}
    call: dict[str, Any] = {
        "name": route.method.full_name,
        "match": _match(route.http.path) | {"headers": [_method(verb)]},
        "route": _action(route, settings),
        "metadata": {"filter_metadata": metadata},
        "typed_per_filter_config": filters,
    }
    if verb == "HEAD":
        filters[HEAD] = downloads.enabled()
    if route.method.download:
        filters |= dict.fromkeys((DOWNLOAD, downloads.ABORT_ON_ERROR_TRAILER), downloads.enabled())
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
    edge = route.method.edge
    if edge.cookies:
        fields["cookies"] = ",".join(edge.cookies)
    if edge.form:
        fields["form"] = "ignored"
    if edge.oauth:
        fields["form"] = "json" if edge.json else "oauth"
        fields["several"] = f",{','.join(route.repeated_names)},"
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
    edge = route.method.edge
    if edge.bare:
        kind = "page" if edge.page else "oauth" if edge.oauth else "bare"
        return {"success": kind, "empty": str(edge.status)}
    envelope = {"success": str(edge.status), "empty": str(edge.empty_status)}
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


def _preflight(contract: Contract, settings: Settings) -> dict[str, Any]:
    """Returns the route of a preflight, to which the CORS filter responds.

    That filter handles only routes with a cluster. No call reaches the cluster: it would need a token,
    and the transcoder knows no method for it.
    """
    known = settings.known_origins
    expressions = [*map(re.escape, known.listed), *([LOOPBACK] if known.loopback else [])]
    origins = "|".join(expressions)
    return {
        "match": {
            "prefix": "/",
            "headers": [
                _method("OPTIONS"),
                {"name": "access-control-request-method", "present_match": True},
                {"name": "origin", "string_match": {"safe_regex": {"regex": origins}}},
            ],
        },
        "route": {"cluster": contract.contexts[0]},
    }


def _cors(contract: Contract, settings: Settings) -> dict[str, Any]:
    known = settings.known_origins
    matchers: list[dict[str, Any]] = [{"exact": origin} for origin in known.listed]
    if known.loopback:
        matchers.append({"safe_regex": {"regex": LOOPBACK}})
    return {
        "@type": f"{_EXTENSION}.cors.v3.CorsPolicy",
        "allow_origin_string_match": matchers,
        "allow_methods": ", ".join(_verbs(contract.routes)),
        "allow_headers": _ALLOWED,
        "expose_headers": EXPOSED,
        "max_age": "7200",
        # For the cookies of a browser. A refresh token in one takes `x-coditect-tokens`, too.
        "allow_credentials": True,
    }


def _verbs(routes: Iterable[Route]) -> list[str]:
    return sorted({route.http.verb for route in routes})
