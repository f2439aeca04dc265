"""Renders the Envoy that stands beside a service.

Nothing reaches the service but through it: calls come in over mutual TLS, each only from those
whom the method's access rule names, and go out to the peers that the contract lets it call.
"""

from typing import Any

from gateway.contract import Contract, ContractError, Method
from gateway.envoy import mesh, probes
from gateway.envoy.bootstrap import (
    address,
    listener,
    manager,
    overload,
    router,
    runtime,
    to_yaml,
    typed,
)
from gateway.envoy.clusters import (
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
# The same service again: whether it lives is asked beside its calls, however many there are.
HEALTH = "health"
_EXTENSION = "type.googleapis.com/envoy.extensions"
_LONGEST = "3600s"


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
    shown = [probes.health_route(HEALTH)]
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
                cleartext_cluster(SERVICE, settings.service_address, downloads=None),
                cleartext_cluster(HEALTH, settings.service_address),
                *(context_cluster(peer, settings) for peer in peers),
                *(
                    [plain_cluster(METRICS, settings.metrics_address)]
                    if settings.metrics_address
                    else []
                ),
                probes.admin_cluster(),
            ],
        },
        "overload_manager": overload(),
        "layered_runtime": runtime(probes.RUNTIME),
        "admin": probes.admin(),
    }


def _inbound(methods: list[Method], settings: SidecarSettings) -> dict[str, Any]:
    host = {
        "name": SERVICE,
        "domains": ["*"],
        "routes": [
            probes.health_route(HEALTH),
            # One who reads slowly holds up others who download, and no call.
            *(
                _route({"path": method.grpc_path}, SERVICE, priority=PRIORITY)
                for method in methods
                if method.download
            ),
            _route({"prefix": "/"}, SERVICE),
        ],
    }
    config = manager(SERVICE, [_rbac(methods, settings), router()], host) | _between_ours()
    config |= {
        # The service looks again at who it was; what a caller says of itself is replaced.
        "forward_client_cert_details": "SANITIZE_SET",
        "set_current_client_cert_details": {"uri": True},
        "access_log": [_refusals(_DENIED, _UNANSWERED)],
    }
    config["common_http_protocol_options"]["max_connection_duration"] = _LONGEST
    chain = {
        "transport_socket": mesh.answers(settings),
        # Or connections that never say who they are would fill the house.
        "transport_socket_connect_timeout": "5s",
    }
    made = listener("mesh", address(settings.mesh_listen), config, **chain)
    return made | {"access_log": [_refusals(_NO_HANDSHAKE)]}


def _outbound(peer: str, settings: SidecarSettings) -> dict[str, Any]:
    retries = {"retry_on": RETRY_UNSENT, "num_retries": 2}
    routes = [_route({"prefix": "/"}, peer, retry_policy=retries)]
    host = {"name": peer, "domains": ["*"], "routes": routes}
    config = manager(f"to_{peer}", [router()], host) | _between_ours()
    # What the service itself asks for is not refused because of who calls it.
    own = {"ignore_global_conn_limit": True}
    return listener(f"to_{peer}", address(settings.outbound[peer]), config) | own


def _route(match: dict[str, Any], cluster: str, **more: Any) -> dict[str, Any]:
    """Gives a route for gRPC: a call has the time that its caller gave it, at most an hour.

    So a peer whose certificate has ended, or was taken from it, does not go on for ever over what
    it has open; the feed of revocations begins anew.
    """
    longest = {"max_stream_duration": _LONGEST, "grpc_timeout_header_max": _LONGEST}
    action = {"cluster": cluster, "timeout": "0s", "max_stream_duration": longest}
    return {"match": match | {"grpc": {}}, "route": action | more}


def _between_ours() -> dict[str, Any]:
    """Gives what a connection is like that comes from one of ours."""
    return {
        "codec_type": "HTTP2",
        "http2_protocol_options": http2(),
        # What the edge lets through, with what it adds, must not fail further in: that would look
        # like a service that is broken.
        "max_request_headers_kb": 96,
        "common_http_protocol_options": {"max_headers_count": 200},
        # The feed of revocations may have little to say.
        "stream_idle_timeout": "0s",
        "server_header_transformation": "PASS_THROUGH",
        "generate_request_id": False,
    }


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
    # With a blank, so that no workload is called that.
    policies["the health"] = _policy([probes.HEALTH_CHECK_PATH], {"prefix": mesh.anybody(settings)})
    return {
        "name": "envoy.filters.http.rbac",
        "typed_config": {
            "@type": f"{_EXTENSION}.filters.http.rbac.v3.RBAC",
            "rules": {"action": "ALLOW", "policies": policies},
        },
    }


def callers(method: Method, settings: SidecarSettings) -> tuple[str, ...]:
    """Gives the names of the workloads that may call a method."""
    if method.rule.services:
        return tuple(sorted(method.rule.services))
    return settings.mesh_fronts


def _policy(paths: list[str], principal: dict[str, str]) -> dict[str, Any]:
    return {
        "permissions": [{"url_path": {"path": {"exact": path}}} for path in paths],
        "principals": [{"authenticated": {"principal_name": principal}}],
    }


def _refusals(*filters: dict[str, Any]) -> dict[str, Any]:
    """Gives a log of what did not get to the service, which logs the rest itself."""
    fields = {
        "event": "refused",
        "time": "%START_TIME%",
        "requestId": "%REQ(X-REQUEST-ID)%",
        "peer": "%DOWNSTREAM_PEER_URI_SAN%",
        "address": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
        "method": "%PATH(NQ:ORIG_OR_PATH)%",
        "details": "%RESPONSE_CODE_DETAILS%",
        "handshake": "%DOWNSTREAM_TRANSPORT_FAILURE_REASON%",
        "flags": "%RESPONSE_FLAGS%",
    }
    log = typed(
        "envoy.access_loggers.stdout",
        "access_loggers.stream.v3.StdoutAccessLog",
        log_format={"json_format": fields},
    )
    any_of = {"or_filter": {"filters": list(filters)}}
    return log | {"filter": filters[0] if len(filters) == 1 else any_of}


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
