"""The responses of operations: data in its envelope, and errors with their codes."""

from collections.abc import Sequence
from typing import Any

from gateway.openapi.errors import Errors

_RATE_LIMITED = 429
_RETRY_AFTER = (_RATE_LIMITED, 503, 504)
# A request that is too slow or too large is refused before it has an id.
_UNREAD = (408, 431)
_PREFIX = "type.googleapis.com/google.rpc."
_Codes = tuple[str, ...]


class Responses:
    """The error responses of a document; equal ones share a component.

    Args:
        operations: The errors of every operation.
        probes: The errors of the probes.
    """

    def __init__(self, operations: Sequence[Errors], probes: Sequence[Errors]) -> None:
        self._messages: dict[int, dict[_Codes, dict[str, str]]] = {}
        self._everywhere: dict[int, set[str]] = {}
        for errors in operations:
            for status, codes in errors.items():
                self._everywhere.setdefault(status, set(codes)).intersection_update(codes)
        for errors in (*operations, *probes):
            for status, codes in errors.items():
                self._messages.setdefault(status, {})[tuple(codes)] = codes

    def references(self, errors: Errors) -> dict[str, Any]:
        """Returns the error responses of an operation by status, as references."""
        return {
            str(status): {"$ref": f"#/components/responses/{self._name(status, tuple(codes))}"}
            for status, codes in errors.items()
        }

    def components(self) -> dict[str, Any]:
        """Returns the responses by their names."""
        return {
            self._name(status, codes): _error(status, messages)
            for status, variants in sorted(self._messages.items())
            for codes, messages in sorted(variants.items())
        }

    def _name(self, status: int, codes: _Codes) -> str:
        """Returns the status, followed by the codes that not every operation has at that status."""
        everywhere = self._everywhere.get(status, set())
        common = everywhere if everywhere <= set(codes) else set()
        # These always occur together.
        special = (
            "ACCESS_TOKEN" if code.startswith("ACCESS_TOKEN_") else code
            for code in codes
            if code not in common
        )
        words = (word for code in dict.fromkeys(special) for word in code.split("_"))
        return f"Error{status}" + "".join(word.capitalize() for word in words)


def response(
    description: str, schema: dict[str, Any], example: Any, kind: str = "application/json"
) -> dict[str, Any]:
    """Returns a response with a body."""
    return {
        "description": description,
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
        "content": {kind: {"schema": schema, "example": example}},
    }


def enveloped(data: dict[str, Any], example: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns the schema and the example of a response in its envelope."""
    schema = {
        "type": "object",
        "properties": {"success": {"const": True}, "data": data},
        "required": ["success", "data"],
        "additionalProperties": False,
    }
    return schema, {"success": True, "data": example}


def headers() -> dict[str, Any]:
    """Returns the response headers by name."""
    return {
        "RequestId": {
            "description": "Names the request in the log.",
            "schema": {"type": "string"},
        },
        "RetryAfter": {
            "description": "Seconds after which a repeat may succeed.",
            "schema": {"type": "integer", "minimum": 1},
        },
        "RateLimit": {
            "description": "Which limit of the gateway refused the call: that of the `user` or that of"
            " the `address`. `r` calls remain for the next `t` seconds (RateLimit header fields for"
            " HTTP, draft-ietf-httpapi-ratelimit-headers). Absent if a service refused it.",
            "schema": {"type": "string"},
            "example": '"user";r=0;t=1',
        },
        "RateLimitPolicy": {
            "description": "The limits of the gateway that apply to the call: `q` calls in `w` seconds."
            " Absent if a service refused it.",
            "schema": {"type": "string"},
            "example": '"user";q=3000;w=60, "address";q=3000;w=60',
        },
        "Challenge": {
            "description": "Why a token is refused, which `scope` would do, and where tokens come from"
            " (RFC 6750, RFC 9728). Absent if another reason than the token refused the call.",
            "schema": {"type": "string"},
            "example": 'Bearer error="invalid_token", resource_metadata="https://…"',
        },
        "Location": {
            "description": "The address of the page.",
            "schema": {"type": "string"},
        },
        "ETag": {
            "description": "Names this version of the answer, for `If-None-Match`.",
            "schema": {"type": "string"},
        },
        "CacheControl": {
            "description": "How long the answer may be kept.",
            "schema": {"type": "string"},
            "example": "public, max-age=300",
        },
    }


def error_schemas() -> dict[str, Any]:
    """Returns the schemas of errors and their details by name."""
    kinds = ("BadRequest", "ErrorInfo", "RetryInfo")
    return {
        "Error": _envelope_of_error(),
        "ErrorDetail": {
            "description": "More about an error (google.rpc).",
            "oneOf": [{"$ref": f"#/components/schemas/{kind}"} for kind in kinds],
            "discriminator": {
                "propertyName": "@type",
                "mapping": {f"{_PREFIX}{kind}": f"#/components/schemas/{kind}" for kind in kinds},
            },
        },
        "BadRequest": _detail(
            "BadRequest",
            "The fields that are not valid, in JSON spelling.",
            fieldViolations={"type": "array", "items": _violation()},
        ),
        "ErrorInfo": _detail(
            "ErrorInfo",
            "What varies about the error, such as a `limit` or the `currentRevision`.",
            reason={"type": "string"},
            domain={"type": "string"},
            metadata={"type": "object", "additionalProperties": {"type": "string"}},
        ),
        "RetryInfo": _detail(
            "RetryInfo",
            "The time after which a repeat may succeed.",
            retryDelay={"type": "string", "pattern": r"^\d+(\.\d+)?s$"},
        ),
    }


def _envelope_of_error() -> dict[str, Any]:
    error = {
        "code": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]{0,62}$"},
        "message": {"type": "string"},
        "details": {"type": "array", "items": {"$ref": "#/components/schemas/ErrorDetail"}},
        "requestId": {"type": "string", "minLength": 1},
    }
    return _closed(
        {"success": {"const": False}, "error": _closed(error)},
        "What went wrong.",
    )


def _detail(kind: str, description: str, **properties: Any) -> dict[str, Any]:
    return _closed({"@type": {"const": f"{_PREFIX}{kind}"}} | properties, description)


def _violation() -> dict[str, Any]:
    text = {"type": "string"}
    return _closed({"field": text, "description": text, "reason": text})


def error_headers(status: int) -> dict[str, Any]:
    """Returns the headers of an error response, apart from its challenge."""
    found = {}
    if status not in _UNREAD:
        found["X-Request-Id"] = {"$ref": "#/components/headers/RequestId"}
    if status in _RETRY_AFTER:
        found["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    if status == _RATE_LIMITED:
        found["RateLimit"] = {"$ref": "#/components/headers/RateLimit"}
        found["RateLimit-Policy"] = {"$ref": "#/components/headers/RateLimitPolicy"}
    return found


def _closed(properties: dict[str, Any], description: str = "") -> dict[str, Any]:
    return {
        "type": "object",
        **({"description": description} if description else {}),
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _error(status: int, messages: dict[str, str]) -> dict[str, Any]:
    code = {"enum": list(messages)}
    narrow = {
        "properties": {"error": {"properties": {"code": code}, "required": ["code"]}},
        "required": ["error"],
    }
    found = error_headers(status)
    if any(name.startswith("ACCESS_TOKEN_") or name == "SCOPE_MISSING" for name in messages):
        found["WWW-Authenticate"] = {"$ref": "#/components/headers/Challenge"}
    schema = {"allOf": [{"$ref": "#/components/schemas/Error"}, narrow]}
    return {
        "description": "\n".join(f"- `{name}`: {message}" for name, message in messages.items()),
        **({"headers": found} if found else {}),
        "content": {"application/json": {"schema": schema}},
    }
