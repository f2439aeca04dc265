"""The envelope of Envoy's own responses, which it sends before or instead of a service.

Envoy's local_reply_config shapes them; it also covers requests that never reach the filters (a
request line that is not HTTP, headers that are too large). Messages are constants, because Envoy's
own texts quote input and name upstream addresses.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from gateway.envoy import limits
from kernel.errors import InvalidRequest

HEALTHY = '{"success":true,"data":{"service":"coditect-v5-api","status":"healthy"}}'
READY = '{"success":true,"data":{"status":"ready"}}'
HEALTH_PATH = "/api/v5/health"
READY_PATH = "/api/v5/ready"
# The path header includes the query.
READY_ADDRESS = {
    "name": ":path",
    "string_match": {"safe_regex": {"regex": READY_PATH + r"(\?.*)?"}},
}

_CEL = "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"


@dataclass(frozen=True)
class Reply:
    """An error response of the gateway itself.

    Attributes:
        status: The HTTP status.
        code: The code in the envelope.
        message: The message in the envelope.
        retry_after: Seconds for the Retry-After header; None for no header.
        answer: The HTTP status to send, if it differs from Envoy's.
        challenge: The WWW-Authenticate header (RFC 6750); empty for no header.
    """

    status: int
    code: str
    message: str
    retry_after: int | None = None
    answer: int | None = None
    challenge: str = ""


TOKEN_MISSING = Reply(
    401, "ACCESS_TOKEN_MISSING", "An access token is required.", challenge="Bearer"
)
_BAD = 'Bearer error="invalid_token"'
TOKEN_EXPIRED = Reply(401, "ACCESS_TOKEN_EXPIRED", "The access token has expired.", challenge=_BAD)
TOKEN_INVALID = Reply(
    401, "ACCESS_TOKEN_INVALID", "The access token is not valid.", answer=401, challenge=_BAD
)
# What fields.lua refuses. It writes the whole envelope, because only it knows the details.
UNKNOWN_FIELD = Reply(400, "UNKNOWN_FIELD", "The body has a field that this call does not have.")
INVALID_REQUEST = Reply(400, InvalidRequest.reason, InvalidRequest.message)
NOT_READY = Reply(503, "NOT_READY", "A service cannot serve at the moment.", 1)
UPSTREAM_UNAVAILABLE = Reply(
    503, "UPSTREAM_UNAVAILABLE", "The service is not available at the moment.", 1, answer=503
)
RATE_LIMITED = Reply(429, "RATE_LIMITED", "Too many requests; please try again later.", 1)
INTERNAL = Reply(500, "INTERNAL", "Something went wrong on our side.")

_NO_END = 408
BY_STATUS = (
    Reply(400, "MALFORMED_REQUEST", "The request cannot be read."),
    # Envoy's response to CONNECT and to an upgrade.
    Reply(403, "FORBIDDEN", "This is not allowed."),
    Reply(404, "ROUTE_NOT_FOUND", "There is nothing at this address."),
    Reply(405, "METHOD_NOT_ALLOWED", "The method is not allowed at this address."),
    Reply(_NO_END, "GATEWAY_TIMEOUT", "The request did not finish in time."),
    Reply(413, "BODY_TOO_LARGE", "The body is too large."),
    Reply(415, "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json, and not compressed."),
    Reply(426, "MALFORMED_REQUEST", "The request cannot be read."),
    RATE_LIMITED,
    Reply(431, "HEADERS_TOO_LARGE", "The headers are larger than 60 kB."),
    replace(UPSTREAM_UNAVAILABLE, status=502),
    UPSTREAM_UNAVAILABLE,
    Reply(504, "GATEWAY_TIMEOUT", "The service did not answer in time.", 1),
)

# Envoy's reasons for a JWT refusal (response code details); the first match wins.
_BY_JWT_FAULT = (
    # Without the keys, no token can be verified.
    ("Jwks_remote_fetch_is_failed", UPSTREAM_UNAVAILABLE),
    ("Jwt_is_missing", TOKEN_MISSING),
    ("Jwt_is_expired", TOKEN_EXPIRED),
)

_OF_TOKENS = (TOKEN_MISSING, TOKEN_EXPIRED, TOKEN_INVALID)
_OF_FIELDS = (UNKNOWN_FIELD, INVALID_REQUEST)


# A request that is refused before it is parsed has no id. Its connection has one in the log.
_UNREAD = (400, 408, 426, 431, 503)
_NAMELESS = {
    "header_filter": {
        "header": {"name": "x-request-id", "present_match": True, "invert_match": True}
    }
}
_CONNECTION = "connection-%CONNECTION_ID%"


def local_replies() -> dict[str, Any]:
    """Returns the local_reply_config."""
    ready = {"header_filter": {"header": READY_ADDRESS}}
    return {
        "mappers": [
            _mapper([ready, _status("EQ", 200)], text=READY),
            _mapper([ready, _status("EQ", 503)], NOT_READY),
            # Health and other successes are JSON already.
            _mapper([_status("LE", 399)], text="%LOCAL_REPLY_BODY%"),
            *(
                _mapper([_status("EQ", 401), _details(text)], reply)
                for text, reply in _BY_JWT_FAULT
            ),
            _mapper([_status("EQ", 401)], TOKEN_INVALID),
            # Envoy's response to a wrong audience.
            _mapper([_status("EQ", 403), _details("jwt_authn")], TOKEN_INVALID),
            _mapper([_details("lua_response")], text="%LOCAL_REPLY_BODY%"),
            *(
                _mapper([_NAMELESS, _status("EQ", reply.status)], reply, request_id=_CONNECTION)
                for reply in BY_STATUS
                if reply.status in _UNREAD
            ),
            *_refusals_of_limits(),
            *(_mapper([_status("EQ", reply.status)], reply) for reply in BY_STATUS),
            _mapper([_status("GE", 500)], INTERNAL),
            _mapper([_status("GE", 400)], BY_STATUS[0]),
        ]
    }


def replies_in_lua() -> str:
    """Returns the errors of the gateway by code, as the table that the Lua filters read."""
    named = (*_OF_TOKENS, *_OF_FIELDS, *BY_STATUS, INTERNAL)
    # A code with several statuses has the first of them, but no script sees a request without an end.
    by_code = {reply.code: reply for reply in reversed(named) if reply.status != _NO_END}
    rows = (
        f'  {code} = {{ status = "{reply.answer or reply.status}", message = "{reply.message}" }},\n'
        for code, reply in sorted(by_code.items())
    )
    return f"local REPLIES = {{\n{''.join(rows)}}}\n"


def _refusals_of_limits() -> Iterator[dict[str, Any]]:
    """Yields the mappers of refused calls: of a user with a valid token, and of an address.

    Envoy's filter sets Retry-After, to when the bucket that refused has a token again.
    """
    refused = [_status("EQ", RATE_LIMITED.status), _details(limits.REFUSED)]
    of_user = {"header_filter": {"header": {"name": limits.CALLER_HEADER, "present_match": True}}}
    for conditions, kind in (([of_user], limits.USER), ([], limits.ADDRESS)):
        state = f'"{kind}";r=0;t=%RESP(RETRY-AFTER)%'
        reply = replace(RATE_LIMITED, retry_after=None)
        yield _mapper([*refused, *conditions], reply, headers={"ratelimit": state})


def _mapper(
    conditions: Iterable[Mapping[str, Any]],
    reply: Reply | None = None,
    text: str = "",
    request_id: str = "%REQ(X-REQUEST-ID)%",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff", **headers}
    mapper: dict[str, Any] = {"filter": _all(list(conditions))}
    if reply is None:
        # A text format, because the bodies of health and readiness are fixed to the byte.
        mapper["body_format_override"] = {
            "text_format_source": {"inline_string": text},
            "content_type": "application/json",
        }
    else:
        mapper["body_format_override"] = {"json_format": _envelope(reply, request_id)}
        if reply.retry_after is not None:
            headers["retry-after"] = str(reply.retry_after)
        if reply.challenge:
            headers["www-authenticate"] = reply.challenge
        if reply.answer is not None:
            mapper["status_code"] = reply.answer
    mapper["headers_to_add"] = [header_to_set(name, value) for name, value in headers.items()]
    return mapper


def _envelope(reply: Reply, request_id: str) -> dict[str, Any]:
    # Envoy's JSON format, because before Envoy has made a request id, the id is the client's and
    # could contain a quote.
    return {
        "success": False,
        "error": {
            "code": reply.code,
            "message": reply.message,
            "details": [],
            "requestId": request_id,
        },
    }


def header_to_set(name: str, value: str) -> dict[str, Any]:
    """Returns Envoy's HeaderValueOption that sets a header and replaces any earlier value."""
    return {
        "header": {"key": name, "value": value},
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
    }


def _all(conditions: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    return conditions[0] if len(conditions) == 1 else {"and_filter": {"filters": conditions}}


def _status(comparison: str, status: int) -> dict[str, Any]:
    value = {"default_value": status, "runtime_key": "unused"}
    return {"status_code_filter": {"comparison": {"op": comparison, "value": value}}}


def _details(text: str) -> dict[str, Any]:
    return {
        "extension_filter": {
            "name": "envoy.access_loggers.extension_filters.cel",
            "typed_config": {
                "@type": _CEL,
                "expression": f"response.code_details.contains('{text}')",
            },
        }
    }
