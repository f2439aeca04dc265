"""Renders the Envoy configuration of a sidecar.

All calls of a service pass through it. Calls come in over mutual TLS, each only from the workloads
in the method's access rule, and go out only to the peers that the contract allows.
"""

from typing import Any

from gateway.contract import Contract, ContractError, Method
from gateway.envoy import mesh, probes, tracing
from gateway.envoy.access_log import refusals
from gateway.envoy.bootstrap import (
    address,
    listener,
    manager,
    overload,
    router,
    runtime,
    to_yaml,
)
from gateway.envoy.clusters import (
    CALLEE_IDLE_SECONDS,
    RETRY_UNSENT,
    cleartext_cluster,
    context_cluster,
    http2,
    plain_cluster,
)
from gateway.envoy.downloads import PRIORITY
from gateway.settings import SidecarSettings

SERVICE = "service"
METRICS = "metrics"
# The same service again, so that health checks do not queue behind its calls.
HEALTH = "health"
_EXTENSION = "type.googleapis.com/envoy.extensions"


def render(contract: Contract, name: str, settings: SidecarSettings) -> str:
    """Returns the configuration as YAML.

    Raises:
        ContractError: The contract has no such service, or the settings have no address for a
            service that it calls.
    """
    return to_yaml(bootstrap(contract, name, settings))


def bootstrap(contract: Contract, name: str, settings: SidecarSettings) -> dict[str, Any]:
    """Returns the configuration as the fields of an Envoy Bootstrap message.

    Raises:
        ContractError: As for `render`.
    """
    methods = [method for method in contract.methods if method.context == name]
    if not methods:
        raise ContractError(f"the contract has no service {name}")
    peers = contract.peers_of(name)
    unknown = [peer for peer in peers if peer not in settings.addresses]
    if unknown:
        raise ContractError(f"no address is known for: {', '.join(unknown)}")
    shown = [probes.health_route(HEALTH)]
    if settings.metrics_address:
        shown.append(probes.metrics_route(METRICS))
    return {
        "node": {"id": f"sidecar-{name}", "cluster": name},
        "static_resources": {
            "listeners": [
                _inbound(name, methods, settings),
                *(_outbound(name, peer, settings) for peer in peers),
                probes.probes_listener(settings.probes_listen, shown),
            ],
            "clusters": [
                cleartext_cluster(SERVICE, settings.service_address, downloads=None),
                cleartext_cluster(HEALTH, settings.service_address),
                *(context_cluster(peer, settings) for peer in peers),
                *(
                    [plain_cluster(METRICS, settings.metrics_address)]
                    if settings.metrics_address
                    else []
                ),
                probes.admin_cluster(),
                *tracing.clusters(settings),
            ],
        },
        "overload_manager": overload(),
        "layered_runtime": runtime(probes.RUNTIME | tracing.runtime(settings)),
        "admin": probes.admin(),
    }


def _inbound(name: str, methods: list[Method], settings: SidecarSettings) -> dict[str, Any]:
    host = {
        "name": SERVICE,
        "domains": ["*"],
        "routes": [
            probes.health_route(HEALTH),
            # A slow reader can delay other downloads, but no call.
            *(
                _route(settings, {"path": method.grpc_path}, SERVICE, priority=PRIORITY)
                for method in methods
                if method.download
            ),
            _route(settings, {"prefix": "/"}, SERVICE),
        ],
    }
    config = manager(SERVICE, [_rbac(methods, settings), router()], host) | _internal_connection()
    config |= {
        # Replaces what a caller claims with its real identity; the service checks it again.
        "forward_client_cert_details": "SANITIZE_SET",
        "set_current_client_cert_details": {"uri": True},
        "access_log": [refusals(settings, _DENIED, _UNANSWERED)],
    } | tracing.in_sidecar(name, settings)
    config["common_http_protocol_options"]["max_connection_duration"] = _longest(settings)
    chain = {
        "transport_socket": mesh.answers(settings),
        # Otherwise connections without a handshake could use up the connection limit.
        "transport_socket_connect_timeout": "5s",
    }
    made = listener("mesh", address(settings.mesh_listen), config, **chain)
    return made | {"access_log": [refusals(settings, _NO_HANDSHAKE)]}


def _outbound(name: str, peer: str, settings: SidecarSettings) -> dict[str, Any]:
    retries = {"retry_on": RETRY_UNSENT, "num_retries": 2}
    routes = [_route(settings, {"prefix": "/"}, peer, retry_policy=retries)]
    host = {"name": peer, "domains": ["*"], "routes": routes}
    config = manager(f"to_{peer}", [router()], host) | _internal_connection()
    config |= tracing.in_sidecar(name, settings)
    # Incoming connections must not block the service's own calls.
    own = {"ignore_global_conn_limit": True, "traffic_direction": "OUTBOUND"}
    return listener(f"to_{peer}", address(settings.outbound[peer]), config) | own


def _longest(settings: SidecarSettings) -> str:
    return f"{settings.mesh_connection_seconds}s"


def _route(
    settings: SidecarSettings, match: dict[str, Any], cluster: str, **more: Any
) -> dict[str, Any]:
    """Returns a route for gRPC: a call has the deadline of its caller, and by default at most an hour.

    So a peer whose certificate has expired or was withdrawn does not keep open streams for ever; the
    feed of revocations reconnects.
    """
    limit = _longest(settings)
    longest = {"max_stream_duration": limit, "grpc_timeout_header_max": limit}
    action = {"cluster": cluster, "timeout": "0s", "max_stream_duration": longest}
    return {"match": match | {"grpc": {}}, "route": action | more}


def _internal_connection() -> dict[str, Any]:
    """Returns the settings of a connection from one of our own processes."""
    return {
        "codec_type": "HTTP2",
        "http2_protocol_options": http2(),
        # Headers that the edge lets through, and those that it adds, must not fail here: that would
        # look like a broken service.
        "max_request_headers_kb": 96,
        "common_http_protocol_options": {
            "max_headers_count": 200,
            "idle_timeout": f"{CALLEE_IDLE_SECONDS}s",
        },
        # The feed of revocations can be silent for long.
        "stream_idle_timeout": "0s",
        "server_header_transformation": "PASS_THROUGH",
        "generate_request_id": False,
    }


def _rbac(methods: list[Method], settings: SidecarSettings) -> dict[str, Any]:
    """Returns the filter that allows each caller only the methods that the access rules grant it."""
    allowed: dict[str, list[str]] = {}
    for method in methods:
        for caller in callers(method, settings):
            allowed.setdefault(caller, []).append(method.grpc_path)
    policies = {
        caller: _policy(paths, {"exact": mesh.spiffe_id(settings, caller)})
        for caller, paths in sorted(allowed.items())
    }
    # The name has a space, so that no workload can have it.
    policies["the health"] = _policy(
        [probes.HEALTH_CHECK_PATH], {"prefix": mesh.any_workload(settings)}
    )
    return {
        "name": "envoy.filters.http.rbac",
        "typed_config": {
            "@type": f"{_EXTENSION}.filters.http.rbac.v3.RBAC",
            "rules": {"action": "ALLOW", "policies": policies},
        },
    }


def callers(method: Method, settings: SidecarSettings) -> tuple[str, ...]:
    """Returns the names of the workloads that may call a method."""
    if method.rule.services:
        return tuple(sorted(method.rule.services))
    return settings.mesh_fronts


def _policy(paths: list[str], principal: dict[str, str]) -> dict[str, Any]:
    return {
        "permissions": [{"url_path": {"path": {"exact": path}}} for path in paths],
        "principals": [{"authenticated": {"principal_name": principal}}],
    }


def _where(expression: str) -> dict[str, Any]:
    config = {"@type": f"{_EXTENSION}.access_loggers.filters.cel.v3.ExpressionFilter"}
    return {
        "extension_filter": {
            "name": "envoy.access_loggers.extension_filters.cel",
            "typed_config": config | {"expression": expression},
        }
    }


_DENIED = _where("response.code_details.startsWith('rbac_access_denied')")
_UNANSWERED: dict[str, Any] = {"response_flag_filter": {}}
_NO_HANDSHAKE = _where("connection.transport_failure_reason != ''")
