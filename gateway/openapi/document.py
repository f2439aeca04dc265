"""Renders the OpenAPI document: the contract as a browser sees it, the envelope included."""

import json
from typing import Any

import yaml

from gateway.contract import Contract, Route
from gateway.envoy.local_replies import HEALTH_PATH, HEALTHY, READY, READY_PATH
from gateway.openapi.schemas import Schemas, component_name, is_required

_HEADER = "# Rendered from protos/ by `python -m gateway openapi`; not edited by hand.\n"
_ABOUT = """\
The backend of the Coditect IDE platform: accounts, tenants and workspace sessions.

Every answer but the key set and a download is in an envelope: `{"success":true,"data":…}`, or
`{"success":false,"error":{"code","message","details","requestId"}}`. Programs go by `code`, which
never changes its meaning; `message` is for people. `requestId` names the request in the log.

A download comes piece by piece and takes as long as its reader takes. One that cannot be completed
breaks off: the connection closes, or the HTTP/2 stream is reset, before the end of the body.
"""
_ERRORS = {
    400: "The request cannot be read, or has fields that are not valid.",
    401: "The access token or the credential is missing or not good.",
    403: "The caller may not do this.",
    404: "There is no such thing, or it is not the caller's.",
    405: "The method is not allowed at this address.",
    408: "The request did not arrive in time.",
    409: "It exists already, or something else changed it.",
    413: "The body is larger than 64 KiB, or than 1 MiB where it holds an editor's state.",
    415: "The body is not application/json.",
    422: "The idempotency key was used before with another request.",
    429: "Too many requests, or a limit is reached.",
    431: "The headers are larger than 60 kB.",
    500: "Something went wrong on our side.",
    501: "The service does not know this call.",
    503: "A service is not available at the moment.",
    504: "The service did not answer in time.",
}
_RETRY_AFTER = (429, 503, 504)
# Anything may be refused with these, whatever it is.
_ALWAYS = (400, 404, 405, 408, 413, 415, 429, 431, 500, 503, 504)
_NDJSON = "application/x-ndjson"


def render(contract: Contract) -> str:
    """Gives the document as YAML."""
    return _HEADER + yaml.safe_dump(
        document(contract), sort_keys=False, width=100, allow_unicode=True
    )


def document(contract: Contract) -> dict[str, Any]:
    """Gives the document as plain values."""
    schemas = Schemas(contract)
    paths: dict[str, dict[str, Any]] = {}
    for route in contract.routes:
        path = _json_path(route)
        paths.setdefault(path, {})[route.http.verb.lower()] = _operation(contract, schemas, route)
    paths[HEALTH_PATH] = {"get": _probe("getHealth", "Says that the gateway is up.", HEALTHY)}
    paths[READY_PATH] = {"get": _probe("getReady", "Says whether every service serves.", READY)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Coditect", "version": "5.0.0", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": _tags(contract),
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
            "headers": _headers(),
            "responses": {f"Error{status}": _error(status) for status in _ERRORS},
            "schemas": {"Error": _error_schema(), **dict(sorted(schemas.components.items()))},
        },
    }


def _tags(contract: Contract) -> list[dict[str, str]]:
    services = dict.fromkeys((r.method.context, r.method.service) for r in contract.routes)
    return [
        *(
            {"name": context, "description": contract.comments.get(service, "")}
            for context, service in services
        ),
        {"name": "gateway", "description": "What the gateway answers by itself."},
    ]


def _json_path(route: Route) -> str:
    path = route.http.path
    for name in route.http.variables:
        path = path.replace(f"{{{name}}}", f"{{{_camel(name)}}}")
    return path


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _operation(contract: Contract, schemas: Schemas, route: Route) -> dict[str, Any]:
    method = route.method
    comment = contract.comments.get(method.full_name, "")
    rule = method.rule
    if rule.in_tenant or rule.tenant_field:
        comment += f" For the role `{rule.least_role}` and above."
    built: dict[str, Any] = {
        "operationId": method.name[0].lower() + method.name[1:],
        "tags": [method.context],
        "summary": method.summary,
        "description": comment,
        "security": [{"bearer": []}] if rule.user else [],
    }
    if parameters := _parameters(contract, schemas, route):
        built["parameters"] = parameters
    if route.http.body:
        built["requestBody"] = _body(contract, schemas, route)
    built["responses"] = {
        "201" if method.edge.created else "200": _success(schemas, route),
        **_errors(route),
    }
    return built


def _parameters(contract: Contract, schemas: Schemas, route: Route) -> list[dict[str, Any]]:
    parameters = []
    message = contract.messages[route.method.input]
    for field in message.field:
        in_path = field.name in route.http.variables
        if not in_path and route.http.body:
            continue
        schema = schemas.field(route.method.input, field)
        parameters.append(
            {
                "name": field.json_name,
                "in": "path" if in_path else "query",
                "required": in_path or is_required(field),
                "description": schema.pop("description", ""),
                "schema": schema,
            }
        )
    if route.method.idempotent:
        parameters.append(_idempotency_key())
    return parameters


def _idempotency_key() -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Names this write: a repeat with the same key gets the first answer.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
    }


def _body(contract: Contract, schemas: Schemas, route: Route) -> dict[str, Any]:
    fields = contract.messages[route.method.input].field
    schema = schemas.body(route.method.input, route.http.variables)
    return {
        "required": any(is_required(f) for f in fields if f.name not in route.http.variables),
        "content": {"application/json": {"schema": schema}},
    }


def _success(schemas: Schemas, route: Route) -> dict[str, Any]:
    if route.method.download:
        lines = {"type": "string", "description": "A JSON object with its `kind` on each line."}
        return _response("The file.", lines, _NDJSON)
    reference = schemas.answer(route.method.output)
    components = schemas.components
    if route.response_name:
        # The one field stands for its message, which then is nowhere to be seen.
        wrapper = components.pop(component_name(route.method.output))
        field = wrapper["properties"][route.response_name]
        reference = {"$ref": field["$ref"]} if "$ref" in field else field
    description = _described(components, reference)
    schema = reference if route.method.edge.bare else _envelope(reference)
    return _response(description, schema)


def _described(components: dict[str, dict[str, Any]], schema: dict[str, Any]) -> str:
    found = components.get(schema.get("$ref", "").rpartition("/")[2], schema)
    return str(found.get("description", "The answer."))


def _envelope(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"success": {"const": True}, "data": data},
        "required": ["success", "data"],
        "additionalProperties": False,
    }


def _response(
    description: str, schema: dict[str, Any], kind: str = "application/json"
) -> dict[str, Any]:
    return {
        "description": description,
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
        "content": {kind: {"schema": schema}},
    }


def _errors(route: Route) -> dict[str, Any]:
    statuses = set(_ALWAYS)
    if route.method.rule.user:
        statuses |= {401, 403}
    if route.method.edge.credential:
        statuses |= {401}
    if route.http.verb != "GET":
        statuses |= {409, 422}
    return {
        str(status): {"$ref": f"#/components/responses/Error{status}"}
        for status in sorted(statuses)
    }


def _probe(name: str, description: str, answer: str) -> dict[str, Any]:
    data = json.loads(answer)["data"]
    schema = {
        "type": "object",
        "properties": {key: {"const": value} for key, value in data.items()},
        "required": list(data),
        "additionalProperties": False,
    }
    return {
        "operationId": name,
        "tags": ["gateway"],
        "summary": description.rstrip("."),
        "description": description,
        "security": [],
        "responses": {
            "200": _response(description, _envelope(schema)),
            **{
                str(status): {"$ref": f"#/components/responses/Error{status}"}
                for status in (400, 405, 408, 413, 415, 431, 500, 503)
            },
        },
    }


def _headers() -> dict[str, Any]:
    return {
        "RequestId": {
            "description": "Names the request in the log.",
            "schema": {"type": "string"},
        },
        "RetryAfter": {
            "description": "Seconds after which a repeat may succeed.",
            "schema": {"type": "integer", "minimum": 1},
        },
    }


def _error(status: int) -> dict[str, Any]:
    response = _response(_ERRORS[status], {"$ref": "#/components/schemas/Error"})
    if status in _RETRY_AFTER:
        response["headers"]["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    if status in {400, 408, 431}:
        # What is no HTTP, or too large, is refused before the request has an id.
        del response["headers"]
    return response


def _error_schema() -> dict[str, Any]:
    detail = {
        "type": "object",
        "description": "A google.rpc error detail, such as BadRequest.",
        "properties": {"@type": {"type": "string"}},
        "required": ["@type"],
    }
    error = {
        "code": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]{0,62}$"},
        "message": {"type": "string"},
        "details": {"type": "array", "items": detail},
        "requestId": {"type": "string", "minLength": 1},
    }
    return {
        "type": "object",
        "description": "What went wrong.",
        "properties": {
            "success": {"const": False},
            "error": {
                "type": "object",
                "properties": error,
                "required": list(error),
                "additionalProperties": False,
            },
        },
        "required": ["success", "error"],
        "additionalProperties": False,
    }
