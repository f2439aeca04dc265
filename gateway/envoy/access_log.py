"""The logs of an Envoy: one JSON object a line, with the names that the services' logs use.

`time`, `request_id`, `trace_id`, `user_id`, `tenant_id`, `client_id` and `token_id` mean the same in every
line of the product.
"""

from typing import Any

from gateway.envoy.bootstrap import typed
from gateway.envoy.filters import CLAIMS, JWT_AUTHN
from gateway.envoy.tracing import is_on
from gateway.settings import EnvoySettings

_TIME = "%START_TIME%"
_REQUEST_ID = "%REQ(X-REQUEST-ID):64%"
_ADDRESS = "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"


def requests(settings: EnvoySettings) -> dict[str, Any]:
    """Returns the log of the edge: a line for each request but those about readiness.

    User, tenant and program are those of a token that the edge has verified, whether it then let the call
    pass or not; of any other token a line says nothing.
    """
    # What a client chooses is cut, so that a line is never longer than about a kilobyte.
    fields = {
        "event": "request",
        "time": _TIME,
        "request_id": _REQUEST_ID,
        **_trace(settings),
        "connection": "connection-%CONNECTION_ID%",
        "method": "%REQ(X-ENVOY-ORIGINAL-METHOD?:METHOD):16%",
        # Without the query, because page tokens and misplaced credentials must not be logged.
        "path": "%PATH(NQ:ORIG_OR_PATH):256%",
        "protocol": "%PROTOCOL%",
        "status": "%RESPONSE_CODE%",
        "details": "%RESPONSE_CODE_DETAILS%",
        "flags": "%RESPONSE_FLAGS%",
        "duration_ms": "%DURATION%",
        "bytes_received": "%BYTES_RECEIVED%",
        "bytes_sent": "%BYTES_SENT%",
        "cluster": "%UPSTREAM_CLUSTER%",
        "address": _ADDRESS,
        "user_agent": "%REQ(USER-AGENT):128%",
        "user_id": _claim("sub"),
        "tenant_id": _claim("tenant_id"),
        "client_id": _claim("client_id"),
        "token_id": _claim("token_id"),
    }
    # A program that waits for a start asks about readiness many times a second.
    return _stdout(fields) | {"filter": {"not_health_check_filter": {}}}


def refusals(settings: EnvoySettings, *filters: dict[str, Any]) -> dict[str, Any]:
    """Returns the log of a sidecar: requests that did not reach the service, which logs the others itself.

    Args:
        settings: Of the sidecar.
        filters: A request that one of them selects has a line.
    """
    fields = {
        "event": "refused",
        "time": _TIME,
        "request_id": _REQUEST_ID,
        **_trace(settings),
        "peer": "%DOWNSTREAM_PEER_URI_SAN%",
        "address": _ADDRESS,
        "method": "%PATH(NQ:ORIG_OR_PATH):256%",
        "details": "%RESPONSE_CODE_DETAILS%",
        "handshake": "%DOWNSTREAM_TRANSPORT_FAILURE_REASON%",
        "flags": "%RESPONSE_FLAGS%",
    }
    any_of = {"or_filter": {"filters": list(filters)}}
    return _stdout(fields) | {"filter": filters[0] if len(filters) == 1 else any_of}


def _trace(settings: EnvoySettings) -> dict[str, str]:
    return {"trace_id": "%TRACE_ID%"} if is_on(settings) else {}


def _claim(name: str) -> str:
    return f"%DYNAMIC_METADATA({JWT_AUTHN}:{CLAIMS}:{name})%"


def _stdout(fields: dict[str, str]) -> dict[str, Any]:
    return typed(
        "envoy.access_loggers.stdout",
        "access_loggers.stream.v3.StdoutAccessLog",
        log_format={"json_format": fields},
    )
