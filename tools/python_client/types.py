"""The Python type of a schema."""

from typing import Any

Schema = dict[str, Any]
_SIMPLE = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "null": "None",
}


def type_of(schema: Schema, module: str = "") -> str:
    """The type, in which models of `module` stand without its name."""
    if "$ref" in schema:
        return reference(schema, module)
    if "anyOf" in schema:
        return _union([type_of(one, module) for one in schema["anyOf"] if one.get("const") != ""])
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        words = f"Literal[{', '.join(repr(one) for one in values if one is not None)}]"
        return f"{words} | None" if None in values else words
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return _union([_of_kind(kind, schema, module) for kind in kinds])


def reference(schema: Schema, module: str = "") -> str:
    """The model that a reference names, such as `auth.User`."""
    name = str(schema["$ref"]).rsplit("/", 1)[-1]
    return name.removeprefix(f"{module}.") if module else name


def _of_kind(kind: str, schema: Schema, module: str) -> str:
    if kind == "array":
        return f"list[{type_of(schema['items'], module)}]"
    if kind == "object":
        values = schema.get("additionalProperties")
        inner = type_of(values, module) if isinstance(values, dict) and values else "Any"
        return f"dict[str, {inner}]"
    return _SIMPLE[kind]


def _union(types: list[str]) -> str:
    return " | ".join(dict.fromkeys(types))
