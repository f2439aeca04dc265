"""Renders the OpenAPI document: the contract as a browser sees it, the envelope included."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from gateway.contract import Contract, Route
from gateway.envoy.local_replies import (
    HEALTH_PATH,
    HEALTHY,
    NOT_READY,
    READY,
    READY_PATH,
    UPSTREAM_UNAVAILABLE,
)
from gateway.openapi import plain
from gateway.openapi.errors import ServiceReason, errors_of, probe_errors
from gateway.openapi.examples import Examples
from gateway.openapi.responses import Responses, enveloped, error_schemas, headers, response
from gateway.openapi.schemas import Schemas, component_name, is_required
from gateway.openapi.security import needs, schemes, security_of
from kernel.version import VERSION

_HEADER = "# Rendered from protos/ by `make openapi`; not edited by hand.\n"
_ABOUT = """\
The backend of the Coditect IDE platform: accounts, tenants and workspace sessions.

All answers except documents for other programs, such as the key set, pages and downloads come in an
envelope: `{"success":true,"data":…}` or `{"success":false,"error":{"code","message","details",
"requestId"}}`. Programs should use `code`, whose meaning never changes; `message` is for people.
`requestId` finds the request in the log.

The endpoints of OAuth 2.1 and OpenID Connect follow their RFCs instead: they take forms, ignore
parameters that they do not have, and answer an error with `{"error","error_description"}`.

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
        for route in contract.routes:
            plain.check_statuses(route, reasons)
        probes = [errors for *_, errors in self._probes.values()]
        enveloped = [
            self._errors[route.method.full_name]
            for route in contract.routes
            if not _has_plain_errors(route)
        ]
        self._responses = Responses(enveloped, probes)

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
                "securitySchemes": schemes(),
                "headers": headers(),
                "responses": self._responses.components(),
                "schemas": {
                    **error_schemas(),
                    "OAuthError": plain.oauth_error_schema(),
                    **dict(sorted(self._schemas.components.items())),
                },
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
        comment += needs(method)
        built: dict[str, Any] = {
            "operationId": operation_id(method.name),
            "tags": [_tag(method.service)],
            "summary": method.summary,
            "description": comment,
            "security": security_of(method),
        }
        if parameters := self._parameters(route):
            built["parameters"] = parameters
        if route.http.body:
            built["requestBody"] = self._body(route)
        built["responses"] = self._successes(route) | self._failures(route)
        return built

    def _successes(self, route: Route) -> dict[str, Any]:
        edge = route.method.edge
        if edge.page:
            return plain.page(route.method.example)
        made = {str(edge.status): self._success(route)}
        if edge.empty_status != edge.status:
            made[str(edge.empty_status)] = _empty()
        if edge.cacheable:
            made[str(edge.status)]["headers"] |= plain.caching()
            made["304"] = plain.unchanged()
        return made

    def _failures(self, route: Route) -> dict[str, Any]:
        errors = self._errors[route.method.full_name]
        if _has_plain_errors(route):
            return plain.error_responses(route, errors)
        return self._responses.references(errors)

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
        if route.method.login_tokens:
            parameters.append(_tokens_mode())
        if route.method.edge.cacheable:
            parameters.append(_if_none_match())
        return parameters

    def _body(self, route: Route) -> dict[str, Any]:
        fields = self._contract.messages[route.method.input].field
        edge = route.method.edge
        schema = self._schemas.body(route.method.input, route.http.variables, open_=edge.oauth)
        kind = plain.FORM if edge.oauth and not edge.json else "application/json"
        return {
            "required": any(is_required(f) for f in fields if f.name not in route.http.variables),
            "content": {kind: {"schema": schema, "example": self._examples.body(route)}},
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


def _has_plain_errors(route: Route) -> bool:
    """Whether errors have no envelope."""
    return route.method.edge.oauth or route.method.edge.page


def _if_none_match() -> dict[str, Any]:
    return {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` of the answer that the client has.",
        "schema": {"type": "string"},
    }


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


def _tokens_mode() -> dict[str, Any]:
    return {
        "name": "X-Coditect-Tokens",
        "in": "header",
        "required": False,
        "description": (
            "Where a browser keeps the refresh token: `cookie` for `__Host-coditect_refresh`, which "
            "no script can read. Answers then have neither `refreshToken` nor `deviceToken`, and the "
            "`Origin` of the call must be that of the installation or one in `CORS_ORIGINS`. Without "
            "this header the cookie is neither read nor set."
        ),
        "schema": {"type": "string", "enum": ["cookie"]},
    }


def _described(components: dict[str, dict[str, Any]], schema: dict[str, Any]) -> str:
    found = components.get(schema.get("$ref", "").rpartition("/")[2], schema)
    return str(found.get("description", "The answer."))
