"""Where Envoy sends calls: one cluster for each context, and one for the edge's own keys."""

import ipaddress
from typing import Any

from gateway.envoy import mesh
from gateway.envoy.bootstrap import address, endpoints, typed
from gateway.envoy.downloads import CONNECTION_WINDOW_BYTES, MAX_DOWNLOADS, PRIORITY, WINDOW_BYTES
from gateway.settings import EnvoySettings, Settings
from kernel.settings import Endpoint, SocketPath

JWKS = "jwks"
# Retries only calls that the callee cannot have received.
RETRY_UNSENT = "connect-failure,refused-stream,reset-before-request"

_PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_MAX_REQUESTS = 1024
# The end that opens a connection closes it first when it is idle, so that no call meets a connection
# that its callee is closing. gRPC's own clients wait as long as our Envoys, and its servers for ever.
CALLER_IDLE_SECONDS = 1800
CALLEE_IDLE_SECONDS = 3600
# Concurrent calls with an unknown key each fetch the keys. Only this many fetch at once and the rest
# wait, so that a flood of bad tokens causes few requests to auth.
_MAX_KEY_CONNECTIONS = 4


def context_cluster(name: str, settings: EnvoySettings) -> dict[str, Any]:
    """Returns the cluster of a context, which speaks gRPC and answers grpc.health.v1.

    In a mesh it connects only to the sidecars of that context.
    """
    cluster = cleartext_cluster(name, *settings.addresses[name]) | {
        # Envoy must listen at once, whether other services are up or not; readiness reports them.
        "wait_for_warm_on_init": False,
        "health_checks": [_health_check()],
        "outlier_detection": _outliers(),
        # The remaining healthy hosts take all calls, instead of some calls going to dead hosts. Below
        # 10 % healthy, Envoy calls all hosts, because some may still answer.
        "common_lb_config": {"healthy_panic_threshold": {"value": 10}},
    }
    if settings.mesh_certificates:
        cluster["transport_socket"] = mesh.calls(settings, name)
    return cluster


def cleartext_cluster(
    name: str, *addresses: Endpoint, downloads: int | None = MAX_DOWNLOADS
) -> dict[str, Any]:
    """Returns a cluster that speaks gRPC without TLS, and has no health checks.

    Args:
        name: Its name.
        addresses: Its hosts.
        downloads: The maximum number of concurrent downloads; None for as many as calls.
    """
    files = downloads or _MAX_REQUESTS
    return plain_cluster(name, *addresses) | {
        "typed_extension_protocol_options": {
            _PROTOCOL_OPTIONS: {
                "@type": f"type.googleapis.com/{_PROTOCOL_OPTIONS}",
                "explicit_http_config": {"http2_protocol_options": http2()},
                "common_http_protocol_options": {"idle_timeout": f"{CALLER_IDLE_SECONDS}s"},
            }
        },
        "circuit_breakers": {
            "thresholds": [
                _threshold(_MAX_REQUESTS, _MAX_REQUESTS),
                # Downloads have their own limits, so that calls never wait for slow readers.
                {"priority": PRIORITY} | _threshold(files, files),
            ]
        },
    }


def plain_cluster(name: str, *addresses: Endpoint) -> dict[str, Any]:
    """Returns a cluster of hosts; Envoy resolves those that are names."""
    resolved = all(map(_is_resolved, addresses))
    names = {
        # How often Envoy looks for new replicas; the name server's cache adds to it.
        "dns_refresh_rate": "2s",
        "dns_lookup_family": "V4_PREFERRED",
    }
    dns = typed("envoy.clusters.dns", "clusters.dns.v3.DnsCluster", **names)
    return {
        "name": name,
        **({"type": "STATIC"} if resolved else {"cluster_type": dns}),
        "connect_timeout": "1s",
        "load_assignment": endpoints(name, map(address, addresses)),
    }


def keys_cluster(settings: Settings) -> dict[str, Any]:
    """Returns the cluster of the gateway's own listener that turns auth's GetJwks into JSON."""
    return {
        "name": JWKS,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": endpoints(JWKS, [{"pipe": {"path": settings.keys_pipe}}]),
        "circuit_breakers": {"thresholds": [_threshold(_MAX_REQUESTS, _MAX_KEY_CONNECTIONS)]},
    }


def http2() -> dict[str, Any]:
    """Returns the protocol options of connections between Envoys and services."""
    return {
        "max_concurrent_streams": 1000,
        "initial_stream_window_size": WINDOW_BYTES,
        "initial_connection_window_size": CONNECTION_WINDOW_BYTES,
        # Detects a peer that vanished, even when no data is sent.
        "connection_keepalive": {"interval": "30s", "timeout": "5s"},
    }


def _is_resolved(where: Endpoint) -> bool:
    if isinstance(where, SocketPath):
        return True
    try:
        ipaddress.ip_address(where.host.strip("[]"))
    except ValueError:
        return False
    return True


def _health_check() -> dict[str, Any]:
    return {
        "timeout": "1s",
        "interval": "1s",
        # Applies before the first traffic: a service that just started is found quickly.
        "no_traffic_interval": "0.25s",
        "no_traffic_healthy_interval": "1s",
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        "grpc_health_check": {},
    }


def _threshold(max_requests: int, max_connections: int) -> dict[str, Any]:
    return {
        "max_connections": max_connections,
        "max_pending_requests": max_requests,
        "max_requests": max_requests,
        "retry_budget": {"budget_percent": {"value": 20}, "min_retry_concurrency": 3},
    }


def _outliers() -> dict[str, Any]:
    # Ejects at most half, and never the only host: ejecting that would turn a short failure
    # into an outage.
    return {
        "consecutive_5xx": 10,
        "consecutive_gateway_failure": 5,
        "enforcing_consecutive_5xx": 0,
        "enforcing_consecutive_gateway_failure": 100,
        "interval": "1s",
        "base_ejection_time": "5s",
        "max_ejection_percent": 50,
        "always_eject_one_host": False,
    }
