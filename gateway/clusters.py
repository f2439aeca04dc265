"""Where the edge sends calls: one cluster for each context, and one for its own keys."""

import ipaddress
from typing import Any

from gateway.downloads import (
    CONNECTION_WINDOW_BYTES,
    MAX_DOWNLOADS,
    PRIORITY,
    WINDOW_BYTES,
)
from gateway.settings import Settings
from kernel.settings import Address

JWKS = "jwks"

_PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_MAX_REQUESTS = 1024
# Calls that meet a missing key at the same time each ask for it; the others wait for one of these,
# so that a flood of bad tokens has little under way at auth.
_MAX_KEY_CONNECTIONS = 4


def context_cluster(name: str, settings: Settings) -> dict[str, Any]:
    """Gives the cluster of a context, which speaks gRPC and answers grpc.health.v1."""
    address = settings.addresses[name]
    return {
        "name": name,
        "type": "STATIC" if _is_ip(address.host) else "STRICT_DNS",
        "connect_timeout": "1s",
        # The gateway must listen at once, whoever else is up; readiness tells the rest.
        "wait_for_warm_on_init": False,
        "dns_lookup_family": "V4_PREFERRED",
        "load_assignment": _endpoint(name, {"socket_address": socket_address(address)}),
        "typed_extension_protocol_options": {
            _PROTOCOL_OPTIONS: {
                "@type": f"type.googleapis.com/{_PROTOCOL_OPTIONS}",
                "explicit_http_config": {"http2_protocol_options": _http2()},
            }
        },
        "health_checks": [_health_check()],
        "circuit_breakers": {
            "thresholds": [
                _threshold(_MAX_REQUESTS, _MAX_REQUESTS),
                # A reader may take its time, which is nothing that calls should wait for.
                {"priority": PRIORITY} | _threshold(MAX_DOWNLOADS, MAX_DOWNLOADS),
            ]
        },
        "outlier_detection": _outliers(),
    }


def keys_cluster(settings: Settings) -> dict[str, Any]:
    """Gives the cluster of the gateway's own listener that turns auth's GetJwks into JSON."""
    address = {"pipe": {"path": settings.keys_pipe}}
    return {
        "name": JWKS,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": _endpoint(JWKS, address),
        "circuit_breakers": {"thresholds": [_threshold(_MAX_REQUESTS, _MAX_KEY_CONNECTIONS)]},
    }


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def socket_address(address: Address) -> dict[str, Any]:
    """Gives the fields of Envoy's SocketAddress."""
    return {"address": address.host.strip("[]"), "port_value": address.port}


def _endpoint(name: str, address: dict[str, Any]) -> dict[str, Any]:
    return {
        "cluster_name": name,
        "endpoints": [{"lb_endpoints": [{"endpoint": {"address": address}}]}],
    }


def _http2() -> dict[str, Any]:
    return {
        "max_concurrent_streams": 1000,
        "initial_stream_window_size": WINDOW_BYTES,
        "initial_connection_window_size": CONNECTION_WINDOW_BYTES,
        # A peer that is gone without a word is noticed even when nothing is sent.
        "connection_keepalive": {"interval": "30s", "timeout": "5s"},
    }


def _health_check() -> dict[str, Any]:
    return {
        "timeout": "1s",
        "interval": "1s",
        # Applies before the first traffic: a service that is still starting is found quickly.
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
    # At most half may go, and never the only one: with one host, ejecting it would turn a blip
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
