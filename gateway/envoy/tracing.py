"""Traces: what every Envoy sends to a collector (OpenTelemetry, OTLP over gRPC).

The edge begins a trace for each call, and decides by chance whether it is recorded. Sidecars and services
follow that decision. A client has no say in it: the edge removes the trace that a client claims to be in
(`headers.py`), as a public edge may (W3C Trace Context, section 3.4). Otherwise anybody could have
all their calls recorded, or write into the traces of others.

Envoy's own tags quote clients: their addresses, their User-Agent, the path with its ids and its query.
`_TAGS` takes the place of those, because Envoy cannot leave one out.
"""

from typing import Any
from urllib.parse import urlsplit

from gateway.envoy.bootstrap import typed
from gateway.envoy.clusters import cleartext_cluster
from gateway.settings import EnvoySettings
from kernel.settings import Address
from kernel.version import VERSION

_COLLECTOR = "traces"
_SECONDS = "5s"
_PORT = 4317
_MOST_SPANS = 2048  # of each worker; what finds no room is dropped
_MOST_EXPORTS = 16  # at once, so that a slow collector costs no memory
_RUNTIME = {
    "tracing.opentelemetry.flush_interval_ms": 1000,
    "tracing.opentelemetry.min_flush_spans": 256,
}
_TAGS = {
    **dict.fromkeys(
        ("grpc.authority", "grpc.message", "http.url", "peer.address", "user_agent"), "-"
    ),
    # The method of the client; after the transcoder all are POST.
    "http.method": "%REQ(X-ENVOY-ORIGINAL-METHOD?:METHOD):16%",
}
_UUIDS = "envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig"


def is_on(settings: EnvoySettings) -> bool:
    """Whether there is a collector."""
    return bool(settings.otel_exporter_otlp_endpoint)


def at_edge(settings: EnvoySettings) -> dict[str, Any]:
    """Returns the fields of the edge's connection manager; none without a collector."""
    if not is_on(settings):
        return {}
    recorded = {"random_sampling": {"value": round(settings.trace_share * 100, 2)}}
    plain = {"@type": f"type.googleapis.com/{_UUIDS}", "pack_trace_reason": False}
    return {
        "tracing": _tracing("gateway")
        | recorded
        # A span for each attempt to reach a service. The name of a route is that of its method.
        | {"spawn_upstream_span": True, "operation": "%ROUTE_NAME%"},
        # Otherwise Envoy notes its decision in the id of the request.
        "request_id_extension": {"typed_config": plain},
    }


def in_sidecar(name: str, settings: EnvoySettings) -> dict[str, Any]:
    """Returns the fields of a sidecar's connection manager; none without a collector.

    A sidecar begins no trace that is recorded. It needs a sampler for that: the connection manager's own
    percentage would also apply to the traces of others.
    """
    if not is_on(settings):
        return {}
    tracing = _tracing(f"{name}-sidecar")
    samplers = "tracers.opentelemetry.samplers"
    never = typed(
        "envoy.tracers.opentelemetry.samplers.trace_id_ratio_based",
        f"{samplers}.v3.TraceIdRatioBasedSamplerConfig",
        sampling_percentage={"numerator": 0},
    )
    tracing["provider"]["typed_config"]["sampler"] = typed(
        "envoy.tracers.opentelemetry.samplers.parent_based",
        f"{samplers}.v3.ParentBasedSamplerConfig",
        wrapped_sampler=never,
    )
    # The method, whose path comes from one of our own processes.
    return {"tracing": tracing | {"operation": "%REQ(:PATH):256%"}}


def clusters(settings: EnvoySettings) -> list[dict[str, Any]]:
    """Returns the cluster of the collector; none without one."""
    if not is_on(settings):
        return []
    url = urlsplit(settings.otel_exporter_otlp_endpoint)
    where = Address(str(url.hostname), url.port or _PORT)
    limits = {"max_requests": _MOST_EXPORTS, "max_pending_requests": _MOST_EXPORTS}
    cluster = cleartext_cluster(_COLLECTOR, where) | {
        "wait_for_warm_on_init": False,
        "circuit_breakers": {"thresholds": [limits]},
    }
    if url.scheme == "https":
        cluster["transport_socket"] = _tls(where.host, settings)
    return [cluster]


def runtime(settings: EnvoySettings) -> dict[str, int]:
    """Returns the settings of the tracer that Envoy takes only from its runtime."""
    return _RUNTIME if is_on(settings) else {}


def _tracing(name: str) -> dict[str, Any]:
    provider = {
        "@type": "type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig",
        "grpc_service": {"envoy_grpc": {"cluster_name": _COLLECTOR}, "timeout": _SECONDS},
        "service_name": name,
        "max_cache_size": _MOST_SPANS,
        "resource_detectors": [
            typed(
                "envoy.tracers.opentelemetry.resource_detectors.static_config",
                "tracers.opentelemetry.resource_detectors.v3.StaticConfigResourceDetectorConfig",
                attributes={"service.namespace": "coditect", "service.version": VERSION},
            )
        ],
    }
    return {
        "provider": {"name": "envoy.tracers.opentelemetry", "typed_config": provider},
        "custom_tags": [{"tag": tag, "value": value} for tag, value in _TAGS.items()],
    }


def _tls(host: str, settings: EnvoySettings) -> dict[str, Any]:
    trusted = {"filename": str(settings.otel_exporter_otlp_certificate)}
    names = [{"san_type": "DNS", "matcher": {"exact": host}}]
    context = {
        "alpn_protocols": ["h2"],
        "validation_context": {"trusted_ca": trusted, "match_typed_subject_alt_names": names},
    }
    return typed(
        "envoy.transport_sockets.tls",
        "transport_sockets.tls.v3.UpstreamTlsContext",
        common_tls_context=context,
        sni=host,
    )
