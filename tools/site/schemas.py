"""The schemas of the OpenAPI document in words: what a field is, and what it may be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from tools.site import prose

Schema = Mapping[str, Any]

_SCHEMA = "#/components/schemas/"
_KINDS = {"string": "text", "integer": "whole number", "boolean": "true or false", "null": "null"}
_FORMATS = {
    "uuid": "UUID",
    "date-time": "time",
    "byte": "base64",
    "password": "text",
    "uri": "URL",
    "int32": "whole number",
    "int64": "whole number",
}
# What a time looks like is said once, at the beginning of the document.
_KNOWN_FORMATS = {"date-time", "uuid"}
_LIMITS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A field or parameter in a list.

    Attributes:
        name: Its name.
        kind: What it is.
        required: Whether it must be there.
        limits: What it may be, one each.
        text: What it means.
    """

    name: str
    kind: Markup
    required: bool
    limits: tuple[Markup, ...]
    text: Markup


def anchor(name: str) -> str:
    """Returns the id of a schema's section in the page."""
    return f"schema-{name}"


def fields(schema: Schema) -> list[Row]:
    """Returns the fields of an object."""
    needed = schema.get("required", ())
    return [
        row(name, field, required=name in needed)
        for name, field in schema.get("properties", {}).items()
    ]


def row(name: str, schema: Schema, *, required: bool, text: str = "") -> Row:
    """Returns what a field or a parameter is; `text` stands for a description that it does not have."""
    meaning = prose.html(schema.get("description", text))
    return Row(name, kind(schema), required, tuple(_limits(schema)), meaning)


def kind(schema: Schema) -> Markup:
    """Returns what a value is, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_SCHEMA)
        return Markup('<a href="#{}">{}</a>').format(anchor(name), name)
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return Markup(" or ").join(dict.fromkeys(map(kind, schema[several])))
    if "const" in schema:
        return Markup("<code>{}</code>").format(_json(schema["const"]))
    types = schema.get("type", "any value")
    names = [types] if isinstance(types, str) else types
    return Markup(" or ").join(_kind_of(name, schema) for name in names)


def _kind_of(name: str, schema: Schema) -> Markup:
    if name == "array":
        return Markup("list of ") + kind(schema.get("items", {}))
    if name == "object" and isinstance(schema.get("additionalProperties"), dict):
        return Markup("object with values: ") + kind(schema["additionalProperties"])
    if name == "null":
        return escape(name)
    return escape(_FORMATS.get(schema.get("format", ""), _KINDS.get(name, name)))


def _limits(schema: Schema) -> Iterator[Markup]:
    if values := schema.get("enum"):
        shown = Markup(", ").join(Markup("<code>{}</code>").format(_json(one)) for one in values)
        yield Markup("one of ") + shown
    for name, words in _LIMITS.items():
        if name in schema:
            yield escape(words.format(f"{schema[name]:,}"))
    if "pattern" in schema and schema.get("format") not in _KNOWN_FORMATS:
        yield Markup("matches <code>{}</code>").format(schema["pattern"])
    if "default" in schema:
        yield Markup("<code>{}</code> if absent").format(_json(schema["default"]))


def _json(value: object) -> str:
    return {True: "true", False: "false", None: "null"}.get(value) or str(value) or '""'  # type: ignore[call-overload]
