"""Reads docs/openapi.yaml: what the generated code is made from."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tools.python_client.types import Schema, reference, type_of

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_DOWNLOAD = "application/x-ndjson"
_PAGE = "text/html"
_KEY = "Idempotency-Key"
_LOGOUTS = {"logout", "logoutAll", "deleteMe"}
_CODE = re.compile(r"^- `([A-Za-z_]+)`: (.*?)(?=^- `|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Endpoint:
    """An operation, with what the generated code needs of it."""

    method: str
    path: str
    raw: Schema
    document: "Document"

    @property
    def id(self) -> str:
        """The operation's id."""
        return str(self.raw["operationId"])

    @property
    def tag(self) -> str:
        """The group that it belongs to."""
        return str(self.raw["tags"][0])

    @property
    def is_authorized(self) -> bool:
        """Whether it takes an access token."""
        return any(self.raw["security"])

    @property
    def takes_key(self) -> bool:
        """Whether it takes an idempotency key."""
        return any(one["name"] == _KEY for one in self.raw.get("parameters", ()))

    def parameters(self, place: str) -> list[Schema]:
        """Its parameters in the path or the query."""
        return [one for one in self.raw.get("parameters", ()) if one["in"] == place]

    @property
    def body(self) -> Schema | None:
        """The schema of its body."""
        content = self.raw.get("requestBody", {}).get("content", {})
        found: Schema | None = next((one["schema"] for one in content.values()), None)
        return found

    @property
    def needs_body(self) -> bool:
        """Whether a call without a body says too little."""
        if self.body is None:
            return False
        return self.method != "post" or bool(self.document.resolved(self.body).get("required"))

    @property
    def has_form(self) -> bool:
        """Whether its body is a form."""
        return _FORM in self.raw.get("requestBody", {}).get("content", {})

    @property
    def is_download(self) -> bool:
        """Whether it answers with a line for each object."""
        return any(_DOWNLOAD in content for content in self._contents())

    @property
    def is_page(self) -> bool:
        """Whether it answers with HTML, for a browser."""
        return any(_PAGE in content for content in self._contents())

    @property
    def is_enveloped(self) -> bool:
        """Whether its answers have the envelope."""
        return all("data" in one.get("properties", {}) for one in self._answers())

    @property
    def data(self) -> list[Schema]:
        """The schemas of what it answers, inside the envelope."""
        return [one["properties"]["data"] if self.is_enveloped else one for one in self._answers()]

    @property
    def result(self) -> str:
        """The type of its result."""
        return " | ".join(dict.fromkeys(map(_result, self.data)))

    @property
    def items(self) -> tuple[str, str] | None:
        """For a list in pages, the field with the items and their type."""
        fields = self.document.resolved(self.data[0]).get("properties", {}) if self.data else {}
        if set(fields) - {"nextPageToken"} == set(fields) or len(fields) != 2:  # noqa: PLR2004
            return None
        (name,) = set(fields) - {"nextPageToken"}
        return name, type_of(fields[name]["items"])

    @property
    def gives_tokens(self) -> bool:
        """Whether its answer may have the tokens of a login."""
        tokens = [
            self.document.resolved(one).get("properties", {}).get("tokens", {}) for one in self.data
        ]
        return any(one.get("$ref", "").endswith("/auth.Tokens") for one in tokens)

    @property
    def ends_login(self) -> bool:
        """Whether the caller's login is over after it."""
        return self.id in _LOGOUTS

    def errors(self) -> dict[str, str]:
        """The codes of its errors and what they mean."""
        found: dict[str, str] = {}
        for status, answer in self.raw["responses"].items():
            if not status.startswith(("2", "3")):
                text = self.document.resolved(answer).get("description", "")
                found |= {code.upper(): meaning.strip() for code, meaning in _CODE.findall(text)}
        return found

    def _contents(self) -> Iterator[Schema]:
        for status, answer in self.raw["responses"].items():
            if status.startswith("2"):
                yield answer.get("content", {})

    def _answers(self) -> list[Schema]:
        return [content[_JSON]["schema"] for content in self._contents() if _JSON in content]


class Document:
    """The OpenAPI document."""

    def __init__(self, path: Path) -> None:
        self._raw: Schema = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)

    @cached_property
    def endpoints(self) -> list[Endpoint]:
        """The operations of programs, in order; those for browsers stay out."""
        found = [
            Endpoint(method, path, raw, self)
            for path, item in self._raw["paths"].items()
            for method, raw in item.items()
        ]
        return [one for one in found if not one.is_page]

    def tags(self) -> list[tuple[str, str]]:
        """The groups that have operations, and what they are about."""
        used = {one.tag for one in self.endpoints}
        return [
            (tag["name"], tag["description"]) for tag in self._raw["tags"] if tag["name"] in used
        ]

    def contexts(self) -> list[str]:
        """The contexts that have schemas."""
        return sorted({name.split(".")[0] for name in self._schemas if "." in name})

    def models(self, context: str) -> Iterator[tuple[str, Schema]]:
        """The schemas of a context, by name."""
        for name, schema in self._schemas.items():
            if name.startswith(f"{context}."):
                yield name.removeprefix(f"{context}."), schema

    @cached_property
    def alternatives(self) -> set[str]:
        """The models that an operation answers with instead of others: a program must ask which."""
        results = [one.result.split(" | ") for one in self.endpoints if one.data]
        return {name for result in results if len(result) > 1 for name in result}

    def resolved(self, schema: Schema) -> Schema:
        """The schema or answer behind a reference."""
        if "$ref" not in schema:
            return schema
        found: Any = self._raw
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return dict(found)

    def errors(self) -> dict[str, str]:
        """All codes, sorted, and what they mean."""
        found: dict[str, str] = {}
        for endpoint in self.endpoints:
            for code, meaning in endpoint.errors().items():
                known = found.setdefault(code, meaning)
                found[code] = max(known, meaning, key=len)
        return dict(sorted(found.items()))

    @cached_property
    def general(self) -> set[str]:
        """The codes that more than half of the operations give."""
        counted = Counter(code for one in self.endpoints for code in one.errors())
        return {code for code, count in counted.items() if 2 * count > len(self.endpoints)}

    @property
    def _schemas(self) -> dict[str, Schema]:
        found: dict[str, Schema] = self._raw["components"]["schemas"]
        return found


def _result(schema: Schema) -> str:
    if "$ref" in schema:
        return reference(schema)
    return "dict[str, Any]" if schema.get("properties") else "Empty"
