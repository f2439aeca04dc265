"""Renders the OpenAPI document: the contract as a browser sees it, the envelope included."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from gateway.contract import Contract, Method, Route
from gateway.envoy.local_replies import (
    HEALTH_PATH,
    HEALTHY,
    NOT_READY,
    READY,
    READY_PATH,
    UPSTREAM_UNAVAILABLE,
)
from gateway.openapi.errors import ServiceReason, errors_of, probe_errors
from gateway.openapi.examples import Examples
from gateway.openapi.responses import Responses, enveloped, error_schemas, headers, response
from gateway.openapi.schemas import Schemas, component_name, is_required
from kernel.version import VERSION

_HEADER = "# Rendered from protos/ by `make openapi`; not edited by hand.\n"
_ABOUT = """\
The backend of the Coditect IDE platform: accounts, tenants and workspace sessions.

All answers except the key set and downloads come in an envelope: `{"success":true,"data":…}` or
`{"success":false,"error":{"code","message","details","requestId"}}`. Programs should use `code`,
whose meaning never changes; `message` is for people. `requestId` finds the request in the log.

Each operation lists the codes that it gives. A program should treat any other code by its HTTP
status: the gateway answers `ROUTE_NOT_FOUND` (404) and `METHOD_NOT_ALLOWED` (405) at addresses that
are not in this document, `FORBIDDEN` (403) to an HTTP upgrade, and a general code if a service fails
without one of its own.

The gateway limits how many calls a user may make, and how many an address may make without a valid
access token, with a credential, or to the operations that need no token. A call over the limit gets
`RATE_LIMITED` (429); a program should repeat it no sooner than `Retry-After` says. It may happen to
any call, and means that nothing was done.

Every GET can also be asked with HEAD: the response is the same, without its body.

Times are RFC 3339 in UTC with milliseconds: `2026-01-15T09:30:00.125Z`. A whole second has no
fraction: `2026-01-15T09:30:00Z`.

A download arrives in pieces, at the speed of its reader. If it cannot be completed, it breaks off:
the connection closes, or the HTTP/2 stream is reset, before the end of the body.
"""
_NDJSON = "application/x-ndjson"


def render(contract: Contract, reasons: Mapping[str, ServiceReason]) -> str:
    """Returns the document as YAML. The arguments are those of `document`."""
    return _HEADER + yaml.dump(
        document(contract, reasons),
        Dumper=_Dumper,
        sort_keys=False,
        width=100,
        allow_unicode=True,
    )


class _Dumper(yaml.SafeDumper):
    """Writes every value in full, without anchors, and longer texts as blocks."""

    def ignore_aliases(self, _: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


_Dumper.add_representer(str, _text)


def document(contract: Contract, reasons: Mapping[str, ServiceReason]) -> dict[str, Any]:
    """Returns the document as plain values.

    Args:
        contract: The contract.
        reasons: The status and message of the services' reasons.

    Raises:
        ContractError: A method declares a reason that no service defines.
    """
    made = _Document(contract, reasons)
    return made.build()


class _Document:
    """Builds the parts of a document."""

    def __init__(self, contract: Contract, reasons: Mapping[str, ServiceReason]) -> None:
        self._contract = contract
        self._schemas = Schemas(contract)
        self._examples = Examples(contract)
        self._errors = {
            route.method.full_name: errors_of(route, reasons) for route in contract.routes
        }
        self._probes = {
            HEALTH_PATH: ("getHealth", "Check the gateway", "Says that the gateway runs.", HEALTHY,
                          probe_errors(UPSTREAM_UNAVAILABLE)),
            READY_PATH: ("getReady", "Check the services", "Says whether every service serves calls.",
                         READY, probe_errors(NOT_READY)),
        }  # fmt: skip
        probes = [errors for *_, errors in self._probes.values()]
        self._responses = Responses(list(self._errors.values()), probes)

    def build(self) -> dict[str, Any]:
        paths: dict[str, dict[str, Any]] = {}
        for route in self._contract.routes:
            path = _json_path(route)
            paths.setdefault(path, {})[route.http.verb.lower()] = self._operation(route)
        for path in self._probes:
            paths[path] = {"get": self._probe(path)}
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Coditect",
                "version": VERSION,
                "description": _ABOUT,
                "contact": {"name": "Coditect V5 maintainers"},
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": "/"}],
            "tags": self._tags(),
            "paths": paths,
            "components": {
                "securitySchemes": {
                    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
                },
                "headers": headers(),
                "responses": self._responses.components(),
                "schemas": {**error_schemas(), **dict(sorted(self._schemas.components.items()))},
            },
        }

    def _tags(self) -> list[dict[str, str]]:
        services = dict.fromkeys(route.method.service for route in self._contract.routes)
        return [
            *(
                {"name": _tag(service), "description": self._contract.comments.get(service, "")}
                for service in services
            ),
            {"name": "Gateway", "description": "What the gateway answers by itself."},
        ]

    def _operation(self, route: Route) -> dict[str, Any]:
        method, rule = route.method, route.method.rule
        comment = self._contract.comments.get(method.full_name, "")
        if rule.in_tenant or rule.tenant_field:
            comment += f" Needs the role `{rule.least_role}` or above."
        if rule.recent_seconds:
            comment += (
                f" The user must have proved who they are within the last {rule.recent_seconds}"
                " seconds, by a login or by `reauthenticate`: with the second factor, if there is"
                " one."
            )
            if rule.password_field:
                comment += " Without one, the password in the request is enough."
        if rule.needs_two_factors:
            comment += " Needs a login with a second factor."
        built: dict[str, Any] = {
            "operationId": operation_id(method.name),
            "tags": [_tag(method.service)],
            "summary": method.summary,
            "description": comment,
            "security": _security(method),
        }
        if parameters := self._parameters(route):
            built["parameters"] = parameters
        if route.http.body:
            built["requestBody"] = self._body(route)
        edge = method.edge
        built["responses"] = {
            str(edge.status): self._success(route),
            **({str(edge.empty_status): _empty()} if edge.empty_status != edge.status else {}),
            **self._responses.references(self._errors[method.full_name]),
        }
        return built

    def _parameters(self, route: Route) -> list[dict[str, Any]]:
        parameters = []
        for field in self._contract.messages[route.method.input].field:
            in_path = field.name in route.http.variables
            if not in_path and route.http.body:
                continue
            schema = self._schemas.field(route.method.input, field)
            parameter = {
                "name": field.json_name,
                "in": "path" if in_path else "query",
                "required": in_path or is_required(field),
                "description": schema.pop("description", ""),
                "schema": schema,
            }
            if in_path:
                parameter["example"] = self._examples.value(field)
            parameters.append(parameter)
        if route.method.idempotent:
            parameters.append(_idempotency_key())
        return parameters

    def _body(self, route: Route) -> dict[str, Any]:
        fields = self._contract.messages[route.method.input].field
        schema = self._schemas.body(route.method.input, route.http.variables)
        return {
            "required": any(is_required(f) for f in fields if f.name not in route.http.variables),
            "content": {
                "application/json": {"schema": schema, "example": self._examples.body(route)}
            },
        }

    def _success(self, route: Route) -> dict[str, Any]:
        method = route.method
        if method.download:
            lines = {"type": "string", "description": "One JSON object per line, with its `kind`."}
            return response("The file.", lines, method.example, _NDJSON)
        reference, data = self._schemas.answer(method.output), self._examples.data(route)
        components = self._schemas.components
        if route.response_name:
            # The field replaces its message, which does not appear in the document.
            wrapper = components.pop(component_name(method.output))
            field = wrapper["properties"][route.response_name]
            reference = {"$ref": field["$ref"]} if "$ref" in field else field
        description = _described(components, reference)
        if method.edge.bare:
            return response(description, reference, data)
        return response(description, *enveloped(reference, data))

    def _probe(self, path: str) -> dict[str, Any]:
        name, summary, description, answer, errors = self._probes[path]
        data = json.loads(answer)["data"]
        schema = {
            "type": "object",
            "properties": {key: {"const": value} for key, value in data.items()},
            "required": list(data),
            "additionalProperties": False,
        }
        return {
            "operationId": name,
            "tags": ["Gateway"],
            "summary": summary,
            "description": description,
            "security": [],
            "responses": {
                "200": response(description, *enveloped(schema, data)),
                **self._responses.references(errors),
            },
        }


def operation_id(method: str) -> str:
    """Returns the id of a method's operation: `getMe` for `GetMe`."""
    return method[0].lower() + method[1:]


def _empty() -> dict[str, Any]:
    schema = {"type": "object", "additionalProperties": False}
    return response("What was asked for is done later.", *enveloped(schema, {}))


def _tag(service: str) -> str:
    return service.rpartition(".")[2].removesuffix("Service")


def _json_path(route: Route) -> str:
    path = route.http.path
    for name in route.http.variables:
        path = path.replace(f"{{{name}}}", f"{{{_camel(name)}}}")
    return path


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _security(method: Method) -> list[dict[str, list[str]]]:
    bearer: dict[str, list[str]] = {"bearer": []}
    if method.rule.optional_user:
        return [{}, bearer]  # the empty one makes the other optional
    return [bearer] if method.rule.user else []


def _idempotency_key() -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": (
            "Names this write for a day: a repeat with the same key and the same request changes "
            "nothing and gets the first answer, with what it shows as that is by then. It needs "
            "the same permission, and what has been deleted since is not found. A user may have "
            "10,000 keys at once."
        ),
        "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
    }


def _described(components: dict[str, dict[str, Any]], schema: dict[str, Any]) -> str:
    found = components.get(schema.get("$ref", "").rpartition("/")[2], schema)
    return str(found.get("description", "The answer."))
