"""Renders the Envoy configuration of the edge."""

from typing import Any

from gateway.contract import Contract, ContractError, Route
from gateway.envoy import limits, probes, site, tracing
from gateway.envoy.access_log import requests
from gateway.envoy.bootstrap import address, listener, manager, overload, runtime, to_yaml
from gateway.envoy.clusters import JWKS, context_cluster, keys_cluster
from gateway.envoy.downloads import unreachable_cluster
from gateway.envoy.filters import edge_filters, internal_filters
from gateway.envoy.headers import OF_SITE, strip
from gateway.envoy.local_replies import MAX_HEADERS, MAX_HEADERS_KB, header_to_set, local_replies
from gateway.envoy.response_headers import of_envoy
from gateway.envoy.routes import internal_host, virtual_host
from gateway.settings import Settings

_JWKS_PATH = "/.well-known/jwks.json"
# Envoy's default of 100 is meant for untrusted expressions; a list of origins alone can exceed it.
_RUNTIME = {"re2.max_program_size.error_level": 2000, "re2.max_program_size.warn_level": 2000}
_MAX_BEHIND_BYTES = 1 << 18


def render(contract: Contract, settings: Settings) -> str:
    """Returns the configuration as YAML.

    Raises:
        ContractError: The contract has a context that the settings have no address for, or no
            method that returns the keys.
    """
    return to_yaml(bootstrap(contract, settings))


def bootstrap(contract: Contract, settings: Settings) -> dict[str, Any]:
    """Returns the configuration as the fields of an Envoy Bootstrap message.

    Raises:
        ContractError: As for `render`.
    """
    unknown = [name for name in contract.contexts if name not in settings.addresses]
    if unknown:
        raise ContractError(f"no address is known for: {', '.join(unknown)}")
    keys = _keys_route(contract)
    built: dict[str, Any] = {
        "node": {"id": "edge", "cluster": "gateway"},
        "static_resources": {
            "listeners": [
                _edge_listener(contract, settings),
                _keys_listener(contract, keys, settings),
                *(
                    [probes.probes_listener(settings.probes_listen)]
                    if settings.probes_listen
                    else []
                ),
            ],
            "clusters": [
                *(context_cluster(name, settings) for name in contract.contexts),
                keys_cluster(settings),
                unreachable_cluster(),
                *([probes.admin_cluster()] if settings.probes_listen else []),
                *tracing.clusters(settings),
            ],
        },
        "overload_manager": overload(),
        "layered_runtime": runtime(_RUNTIME | probes.RUNTIME | tracing.runtime(settings)),
    }
    if settings.probes_listen:
        built["admin"] = probes.admin()
    elif settings.admin_listen:
        built["admin"] = {"address": address(settings.admin_listen)}
    return built


def _keys_route(contract: Contract) -> Route:
    for route in contract.routes:
        if route.http.path == _JWKS_PATH:
            return route
    raise ContractError(f"no method serves {_JWKS_PATH}")


def _edge_listener(contract: Contract, settings: Settings) -> dict[str, Any]:
    host = virtual_host(contract, settings)
    config = manager("edge", edge_filters(contract, settings), host)
    config["route_config"]["request_headers_to_add"] = [
        # Services see the address that the gateway trusts, never one that a client claims.
        header_to_set("x-forwarded-for", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"),
    ]
    config["route_config"]["request_headers_to_remove"] = [limits.CALLER_HEADER, *OF_SITE]
    if largest := site.largest_file(settings):
        config["route_config"]["max_direct_response_body_size_bytes"] = largest
    # How many bytes a slow client may lag behind; bodies and responses have their own limits.
    limit = {"per_connection_buffer_limit_bytes": _MAX_BEHIND_BYTES}
    first, *others = map(address, settings.listen)
    more = {"additional_addresses": [{"address": other} for other in others]} if others else {}
    return listener("edge", first, config | _guards(settings)) | limit | more


def _keys_listener(contract: Contract, keys: Route, settings: Settings) -> dict[str, Any]:
    """Returns a listener for the gateway itself: auth speaks gRPC, the token check needs JSON.

    It is a local socket. Envoy's internal listeners exist only in its worker threads, but its main
    thread refreshes the keys.
    """
    config = manager(JWKS, internal_filters(contract, keys), internal_host(keys, settings))
    return listener(JWKS, {"pipe": {"path": settings.keys_pipe}}, config)


def _guards(settings: Settings) -> dict[str, Any]:
    """Returns the checks of the edge on a request before its filters, and on its connection."""
    return {
        "early_header_mutation_extensions": [strip(settings)],
        "use_remote_address": True,
        "xff_num_trusted_hops": settings.trusted_proxies,
        # No address is "internal": loopback and private ones may not set Envoy's own headers.
        # (An empty list would mean Envoy's default, so this names an address that no client has.)
        "internal_address_config": {
            "cidr_ranges": [{"address_prefix": "255.255.255.255", "prefix_len": 32}]
        },
        "forward_client_cert_details": "SANITIZE",
        "always_set_request_id_in_response": True,
        "server_header_transformation": "PASS_THROUGH",
        "normalize_path": True,
        # No route of ours contains `//` or `%2F`.
        "merge_slashes": False,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "local_reply_config": local_replies(of_envoy(settings), settings),
        "access_log": [requests(settings)],
        "max_request_headers_kb": MAX_HEADERS_KB,
        "common_http_protocol_options": {
            "idle_timeout": f"{settings.idle_timeout:g}s",
            "max_headers_count": MAX_HEADERS,
            # Otherwise a service could read `x_coditect_user` as `x-coditect-user`.
            "headers_with_underscores_action": "DROP_HEADER",
        },
        # nginx speaks HTTP/1.0 to what is behind it unless it is told otherwise.
        "http_protocol_options": {
            "accept_http_10": True,
            "default_host_for_http_10": "localhost",
        },
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 1 << 16,
            "initial_connection_window_size": 1 << 20,
        },
        # A slow sender must not keep a connection busy.
        "request_headers_timeout": "10s",
        "request_timeout": "30s",
        "stream_idle_timeout": f"{settings.request_timeout + 20:g}s",
        "drain_timeout": "5s",
    } | tracing.at_edge(settings)
