"""The numbers among the settings of a program, and their upper bounds."""

from collections.abc import Mapping
from typing import Any

from kernel.settings import Settings


def numbers(declared: type[Settings]) -> Mapping[str, dict[str, Any]]:
    """The JSON schema of each numeric field, by its name."""
    fields = declared.model_json_schema()["properties"]
    found = {}
    for name, schema in fields.items():
        for kind in schema.get("anyOf", [schema]):
            if kind.get("type") in {"integer", "number"}:
                found[name] = kind
    return found


def most(schema: Mapping[str, Any]) -> float:
    """The upper bound. Raises `KeyError` if there is none."""
    return float(schema["maximum"])


def all_at_most(*declared: type[Settings]) -> dict[str, str]:
    """The environment with every number of the programs at its upper bound."""
    return {
        name.upper(): f"{most(schema):.15g}"
        for one in declared
        for name, schema in numbers(one).items()
    }
