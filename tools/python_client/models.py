"""The models: a TypedDict for each schema, in a module for each context."""

from collections.abc import Iterable

from tools.python_client.document import Document
from tools.python_client.texts import HEADER, docstring
from tools.python_client.types import Schema, type_of

_EMPTY = '''class Empty(TypedDict):
    """An answer without data."""
'''


def files(document: Document) -> dict[str, str]:
    """The content of `models/`, by file name."""
    contexts = document.contexts()
    made = {f"{context}.py": _module(document, context) for context in contexts}
    names = ", ".join(f'"{name}"' for name in ("Empty", *contexts))
    made["__init__.py"] = (
        HEADER.format(title="The shapes of requests and answers, as JSON has them.")
        + "from typing import TypedDict, final\n\n"
        + f"from coditect_client.models import {', '.join(contexts)}\n\n"
        + f"__all__ = [{names}]\n\n\n@final\n{_EMPTY}"
    )
    return made


def _module(document: Document, context: str) -> str:
    models = [
        _model(name, schema, context, closed=f"{context}.{name}" in document.alternatives)
        for name, schema in document.models(context)
    ]
    title = f"The shapes of {context}: TypedDicts, in the spelling of JSON."
    return HEADER.format(title=title) + _imports(models) + "\n\n".join(models)


def _imports(models: Iterable[str]) -> str:
    code = "\n".join(models)
    names = ("Any", "Literal", "NotRequired", "TypedDict")
    used = [name for name in names if name in code]
    used += ["final"] if "@final" in code else []
    return f"from __future__ import annotations\n\nfrom typing import {', '.join(used)}\n\n\n"


def _model(name: str, schema: Schema, module: str, *, closed: bool) -> str:
    required = set(schema.get("required", ()))
    text = "@final\n" if closed else ""
    text += f"class {name}(TypedDict):\n"
    text += docstring(schema.get("description", name), 4)
    for field, value in schema.get("properties", {}).items():
        kind = type_of(value, module)
        text += f"\n    {field}: {kind if field in required else f'NotRequired[{kind}]'}\n"
        text += _comment(value)
    return text


def _comment(schema: Schema) -> str:
    described = schema.get("description") or next(
        (one["description"] for one in schema.get("anyOf", ()) if "description" in one), ""
    )
    return docstring(described, 4) if described else ""
