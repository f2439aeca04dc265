"""The responses without an envelope: those of OAuth, and pages."""

from collections.abc import Mapping
from typing import Any

from gateway.contract import ContractError, Route
from gateway.oauth_errors import REGISTERED, error_of, status_of
from gateway.openapi.errors import Errors, ServiceReason
from gateway.openapi.responses import error_headers

FORM = "application/x-www-form-urlencoded"
HTML = "text/html"
_JSON = "application/json"
_CHALLENGED = (401, 403)
# What a service can find wrong with a form, beside what every operation can give.
_PAGE_FAULTS = ("401", "403", "404")


def check_statuses(route: Route, known: Mapping[str, ServiceReason]) -> None:
    """Checks that the reasons of an endpoint of OAuth have the statuses of the RFCs.

    Raises:
        ContractError: One has another.
    """
    if not route.method.edge.oauth:
        return
    for reason in route.method.reasons:
        if reason in REGISTERED and known[reason].status != status_of(reason):
            raise ContractError(
                f"{route.method.full_name} declares {reason} with the status {known[reason].status}"
            )


def oauth_error_schema() -> dict[str, Any]:
    """Returns the schema of an error of OAuth."""
    return {
        "type": "object",
        "description": "What went wrong (RFC 6749, section 5.2).",
        "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
        "required": ["error", "error_description"],
        "additionalProperties": False,
    }


def error_responses(route: Route, errors: Errors) -> dict[str, Any]:
    """Returns the error responses of an operation of OAuth, or of one that gives a page, by status."""
    make = _page if route.method.edge.page else _error
    return {str(status): make(status, codes) for status, codes in errors.items()}


def page(example: str) -> dict[str, Any]:
    """Returns the responses of an operation that gives a page, without errors, by status."""
    shown = {"schema": {"type": "string"}, "example": example or "<!DOCTYPE html>"}
    fault = {
        "description": "The page, with what is wrong.",
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
        "content": {HTML: {"schema": {"type": "string"}}},
    }
    faults = dict.fromkeys(_PAGE_FAULTS, fault)
    return faults | {
        "200": {
            "description": "The page.",
            "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
            "content": {HTML: shown},
        },
        "303": {
            "description": "Leads to another page, such as that of the client.",
            "headers": {"Location": {"$ref": "#/components/headers/Location"}},
        },
    }


def unchanged() -> dict[str, Any]:
    """Returns the response to a client that has the answer already."""
    return {"description": "The client has the answer already.", "headers": caching()}


def caching() -> dict[str, Any]:
    """Returns the headers of an answer that may be cached."""
    return {
        "ETag": {"$ref": "#/components/headers/ETag"},
        "Cache-Control": {"$ref": "#/components/headers/CacheControl"},
    }


def _error(status: int, codes: Mapping[str, str]) -> dict[str, Any]:
    messages: dict[str, list[str]] = {}
    for code, message in codes.items():
        messages.setdefault(error_of(code, status), []).append(message)
    narrow = {"properties": {"error": {"enum": sorted(messages)}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/OAuthError"}, narrow]}
    return _response(status, messages, {_JSON: {"schema": schema}})


def _page(status: int, codes: Mapping[str, str]) -> dict[str, Any]:
    messages = {code: [message] for code, message in codes.items()}
    return _response(status, messages, {HTML: {"schema": {"type": "string"}}})


def _response(
    status: int, messages: Mapping[str, list[str]], content: dict[str, Any]
) -> dict[str, Any]:
    lines = (f"- `{name}`: {' '.join(dict.fromkeys(said))}" for name, said in messages.items())
    headers = error_headers(status)
    if status in _CHALLENGED:
        headers["WWW-Authenticate"] = {"$ref": "#/components/headers/Challenge"}
    return {
        "description": "\n".join(lines),
        **({"headers": headers} if headers else {}),
        "content": content,
    }
