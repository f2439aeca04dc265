"""The edge's HTTP filters, in the order in which a request meets them."""

import base64
from collections.abc import Iterable, Iterator
from math import ceil
from pathlib import Path
from typing import Any

from google.api import annotations_pb2
from google.protobuf import descriptor_pb2

from gateway.contract import Contract, Route
from gateway.envoy.bootstrap import router
from gateway.envoy.clusters import JWKS
from gateway.envoy.downloads import abort_on_error_trailer
from gateway.envoy.local_replies import READY_ADDRESS
from gateway.settings import Settings

MAX_BODY_BYTES = 1 << 20
# For calls without arbitrary JSON; parsing a large one would take a tenth of a second.
MAX_PLAIN_BODY_BYTES = 1 << 16
# The size limit of a response. The envelope buffers it whole, so this bounds memory too.
MAX_ANSWER_BYTES = 8 << 20

_EXTENSION = "type.googleapis.com/envoy.extensions.filters.http"
_ERROR_DETAILS = "google/rpc/error_details.proto"
_FOLDER = Path(__file__).parent
# The names of the two Lua filters; a route's metadata for a filter has its name.
ENVELOPE = "envelope"
FIELDS = "fields"
BUFFER = "envoy.filters.http.buffer"
_ADDRESSES_REMEMBERED = 10_000


def edge_filters(contract: Contract, settings: Settings) -> list[dict[str, Any]]:
    """Returns the filters of the edge.

    The envelope is outermost, so that it sees every response last. Limits come before anything
    expensive. The token check lets nothing pass without a rule that allows it.
    """
    return [
        _script(ENVELOPE),
        _filter("cors", "Cors"),
        _readiness(contract),
        *([_rate_limit(settings)] if settings.credential_rate else []),
        _token_check(settings),
        _filter("buffer", "Buffer", max_request_bytes=MAX_BODY_BYTES),
        _script(FIELDS),
        abort_on_error_trailer(),
        transcoder(contract, contract.routes),
        router(),
    ]


def internal_filters(contract: Contract, route: Route) -> list[dict[str, Any]]:
    """Returns the filters of a listener that serves one method to the gateway itself."""
    return [transcoder(contract, [route]), router()]


def rate_limit_seconds(settings: Settings) -> int:
    """Returns the seconds until a rate-limited client may make another call."""
    return ceil(60 / settings.credential_rate) if settings.credential_rate else 1


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
        max_request_body_size=MAX_BODY_BYTES,
        max_response_body_size=MAX_ANSWER_BYTES,
    )


def _filter(name: str, message: str, **config: Any) -> dict[str, Any]:
    return {
        "name": f"envoy.filters.http.{name}",
        "typed_config": {"@type": f"{_EXTENSION}.{name}.v3.{message}"} | config,
    }


def _script(name: str) -> dict[str, Any]:
    source = "\n".join((_FOLDER / file).read_text() for file in ("json.lua", f"{name}.lua"))
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
            {"name": ":method", "string_match": {"exact": "GET"}},
        ],
    )


def _rate_limit(settings: Settings) -> dict[str, Any]:
    always = {"default_value": {"numerator": 100}}
    return _filter(
        "local_ratelimit",
        "LocalRateLimit",
        stat_prefix="credentials",
        filter_enabled=always,
        filter_enforced=always,
        # An IPv6 client owns its whole /64, so that is one client.
        rate_limits=[
            {
                "actions": [
                    {"masked_remote_address": {"v4_prefix_mask_len": 32, "v6_prefix_mask_len": 64}}
                ]
            }
        ],
        # For calls without a descriptor; there are none.
        token_bucket=_bucket(1_000_000),
        # A descriptor without a value means one bucket for each value, here for each address; the
        # least recently used is dropped.
        descriptors=[
            {
                "entries": [{"key": "masked_remote_address"}],
                "token_bucket": _bucket(settings.credential_rate),
            }
        ],
        max_dynamic_descriptors=_ADDRESSES_REMEMBERED,
    )


def _bucket(per_minute: int) -> dict[str, Any]:
    """Returns a token bucket that holds one minute of calls and refills steadily."""
    seconds = max(1.0, 60 / per_minute)
    return {
        "max_tokens": per_minute,
        "tokens_per_fill": ceil(per_minute * seconds / 60),
        "fill_interval": f"{seconds:.3f}s",
    }


def _token_check(settings: Settings) -> dict[str, Any]:
    """Returns the filter that lets through only calls with a valid access token.

    Routes state what they need; the last rule covers routes that state nothing. Envoy cannot refetch
    on an unknown `kid`, so there are two providers of the same keys: the first refreshes them
    periodically. Only a token that fails there goes to the second, which caches keys for seconds.
    While auth is down, the first continues with the keys that it has.
    """
    providers = {
        "cached": _provider(settings, "300s")
        | {"jwt_cache_config": {"jwt_cache_size": 10_000, "jwt_max_token_size": 4096}},
        "fresh": _provider(settings, "2s"),
    }
    providers["cached"]["remote_jwks"]["async_fetch"] = {
        # Listens at once; until the keys have arrived, each call fetches them itself.
        "fast_listener": True,
        "failed_refetch_duration": "0.25s",
    }
    either = {"requires_any": {"requirements": [{"provider_name": name} for name in providers]}}
    return _filter(
        "jwt_authn",
        "JwtAuthentication",
        providers=providers,
        requirement_map={"access_token": either},
        # Envoy's own WWW-Authenticate quotes the whole address; local_replies.py sets another.
        strip_failure_response=True,
        rules=[{"match": {"prefix": "/"}, "requirement_name": "access_token"}],
    )


def _provider(settings: Settings, cache: str) -> dict[str, Any]:
    return {
        "issuer": settings.token_issuer,
        "audiences": [settings.token_audience],
        # Explicit, because the default also takes `?access_token=` from the address.
        "from_headers": [{"name": "authorization", "value_prefix": "Bearer "}],
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
            _clear_response_bodies(copy)
    return base64.b64encode(bundle.SerializeToString(deterministic=True)).decode()


def _clear_response_bodies(file: descriptor_pb2.FileDescriptorProto) -> None:
    """Removes `response_body` from the HTTP rules.

    Envoy's transcoder refuses to start with one ("not supported yet for non-HttpBody fields"), so
    the envelope filter extracts the field from the response instead.
    """
    for service in file.service:
        for method in service.method:
            if method.options.HasExtension(annotations_pb2.http):
                method.options.Extensions[annotations_pb2.http].ClearField("response_body")


def _closure(
    by_name: dict[str, descriptor_pb2.FileDescriptorProto], names: Iterable[str]
) -> Iterator[str]:
    for name in names:
        if name in by_name:
            yield name
            yield from _closure(by_name, by_name[name].dependency)
