"""Renders the Envoy configuration of the edge: one YAML file that needs no other."""

from typing import TYPE_CHECKING, Any

import yaml

from gateway.clusters import JWKS, context_cluster, keys_cluster, socket_address
from gateway.contract import Contract, ContractError, Route
from gateway.downloads import nobody_cluster
from gateway.filters import edge_filters, internal_filters, rate_limit_seconds
from gateway.headers import strip
from gateway.replies import header_to_set, local_replies
from gateway.routes import internal_host, virtual_host
from gateway.settings import Settings
from kernel.settings import Address

if TYPE_CHECKING:
    from yaml import SafeDumper as _Base
else:
    # The one in C, where PyYAML has it: `make run` waits for this.
    _Base = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_JWKS_PATH = "/.well-known/jwks.json"
_HCM = "envoy.filters.network.http_connection_manager"
_HCM_TYPE = f"type.googleapis.com/{_HCM.replace('filters', 'extensions.filters')}.v3"
# Envoy's hundred is for expressions from outside; a list of origins alone can be longer.
_RUNTIME = {"re2.max_program_size.error_level": 2000, "re2.max_program_size.warn_level": 2000}
_MAX_CONNECTIONS = 10_000
_MAX_BEHIND_BYTES = 1 << 18
_MAX_HEADERS_KIB = 60


class _Dumper(_Base):
    """Writes YAML for people: no aliases, and scripts as they are."""

    def ignore_aliases(self, _: object) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def render(contract: Contract, settings: Settings) -> str:
    """Gives the configuration as YAML.

    Raises:
        ContractError: The contract has a context that the settings have no address for, or no
            method that gives the keys.
    """
    return yaml.dump(bootstrap(contract, settings), Dumper=_Dumper, sort_keys=False, width=100)


def bootstrap(contract: Contract, settings: Settings) -> dict[str, Any]:
    """Gives the configuration as the fields of an Envoy Bootstrap message.

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
            ],
            "clusters": [
                *(context_cluster(name, settings) for name in contract.contexts),
                keys_cluster(settings),
                nobody_cluster(),
            ],
        },
        "overload_manager": _overload(),
        "layered_runtime": {"layers": [{"name": "own", "static_layer": _RUNTIME}]},
    }
    if settings.admin_listen:
        built["admin"] = {"address": _address(settings.admin_listen)}
    return built


def _keys_route(contract: Contract) -> Route:
    for route in contract.routes:
        if route.http.path == _JWKS_PATH:
            return route
    raise ContractError(f"no method serves {_JWKS_PATH}")


def _typed(name: str, message: str, **config: Any) -> dict[str, Any]:
    kind = {"@type": f"type.googleapis.com/envoy.extensions.{message}"}
    return {"name": name, "typed_config": kind | config}


def _address(address: Address) -> dict[str, Any]:
    return {"socket_address": socket_address(address)}


def _edge_listener(contract: Contract, settings: Settings) -> dict[str, Any]:
    host = virtual_host(contract, settings)
    manager = _manager("edge", edge_filters(contract, settings), host)
    manager["route_config"]["request_headers_to_add"] = [
        # Services see exactly the address that the gateway believes, never a client's story.
        header_to_set("x-forwarded-for", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"),
    ]
    return {
        "name": "edge",
        "address": _address(settings.listen),
        # How far a client may be behind; bodies and answers have limits of their own.
        "per_connection_buffer_limit_bytes": _MAX_BEHIND_BYTES,
        "filter_chains": [
            {"filters": [{"name": _HCM, "typed_config": manager | _guards(settings)}]}
        ],
    }


def _keys_listener(contract: Contract, keys: Route, settings: Settings) -> dict[str, Any]:
    """Gives a listener for the gateway itself: auth speaks gRPC, the token check wants JSON.

    It is a local socket. Envoy's internal listeners exist in its workers only, and the keys are
    refreshed from its main thread.
    """
    filters = internal_filters(contract, keys)
    manager = _manager(JWKS, filters, internal_host(keys, settings))
    return {
        "name": JWKS,
        "address": {"pipe": {"path": settings.keys_pipe}},
        "filter_chains": [{"filters": [{"name": _HCM, "typed_config": manager}]}],
    }


def _manager(name: str, filters: list[dict[str, Any]], host: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": f"{_HCM_TYPE}.HttpConnectionManager",
        "stat_prefix": name,
        "http_filters": filters,
        "route_config": {"name": name, "virtual_hosts": [host]},
    }


def _guards(settings: Settings) -> dict[str, Any]:
    """Gives what the edge does to a request before its filters, and to its connection."""
    return {
        "early_header_mutation_extensions": [strip()],
        "use_remote_address": True,
        "xff_num_trusted_hops": settings.trusted_proxies,
        # Nobody is "internal": loopback and private addresses get no say in Envoy's own headers.
        # (An empty list would mean Envoy's default, so this names an address that nobody has.)
        "internal_address_config": {
            "cidr_ranges": [{"address_prefix": "255.255.255.255", "prefix_len": 32}]
        },
        "forward_client_cert_details": "SANITIZE",
        "always_set_request_id_in_response": True,
        "server_header_transformation": "PASS_THROUGH",
        "normalize_path": True,
        # `//` and `%2F` are simply not ours.
        "merge_slashes": False,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "local_reply_config": local_replies(rate_limit_seconds(settings)),
        "access_log": [_access_log()],
        "max_request_headers_kb": _MAX_HEADERS_KIB,
        "common_http_protocol_options": {
            "idle_timeout": "300s",
            "max_headers_count": 100,
            # `x_coditect_user` must not become `x-coditect-user` further in.
            "headers_with_underscores_action": "DROP_HEADER",
        },
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 1 << 16,
            "initial_connection_window_size": 1 << 20,
        },
        # Slow senders do not get to keep a connection busy.
        "request_headers_timeout": "10s",
        "request_timeout": "30s",
        "stream_idle_timeout": f"{settings.request_timeout + 20:g}s",
        "drain_timeout": "5s",
    }


def _access_log() -> dict[str, Any]:
    fields = {
        "event": "request",
        "time": "%START_TIME%",
        "requestId": "%REQ(X-REQUEST-ID)%",
        "connection": "connection-%CONNECTION_ID%",
        "method": "%REQ(X-ENVOY-ORIGINAL-METHOD?:METHOD)%",
        # Without the query: page tokens and mistaken credentials have no place in a log.
        "path": "%PATH(NQ:ORIG_OR_PATH)%",
        "status": "%RESPONSE_CODE%",
        "details": "%RESPONSE_CODE_DETAILS%",
        "flags": "%RESPONSE_FLAGS%",
        "durationMs": "%DURATION%",
        "cluster": "%UPSTREAM_CLUSTER%",
        "address": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    }
    return _typed(
        "envoy.access_loggers.stdout",
        "access_loggers.stream.v3.StdoutAccessLog",
        log_format={"json_format": fields},
    )


def _overload() -> dict[str, Any]:
    return {
        "resource_monitors": [
            _typed(
                "envoy.resource_monitors.global_downstream_max_connections",
                "resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
                max_active_downstream_connections=_MAX_CONNECTIONS,
            )
        ]
    }
