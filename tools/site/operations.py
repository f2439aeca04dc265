"""The operations of the OpenAPI document, as the reference shows them."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from tools.site import prose, schemas
from tools.site.schemas import Row

VERBS = ("get", "post", "put", "patch", "delete")
_ERRORS = 400
# An answer that this part of the operations can give is described once, for all.
_COMMON = 0.6
_RESPONSE = "#/components/responses/"


@dataclass(frozen=True, slots=True)
class Body:
    """What a request or a response contains.

    Attributes:
        kind: The media type.
        schema: What it is, in words; a link if it has a name.
        enveloped: Whether it is `data` in the envelope.
        example: An example; empty if there is none.
    """

    kind: str
    schema: Markup
    enveloped: bool
    example: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its status, what it means, and what it contains."""

    status: str
    text: Markup
    bodies: tuple[Body, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A call of the API.

    Attributes:
        name: Its id, the anchor in the page.
        verb: The HTTP method.
        path: The address.
        summary: What it does, in a few words.
        text: What it does.
        access: Whether it needs a token.
        parameters: The parameters of path, query and header: where they are, and what they are.
        request: What a request may contain.
        successes: The responses of a success.
        errors: The responses of an error that most operations do not have.
    """

    name: str
    verb: str
    path: str
    summary: str
    text: Markup
    access: str
    parameters: tuple[tuple[str, Row], ...]
    request: tuple[Body, ...]
    successes: tuple[Answer, ...]
    errors: tuple[Answer, ...]


Document = Mapping[str, Any]


def by_tag(document: Document) -> dict[str, list[Operation]]:
    """Returns the operations of each tag, in the order of the document."""
    common = set(_common_names(document))
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in document["tags"]}
    for path, verb, described in _all(document):
        for tag in described["tags"]:
            found[tag].append(_operation(path, verb, described, document, common))
    return {tag: operations for tag, operations in found.items() if operations}


def common_errors(document: Document) -> list[Answer]:
    """Returns the errors that most operations have."""
    responses = document["components"]["responses"]
    uses = _uses(document)
    named = [(uses[name], responses[name]) for name in _common_names(document)]
    return [_answer(status, response) for (status, _), response in named]


def _all(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for verb in VERBS:
            if verb in item:
                yield path, verb, item[verb]


def _uses(document: Document) -> dict[str, tuple[str, int]]:
    """Returns the status of each shared response, and how many operations have it."""
    uses: Counter[tuple[str, str]] = Counter()
    for _, _, described in _all(document):
        for status, response in described["responses"].items():
            if "$ref" in response:
                uses[response["$ref"].removeprefix(_RESPONSE), status] += 1
    return {name: (status, count) for (name, status), count in uses.items()}


def _common_names(document: Document) -> list[str]:
    least = _COMMON * sum(1 for _ in _all(document))
    uses = _uses(document)
    return sorted(
        (name for name, (_, count) in uses.items() if count >= least), key=uses.__getitem__
    )


def _operation(
    path: str, verb: str, described: Document, document: Document, common: set[str]
) -> Operation:
    responses = [
        (status, response.get("$ref", "").removeprefix(_RESPONSE), response)
        for status, response in described["responses"].items()
    ]
    shared = document["components"]["responses"]
    answers = [
        _answer(status, shared.get(name, response))
        for status, name, response in responses
        if name not in common
    ]
    return Operation(
        name=described["operationId"],
        verb=verb.upper(),
        path=path,
        summary=described["summary"],
        text=prose.html(described.get("description", "")),
        access=_access(described),
        parameters=tuple((one["in"], _parameter(one)) for one in described.get("parameters", ())),
        request=tuple(_bodies(described.get("requestBody", {}))),
        successes=tuple(answer for answer in answers if int(answer.status) < _ERRORS),
        errors=tuple(answer for answer in answers if int(answer.status) >= _ERRORS),
    )


def _access(described: Document) -> str:
    """Returns in words whether a call needs a token; its description names roles and scopes."""
    ways = described.get("security", [])
    if not ways:
        return "Needs no token."
    return "Takes an access token, or none." if {} in ways else "Needs an access token."


def _parameter(one: Document) -> Row:
    return schemas.row(
        one["name"],
        one["schema"],
        required=one.get("required", False),
        text=one.get("description", ""),
    )


def _answer(status: str, response: Document) -> Answer:
    bodies = _bodies(response) if int(status) < _ERRORS else ()
    return Answer(status, prose.html(response["description"]), tuple(bodies))


def _bodies(described: Document) -> Iterator[Body]:
    for kind, content in described.get("content", {}).items():
        schema, example = content["schema"], content.get("example", "")
        data = schema.get("properties", {}).get("data")
        if not isinstance(example, str):
            example = json.dumps(example, indent=2, ensure_ascii=False)
        yield Body(kind, schemas.kind(data or schema), data is not None, example)
