"""A listener in the clear for whoever looks after the workload: the kubelet and Prometheus.

It passes on a look and nothing else: no call of anybody's gets to the service this way.
"""

from collections.abc import Iterable
from typing import Any

from gateway.bootstrap import address, endpoints, listener, manager, typed
from gateway.settings import EnvoySettings
from kernel.settings import Address

ALIVE_PATH = "/healthz"
"""Answers 200 while this Envoy lives, whatever the service does."""
ENVOY_METRICS_PATH = "/stats/prometheus"
METRICS_PATH = "/metrics"
HEALTH_CHECK_PATH = "/grpc.health.v1.Health/Check"

ADMIN = "admin"
_SECONDS = "10s"


def probes_listener(where: Address, routes: Iterable[dict[str, Any]] = ()) -> dict[str, Any]:
    """Gives the listener: what every Envoy shows, and the routes of one beside a service."""
    shown = [
        _get(ALIVE_PATH) | {"direct_response": {"status": 200, "body": {"inline_string": "ok\n"}}},
        _get(ENVOY_METRICS_PATH) | {"route": {"cluster": ADMIN, "timeout": _SECONDS}},
    ]
    host = {"name": "probes", "domains": ["*"], "routes": [*shown, *routes]}
    filters = [typed("envoy.filters.http.router", "filters.http.router.v3.Router")]
    return listener("probes", address(where), manager("probes", filters, host))


def metrics_route(cluster: str) -> dict[str, Any]:
    """Gives the route to the metrics of the service."""
    return _get(METRICS_PATH) | {"route": {"cluster": cluster, "timeout": _SECONDS}}


def health_route(cluster: str) -> dict[str, Any]:
    """Gives the route to the health of the service (grpc.health.v1)."""
    return {
        "match": {"path": HEALTH_CHECK_PATH, "grpc": {}},
        "route": {"cluster": cluster, "timeout": _SECONDS},
    }


def admin(settings: EnvoySettings) -> dict[str, Any]:
    """Gives Envoy's admin interface, on a local socket: whoever reaches it can stop Envoy."""
    return {"address": {"pipe": {"path": settings.admin_pipe}}}


def admin_cluster(settings: EnvoySettings) -> dict[str, Any]:
    """Gives the cluster by which the metrics of this Envoy are shown."""
    return {
        "name": ADMIN,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": endpoints(ADMIN, [{"pipe": {"path": settings.admin_pipe}}]),
    }


def _get(path: str) -> dict[str, Any]:
    return {
        "match": {
            "path": path,
            "headers": [{"name": ":method", "string_match": {"exact": "GET"}}],
        }
    }
