"""The envelope of Envoy's own responses, which it sends before or instead of a service.

Envoy's local_reply_config shapes them; it also covers requests that never reach the filters (a
request line that is not HTTP, headers that are too large). Messages are constants, because Envoy's
own texts quote input and name upstream addresses.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.envoy import limits
from gateway.settings import Settings
from kernel.errors import InvalidRequest

HEALTHY = '{"success":true,"data":{"service":"coditect-v5-api","status":"healthy"}}'
READY = '{"success":true,"data":{"status":"ready"}}'
HEALTH_PATH = "/api/v5/health"
READY_PATH = "/api/v5/ready"
SITE = "site"
"""The name of the routes of the site, whose responses have their own types."""
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
        challenge: The `error` of the WWW-Authenticate header (RFC 6750); empty for one without it,
            None for no header.
        limit: The RateLimit header, in Envoy's format; empty for no header.
    """

    status: int
    code: str
    message: str
    retry_after: int | None = None
    answer: int | None = None
    challenge: str | None = None
    limit: str = ""


TOKEN_MISSING = Reply(401, "ACCESS_TOKEN_MISSING", "An access token is required.", challenge="")
_BAD = "invalid_token"
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
MAX_HEADERS_KB = 60
MAX_HEADERS = 100
TOO_MANY_HEADERS = Reply(
    431, "TOO_MANY_HEADERS", f"There are more headers than the limit of {MAX_HEADERS}."
)

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
    Reply(431, "HEADERS_TOO_LARGE", f"The headers are larger than {MAX_HEADERS_KB} kB."),
    replace(UPSTREAM_UNAVAILABLE, status=502),
    # Envoy's response to a transfer coding that it does not know.
    Reply(501, "MALFORMED_REQUEST", "The request cannot be read.", answer=400),
    UPSTREAM_UNAVAILABLE,
    # download.lua.
    Reply(505, "HTTP_VERSION_NOT_SUPPORTED", "A download needs HTTP/1.1 or newer."),
    Reply(504, "GATEWAY_TIMEOUT", "The service did not answer in time.", 1),
)

# Envoy's reasons for a JWT refusal (response code details); the first match wins.
_BY_JWT_FAULT = (
    # Without the keys, no token can be verified.
    ("Jwks_remote_fetch_is_failed", UPSTREAM_UNAVAILABLE),
    ("Jwt_is_missing", TOKEN_MISSING),
    ("Jwt_is_expired", TOKEN_EXPIRED),
    # refusals.py: credentials that are no bearer token.
    ("direct_response", TOKEN_MISSING),
)

_OF_TOKENS = (TOKEN_MISSING, TOKEN_EXPIRED, TOKEN_INVALID)
_OF_FIELDS = (UNKNOWN_FIELD, INVALID_REQUEST)


# A request that is refused before it is read has no id, or the one of its client, which could contain
# a quote. Its connection has one in the log.
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NAMELESS = {
    "header_filter": {
        "header": {
            "name": "x-request-id",
            "string_match": {"safe_regex": {"regex": _UUID}},
            "treat_missing_header_as_empty": True,
            "invert_match": True,
        }
    }
}
_CONNECTION = "connection-%CONNECTION_ID%"
_REQUEST_ID = "%REQ(X-REQUEST-ID)%"


def resource_metadata(settings: Settings) -> str:
    """Returns the parameter of a WWW-Authenticate header that says where tokens come from (RFC 9728)."""
    issuer = settings.token_issuer.rstrip("/")
    return f'resource_metadata="{issuer}/.well-known/oauth-protected-resource/api/v5"'


def local_replies(headers: Mapping[str, str], settings: Settings) -> dict[str, Any]:
    """Returns the local_reply_config.

    Args:
        headers: Names and values of the headers that every response has.
        settings: The issuer of tokens, which a refusal of a token names.
    """
    metadata = resource_metadata(settings)
    ready = {"header_filter": {"header": READY_ADDRESS}}
    mappers = [
        # Texts, because the bodies of health and readiness are fixed to the byte.
        _mapper([ready, _status("EQ", 200)], READY),
        _mapper([ready, _status("EQ", 503)], _envelope(NOT_READY), NOT_READY, metadata),
        # Health and other successes are JSON already, and so is what a script responds.
        _mapper([_status("LE", 399)], "%LOCAL_REPLY_BODY%"),
        _mapper([_details("lua_response")], "%LOCAL_REPLY_BODY%"),
        *(
            _mapper(conditions, _envelope(reply, request_id), reply, metadata)
            for conditions, reply in _errors()
            for conditions, request_id in (
                ([*conditions, _NAMELESS], _CONNECTION),
                (conditions, _REQUEST_ID),
            )
        ),
    ]
    for mapper in mappers:
        mapper["headers_to_add"] += [header_to_set(*header) for header in headers.items()]
    if settings.site:
        mappers.insert(0, _of_site(headers))
    return {"mappers": mappers}


def _errors() -> Iterator[tuple[list[Mapping[str, Any]], Reply]]:
    """Yields the conditions of each error response; the first that are met count."""
    for text, reply in _BY_JWT_FAULT:
        yield [_status("EQ", 401), _details(text)], reply
    yield [_status("EQ", 401)], TOKEN_INVALID
    # Envoy's response to a wrong audience.
    yield [_status("EQ", 403), _details("jwt_authn")], TOKEN_INVALID
    yield [_status("EQ", 431), _details("too_many_headers")], TOO_MANY_HEADERS
    yield from _refusals_of_limits()
    for reply in BY_STATUS:
        yield [_status("EQ", reply.status)], reply
    yield [_status("GE", 500)], INTERNAL
    yield [_status("GE", 400)], BY_STATUS[0]


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


def _refusals_of_limits() -> Iterator[tuple[list[Mapping[str, Any]], Reply]]:
    """Yields refused calls like `_errors`: of a user with a valid token, and of an address.

    Envoy's filter sets Retry-After, to when the bucket that refused has a token again.
    """
    refused = [_status("EQ", RATE_LIMITED.status), _details(limits.REFUSED)]
    of_user = {"header_filter": {"header": {"name": limits.CALLER_HEADER, "present_match": True}}}
    for conditions, kind in (([of_user], limits.USER), ([], limits.ADDRESS)):
        state = f'"{kind}";r=0;t=%RESP(RETRY-AFTER)%'
        yield [*refused, *conditions], replace(RATE_LIMITED, retry_after=None, limit=state)


def _of_site(headers: Mapping[str, str]) -> dict[str, Any]:
    """Returns the mapper of the files of the site, which leaves bodies and types as they are."""
    vary = ", ".join(filter(None, (headers.get("vary"), "Accept-Encoding")))
    return {
        "filter": _all([_status("LE", 399), _cel(f"xds.route_name == '{SITE}'")]),
        "headers_to_add": [header_to_set(*one) for one in {**headers, "vary": vary}.items()],
    }


def _mapper(
    conditions: list[Mapping[str, Any]],
    body: str,
    reply: Reply | None = None,
    metadata: str = "",
) -> dict[str, Any]:
    headers = {"cache-control": "no-store"}
    mapper: dict[str, Any] = {
        "filter": _all(conditions),
        "body_format_override": {
            "text_format_source": {"inline_string": body},
            "content_type": "application/json",
        },
    }
    if reply:
        if reply.retry_after is not None:
            headers["retry-after"] = str(reply.retry_after)
        if reply.challenge is not None:
            error = f'error="{reply.challenge}", ' if reply.challenge else ""
            headers["www-authenticate"] = f"Bearer {error}{metadata}"
        if reply.limit:
            headers["ratelimit"] = reply.limit
        if reply.answer is not None:
            mapper["status_code"] = reply.answer
    mapper["headers_to_add"] = [header_to_set(name, value) for name, value in headers.items()]
    return mapper


def _envelope(reply: Reply, request_id: str = _REQUEST_ID) -> str:
    """Returns the body as text, because Envoy's JSON format would sort the members.

    Services' errors have the same members in the same order: see envelope.lua.
    """
    error = {
        "code": reply.code,
        "message": reply.message,
        "details": [],
        "requestId": request_id,
    }
    return json.dumps({"success": False, "error": error}, separators=(",", ":"))


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
    return _cel(f"response.code_details.contains('{text}')")


def _cel(expression: str) -> dict[str, Any]:
    return {
        "extension_filter": {
            "name": "envoy.access_loggers.extension_filters.cel",
            "typed_config": {
                "@type": _CEL,
                "expression": expression,
            },
        }
    }
