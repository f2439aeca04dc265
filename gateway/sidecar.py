"""Renders the Envoy that stands beside a service.

Nothing reaches the service but through it: calls come in over mutual TLS, each only from those
whom the method's access rule names, and go out to the peers that the contract lets it call.
"""

from typing import Any

from gateway import mesh, probes
from gateway.bootstrap import address, listener, manager, overload, to_yaml, typed
from gateway.clusters import cleartext_cluster, context_cluster, http2, plain_cluster
from gateway.contract import Audience, Contract, ContractError, Method
from gateway.settings import SidecarSettings

SERVICE = "service"
METRICS = "metrics"
_EXTENSION = "type.googleapis.com/envoy.extensions"
# As at the edge: sent again only where the callee cannot have seen it.
_RETRY_UNSENT = "connect-failure,refused-stream,reset-before-request"


def render(contract: Contract, name: str, settings: SidecarSettings) -> str:
    """Gives the configuration as YAML.

    Raises:
        ContractError: The contract has no such service, or the settings have no address for one
            that it calls.
    """
    return to_yaml(bootstrap(contract, name, settings))


def bootstrap(contract: Contract, name: str, settings: SidecarSettings) -> dict[str, Any]:
    """Gives the configuration as the fields of an Envoy Bootstrap message.

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
    shown = [probes.health_route(SERVICE)]
    if settings.metrics_address:
        shown.append(probes.metrics_route(METRICS))
    return {
        "node": {"id": f"sidecar-{name}", "cluster": name},
        "static_resources": {
            "listeners": [
                _inbound(methods, settings),
                *(_outbound(peer, settings) for peer in peers),
                probes.probes_listener(settings.probes_listen, shown),
            ],
            "clusters": [
                cleartext_cluster(SERVICE, settings.service_address),
                *(context_cluster(peer, settings) for peer in peers),
                *(
                    [plain_cluster(METRICS, settings.metrics_address)]
                    if settings.metrics_address
                    else []
                ),
                probes.admin_cluster(settings),
            ],
        },
        "overload_manager": overload(),
        "admin": probes.admin(settings),
    }


def _inbound(methods: list[Method], settings: SidecarSettings) -> dict[str, Any]:
    host = {
        "name": SERVICE,
        "domains": ["*"],
        "routes": [{"match": {"prefix": "/", "grpc": {}}, "route": _patiently(SERVICE)}],
    }
    config = manager(SERVICE, [_rbac(methods, settings), _router()], host) | _http2_only()
    config |= {
        # The service looks again at who it was; what a caller says of itself is replaced.
        "forward_client_cert_details": "SANITIZE_SET",
        "set_current_client_cert_details": {"uri": True},
        # A peer whose certificate has ended does not go on for ever with a connection that it has.
        "common_http_protocol_options": {"max_connection_duration": "3600s"},
        "access_log": [_refusals()],
    }
    where = address(settings.mesh_listen)
    return listener("mesh", where, config, transport_socket=mesh.answers(settings))


def _outbound(peer: str, settings: SidecarSettings) -> dict[str, Any]:
    route = _patiently(peer) | {"retry_policy": {"retry_on": _RETRY_UNSENT, "num_retries": 2}}
    host = {
        "name": peer,
        "domains": ["*"],
        "routes": [{"match": {"prefix": "/", "grpc": {}}, "route": route}],
    }
    config = manager(f"to_{peer}", [_router()], host) | _http2_only()
    return listener(f"to_{peer}", address(settings.outbound[peer]), config)


def _patiently(cluster: str) -> dict[str, Any]:
    """Gives the way to a cluster: a call has the time that its caller gave it, a stream all."""
    return {
        "cluster": cluster,
        "timeout": "0s",
        "max_stream_duration": {"grpc_timeout_header_max": "0s"},
    }


def _http2_only() -> dict[str, Any]:
    return {
        "codec_type": "HTTP2",
        "http2_protocol_options": http2(),
        # The feed of revocations lasts as long as the service.
        "stream_idle_timeout": "0s",
        "server_header_transformation": "PASS_THROUGH",
        "generate_request_id": False,
    }


def _router() -> dict[str, Any]:
    return typed(
        "envoy.filters.http.router",
        "filters.http.router.v3.Router",
        suppress_envoy_headers=True,
    )


def _rbac(methods: list[Method], settings: SidecarSettings) -> dict[str, Any]:
    """Gives the filter that lets each caller call what the access rules say, and nothing else."""
    allowed: dict[str, list[str]] = {}
    for method in methods:
        for caller in callers(method, settings):
            allowed.setdefault(caller, []).append(method.grpc_path)
    policies = {
        caller: _policy(paths, {"exact": mesh.spiffe_id(settings, caller)})
        for caller, paths in sorted(allowed.items())
    }
    policies["health"] = _policy([probes.HEALTH_CHECK_PATH], {"prefix": mesh.anybody(settings)})
    return {
        "name": "envoy.filters.http.rbac",
        "typed_config": {
            "@type": f"{_EXTENSION}.filters.http.rbac.v3.RBAC",
            "rules": {"action": "ALLOW", "policies": policies},
        },
    }


def callers(method: Method, settings: SidecarSettings) -> tuple[str, ...]:
    """Gives the names of the workloads that may call a method."""
    if method.access.audience is Audience.SERVICE:
        return method.access.services
    return settings.mesh_fronts


def _policy(paths: list[str], principal: dict[str, str]) -> dict[str, Any]:
    return {
        "permissions": [{"url_path": {"path": {"exact": path}}} for path in paths],
        "principals": [{"authenticated": {"principal_name": principal}}],
    }


def _refusals() -> dict[str, Any]:
    """Gives a log of the calls that did not get to the service; it logs the others itself."""
    return typed(
        "envoy.access_loggers.stdout",
        "access_loggers.stream.v3.StdoutAccessLog",
        log_format={
            "json_format": {
                "event": "refused",
                "time": "%START_TIME%",
                "requestId": "%REQ(X-REQUEST-ID)%",
                "peer": "%DOWNSTREAM_PEER_URI_SAN%",
                "method": "%PATH(NQ:ORIG_OR_PATH)%",
                "details": "%RESPONSE_CODE_DETAILS%",
                "flags": "%RESPONSE_FLAGS%",
            }
        },
    ) | {"filter": {"response_flag_filter": {}}}
