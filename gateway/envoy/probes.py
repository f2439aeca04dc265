"""A plaintext listener for the kubelet and Prometheus.

It serves only health and metrics: no other call reaches the service through it.
"""

from collections.abc import Iterable
from typing import Any

from gateway.envoy.bootstrap import address, endpoints, listener, manager, router
from kernel.settings import Address

ALIVE_PATH = "/healthz"
"""Returns 200 while this Envoy runs, whatever state the service is in."""
ENVOY_METRICS_PATH = "/stats/prometheus"
METRICS_PATH = "/metrics"
HEALTH_CHECK_PATH = "/grpc.health.v1.Health/Check"

ADMIN = "admin"
ADMIN_SOCKET = "admin.sock"
RUNTIME = {"envoy.resource_limits.listener.probes.connection_limit": 100}
"""Limits that Envoy takes from its runtime only."""
_NAME = "probes"
_SECONDS = "10s"


def probes_listener(where: Address, routes: Iterable[dict[str, Any]] = ()) -> dict[str, Any]:
    """Returns the listener: the routes of every Envoy, and the additional ones of a sidecar."""
    shown = [
        _get(ALIVE_PATH) | {"direct_response": {"status": 200, "body": {"inline_string": "ok\n"}}},
        _get(ENVOY_METRICS_PATH) | {"route": {"cluster": ADMIN, "timeout": _SECONDS}},
    ]
    host = {"name": _NAME, "domains": ["*"], "routes": [*shown, *routes]}
    # Clients here are unauthenticated, so they get little time.
    config = manager(_NAME, [router()], host) | {
        "request_headers_timeout": "5s",
        "common_http_protocol_options": {"idle_timeout": "30s"},
    }
    # Connections here do not count against other listeners, and theirs cannot fail the probes.
    return listener(_NAME, address(where), config) | {"ignore_global_conn_limit": True}


def metrics_route(cluster: str) -> dict[str, Any]:
    """Returns the route to the metrics of the service."""
    return _get(METRICS_PATH) | {"route": {"cluster": cluster, "timeout": _SECONDS}}


def health_route(cluster: str) -> dict[str, Any]:
    """Returns the route to the health of the service (grpc.health.v1)."""
    return {
        "match": {"path": HEALTH_CHECK_PATH, "grpc": {}},
        "route": {"cluster": cluster, "timeout": _SECONDS},
    }


def admin() -> dict[str, Any]:
    """Returns Envoy's admin interface: a socket in this Envoy's own run folder.

    A client of it can stop Envoy. The path is relative, because a socket's path must be short.
    """
    return {"address": {"pipe": {"path": ADMIN_SOCKET, "mode": 0o600}}}


def admin_cluster() -> dict[str, Any]:
    """Returns the cluster that serves the metrics of this Envoy."""
    return {
        "name": ADMIN,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": endpoints(ADMIN, [{"pipe": {"path": ADMIN_SOCKET}}]),
    }


def _get(path: str) -> dict[str, Any]:
    return {
        "match": {
            "path": path,
            "headers": [{"name": ":method", "string_match": {"exact": "GET"}}],
        }
    }
