"""Compares responses of the gateway with the published OpenAPI document."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

import httpx
import jsonschema_rs
import yaml

PATH = Path(__file__).parents[2] / "docs" / "openapi.yaml"
_JSON = "application/json"
# The codes for a call that is not in the document, or that is malformed.
_ELSEWHERE = frozenset(
    {
        "ROUTE_NOT_FOUND",
        "METHOD_NOT_ALLOWED",
        "MALFORMED_REQUEST",
        "HEADERS_TOO_LARGE",
        "TOO_MANY_HEADERS",
    }
)


def conforms(answer: httpx.Response) -> None:
    """Raises `AssertionError` if a response does not match the document.

    Use it as a response hook of an httpx client. The status and the media type must be those of the
    operation, and JSON must fit its schema: an error's code must be listed at that status, and a response must have all
    required members and no undocumented ones.
    """
    request = answer.request
    operation = _operation(request.method, request.url.raw_path.partition(b"?")[0].decode())
    if operation is None:
        _check_elsewhere(answer)
        return
    name, documented = operation
    assert answer.status_code in documented, f"{name} does not document {answer.status_code}"
    kind, schema = documented[answer.status_code]
    given = answer.headers.get("content-type", "").partition(";")[0]
    assert given == kind, f"{name} answered {answer.status_code} as {given or 'nothing'}"
    if given != _JSON or schema is None:
        return
    answer.read()
    try:
        schema.validator.validate(answer.json())
    except jsonschema_rs.ValidationError as error:
        raise AssertionError(f"{name} answered {answer.status_code}: {error}") from None


def validator(document: Mapping[str, Any], schema: Any) -> jsonschema_rs.Draft202012Validator:
    """Returns a validator of a schema in a document. It accepts only documented members."""
    return _Schema(schema, _closed_components(document)).validator


class _Schema:
    """A schema of the document. Most are never needed in a test, and compiling them all takes long."""

    def __init__(self, schema: Any, components: Mapping[str, Any]) -> None:
        self._schema = schema
        self._components = components

    @cached_property
    def validator(self) -> jsonschema_rs.Draft202012Validator:
        """What compares with it."""
        whole = {**_closed(self._schema), "components": {"schemas": self._components}}
        return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def _check_elsewhere(answer: httpx.Response) -> None:
    if answer.request.method in {"HEAD", "OPTIONS"} or answer.is_success:
        return
    if answer.headers["content-type"].startswith("text/html"):
        return  # a page that says the same
    answer.read()
    error = answer.json()["error"]
    if error == "invalid_request":
        return  # an endpoint of OAuth, with another verb
    code = error["code"]
    assert code in _ELSEWHERE, f"{answer.request.url} is not documented and answered {code}"


_Response = tuple[str, _Schema | None]
_Operation = tuple[str, Mapping[int, _Response]]


@cache
def _operation(verb: str, path: str) -> _Operation | None:
    """The operation of a call, with media type and schema of its responses by status.

    A path without variables goes before one with some, whatever the methods of the two are.
    """
    for pattern, operations in _paths().items():
        if pattern.fullmatch(path):
            return operations.get(verb)
    return None


@cache
def _paths() -> Mapping[re.Pattern[str], Mapping[str, _Operation]]:
    """The operations of each path by method."""
    document = yaml.load(PATH.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    components = _closed_components(document)
    paths = sorted(document["paths"].items(), key=lambda item: item[0].count("{"))
    return {
        _pattern(path): {
            verb.upper(): (
                operation["operationId"],
                dict(_answers(document, components, operation)),
            )
            for verb, operation in methods.items()
        }
        for path, methods in paths
    }


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, re.split(r"\{\w+\}", path))))


def _answers(
    document: Any, components: Mapping[str, Any], operation: Any
) -> Iterator[tuple[int, _Response]]:
    for status, response in operation["responses"].items():
        name = response.get("$ref", "").rpartition("/")[2]
        found = document["components"]["responses"][name] if name else response
        [(kind, content)] = found.get("content", {"": {}}).items()
        schema = _Schema(content["schema"], components) if content else None
        yield int(status), (kind, schema)


def _closed_components(document: Mapping[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    return {name: _closed(schema) for name, schema in schemas.items()}


def _closed(schema: Any) -> Any:
    """The schema, with additional members forbidden in every object."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(value) for name, value in cast("dict[str, Any]", schema).items()}
    if closed.get("type") == "object" and "properties" in closed:
        closed.setdefault("additionalProperties", False)
    return closed
