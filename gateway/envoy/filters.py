"""The edge's HTTP filters, in the order in which a request meets them."""

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from google.api import annotations_pb2
from google.protobuf import descriptor_pb2

from gateway.contract import Contract, Route
from gateway.envoy import limits
from gateway.envoy.bearer_tokens import exchange
from gateway.envoy.bootstrap import router
from gateway.envoy.clusters import JWKS
from gateway.envoy.downloads import abort_on_error_trailer
from gateway.envoy.local_replies import READY_ADDRESS, replies_in_lua, resource_metadata
from gateway.oauth_errors import errors_in_lua
from gateway.settings import Settings

# The size limit of a body without an object of the client; parsing a large one stalls every call.
MAX_BODY_BYTES = 1 << 16
# What a body may have in addition to such an object.
BESIDE_OBJECT_BYTES = 1 << 15
# The size limit of a response. The envelope buffers it whole, so this bounds memory too.
MAX_ANSWER_BYTES = 8 << 20

_EXTENSION = "type.googleapis.com/envoy.extensions.filters.http"
_ERROR_DETAILS = "google/rpc/error_details.proto"
_FOLDER = Path(__file__).parent
# The names of the Lua filters; a route's metadata for a filter has its name.
ENVELOPE = "envelope"
HEAD = "head"
DOWNLOAD = "download"
FIELDS = "fields"
BUFFER = "envoy.filters.http.buffer"
JWT_AUTHN = "envoy.filters.http.jwt_authn"
CALLER = "caller"
"""The filter that notes whose token a call has, and refuses nothing."""
CLAIMS = "token"
"""Where the dynamic metadata of `JWT_AUTHN` has the claims of a verified token."""
_CACHED, _FRESH, _OPTIONAL = "cached", "fresh", "optional"
OPTIONAL_TOKEN = {
    "@type": f"{_EXTENSION}.jwt_authn.v3.PerRouteConfig",
    "requirement_name": _OPTIONAL,
}
"""The configuration of a route that lets calls pass without a token, but not with a bad one."""
_ANY_CALL: dict[str, Any] = {"match": {"prefix": "/"}}


def edge_filters(contract: Contract, settings: Settings) -> list[dict[str, Any]]:
    """Returns the filters of the edge.

    The envelope is outermost but for what drops a body, so that it sees every response last. Limits come before anything
    expensive. The token check lets nothing pass without a rule that allows it.
    """
    return [
        # Only the routes of HEAD switch it on.
        _script(HEAD, settings) | {"disabled": True},
        _script(ENVELOPE, settings),
        _filter("cors", "Cors"),
        *limits.filters(settings, limits.PUBLIC),
        _readiness(contract),
        *limits.filters(settings, limits.CREDENTIALS),
        exchange(contract, settings),
        _caller(settings),
        *limits.filters(settings, limits.CALLERS),
        _token_check(settings),
        _filter("buffer", "Buffer", max_request_bytes=MAX_BODY_BYTES),
        _script(FIELDS, settings),
        # Only the routes of downloads switch these two on.
        _script(DOWNLOAD, settings) | {"disabled": True},
        abort_on_error_trailer(),
        transcoder(contract, contract.routes),
        router(),
    ]


def internal_filters(contract: Contract, route: Route) -> list[dict[str, Any]]:
    """Returns the filters of a listener that serves one method to the gateway itself."""
    return [transcoder(contract, [route]), router()]


def max_body_bytes(route: Route) -> int:
    """Returns the size limit of the bodies of a route."""
    return route.object.max_bytes + BESIDE_OBJECT_BYTES if route.object else MAX_BODY_BYTES


def transcoder(contract: Contract, routes: Iterable[Route]) -> dict[str, Any]:
    """Returns the filter that turns JSON calls into gRPC calls."""
    services = sorted({route.method.service for route in routes})
    return _filter(
        "grpc_json_transcoder",
        "GrpcJsonTranscoder",
        services=services,
        proto_descriptor_bin=_descriptors(contract, routes),
        # Otherwise Envoy would look up the route again by the gRPC path, which has none.
        match_incoming_request_route=True,
        convert_grpc_status=True,
        # Browsers write the blank of `lastActiveTime desc` so (URLSearchParams).
        query_param_unescape_plus=True,
        print_options={"always_print_primitive_fields": True},
        request_validation_options={
            "reject_unknown_method": True,
            "reject_unknown_query_parameters": True,
            "reject_binding_body_field_collisions": True,
        },
        max_request_body_size=max(map(max_body_bytes, contract.routes)),
        max_response_body_size=MAX_ANSWER_BYTES,
    )


def _filter(name: str, message: str, **config: Any) -> dict[str, Any]:
    return {
        "name": f"envoy.filters.http.{name}",
        "typed_config": {"@type": f"{_EXTENSION}.{name}.v3.{message}"} | config,
    }


def _script(name: str, settings: Settings) -> dict[str, Any]:
    files = [f"{name}.lua"]
    if name != HEAD:
        files = ["errors.lua", *files]
    if name in {ENVELOPE, FIELDS}:
        files = ["json.lua", *files]
    tables = [replies_in_lua()]
    if name == ENVELOPE:
        metadata = json.dumps(resource_metadata(settings))
        tables += [errors_in_lua(), f"local RESOURCE_METADATA = {metadata}\n"]
    source = "\n".join((*tables, *((_FOLDER / file).read_text() for file in files)))
    return _filter("lua", "Lua", default_source_code={"inline_string": source}) | {"name": name}


def _readiness(contract: Contract) -> dict[str, Any]:
    """Returns the filter that reports readiness, from the health of every context's cluster."""
    return _filter(
        "health_check",
        "HealthCheck",
        pass_through_mode=False,
        cluster_min_healthy_percentages={name: {"value": 1} for name in contract.contexts},
        headers=[
            READY_ADDRESS,
            {"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD"}}},
        ],
    )


def _caller(settings: Settings) -> dict[str, Any]:
    """Returns the filter that notes whose token a call has.

    It lets all calls pass, so that those without a valid token are limited before they are refused.
    It refreshes auth's keys periodically, and continues with the keys that it has while auth is down.
    """
    provider = _provider(settings, "300s")
    provider["jwt_cache_config"] = {"jwt_cache_size": 10_000, "jwt_max_token_size": 4096}
    provider["claim_to_headers"] = [{"header_name": limits.CALLER_HEADER, "claim_name": "sub"}]
    provider["remote_jwks"]["async_fetch"] = {
        # Listens at once; until the keys have arrived, each call fetches them itself.
        "fast_listener": True,
        "failed_refetch_duration": "0.25s",
    }
    # The first fetch comes a moment before Envoy's own listener of the keys accepts connections.
    provider["remote_jwks"]["retry_policy"] = {
        "num_retries": 3,
        "retry_back_off": {"base_interval": "0.1s", "max_interval": "0.3s"},
    }
    either = [{"provider_name": _CACHED}, {"allow_missing_or_failed": {}}]
    return _filter(
        "jwt_authn",
        "JwtAuthentication",
        providers={_CACHED: provider},
        rules=[_ANY_CALL | {"requires": {"requires_any": {"requirements": either}}}],
    ) | {"name": CALLER, "disabled": True}


def _token_check(settings: Settings) -> dict[str, Any]:
    """Returns the filter that lets through only calls with a valid access token.

    Only routes of public methods disable it, or take calls without a token (`OPTIONAL_TOKEN`). It passes what `_caller` has verified, and verifies any
    other token with keys that are seconds old, because Envoy cannot refetch on an unknown `kid`.
    """
    verified = [{"name": limits.CALLER_HEADER, "present_match": True}]
    optional = [{"provider_name": _FRESH}, {"allow_missing": {}}]
    return _filter(
        "jwt_authn",
        "JwtAuthentication",
        providers={_FRESH: _provider(settings, "2s")},
        requirement_map={_OPTIONAL: {"requires_any": {"requirements": optional}}},
        # Envoy's own WWW-Authenticate quotes the whole address; local_replies.py sets another.
        strip_failure_response=True,
        rules=[
            {"match": _ANY_CALL["match"] | {"headers": verified}},
            _ANY_CALL | {"requires": {"provider_name": _FRESH}},
        ],
    )


def _provider(settings: Settings, cache: str) -> dict[str, Any]:
    return {
        # For the access log: what a verified token says.
        "payload_in_metadata": CLAIMS,
        "issuer": settings.token_issuer,
        "audiences": [settings.token_audience],
        # Explicit, because the default also takes `?access_token=` from the address. The scheme before
        # the space is compared in refusals.py, because its name is case-insensitive.
        "from_headers": [{"name": "authorization", "value_prefix": " "}],
        # The services verify the token again.
        "forward": True,
        "require_expiration": True,
        "clock_skew_seconds": 5,
        "remote_jwks": {
            "http_uri": {
                "uri": f"http://{JWKS}/.well-known/jwks.json",
                "cluster": JWKS,
                "timeout": "3s",
            },
            "cache_duration": cache,
        },
    }


def _descriptors(contract: Contract, routes: Iterable[Route]) -> str:
    """Returns the descriptors that the routes need, without comments, in base64."""
    by_name = {file.name: file for file in contract.files.file}
    packages = {route.method.package for route in routes}
    roots = [file.name for file in contract.files.file if file.package in packages]
    # For an error detail of a type that is missing here, Envoy would send an empty body.
    needed = set(_closure(by_name, [*roots, _ERROR_DETAILS]))
    bundle = descriptor_pb2.FileDescriptorSet()
    for file in contract.files.file:
        if file.name in needed:
            copy = bundle.file.add()
            copy.CopyFrom(file)
            copy.ClearField("source_code_info")
            _adapt(copy)
    return base64.b64encode(bundle.SerializeToString(deterministic=True)).decode()


def _adapt(file: descriptor_pb2.FileDescriptorProto) -> None:
    """Removes `response_body` from the HTTP rules, and adds HEAD beside each GET.

    Envoy's transcoder refuses to start with a `response_body` ("not supported yet for non-HttpBody
    fields"), so the envelope filter extracts the field from the response instead.
    """
    for service in file.service:
        for method in service.method:
            if method.options.HasExtension(annotations_pb2.http):
                rule = method.options.Extensions[annotations_pb2.http]
                rule.ClearField("response_body")
                if rule.get:
                    head = rule.additional_bindings.add()
                    head.custom.kind, head.custom.path = "HEAD", rule.get


def _closure(
    by_name: dict[str, descriptor_pb2.FileDescriptorProto], names: Iterable[str]
) -> Iterator[str]:
    for name in names:
        if name in by_name:
            yield name
            yield from _closure(by_name, by_name[name].dependency)
