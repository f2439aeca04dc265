"""`python -m tools.docs.imports`: writes the tables of docs/import.md and docs/import.schema.json.

Both come from the one definition of the lines of an import, and the rest of the document stays as it
is. With `--check` it writes nothing, and fails if they are out of date.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ops.importing.lines import LINE
from services.auth.importing.lines import PasskeyLine, RecoveryCodesLine, TotpLine, UserLine
from services.tenants.importing.lines import MembershipLine, OrganizationLine, PolicyLine
from tools.docs.tables import replace_table

DOCUMENT = Path("docs/import.md")
SCHEMA = Path("docs/import.schema.json")

LINES: Mapping[str, type[BaseModel]] = {
    "### `user`": UserLine,
    "### A factor: `totp`": TotpLine,
    "### A factor: `passkey`": PasskeyLine,
    "### A factor: `recoveryCodes`": RecoveryCodesLine,
    "### `organization`": OrganizationLine,
    "### The policy of an organization": PolicyLine,
    "### `membership`": MembershipLine,
}
"""What each table describes, by its heading."""
_NAMES = {"uuid": "UUID", "date-time": "time", "array": "list"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs.imports", description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args(arguments).check
    code = 0
    old = DOCUMENT.read_text(encoding="utf-8")
    for path, text in ((DOCUMENT, document(old)), (SCHEMA, schema())):
        if not check:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"tools.docs.imports: {path} is out of date: make imports", file=sys.stderr)
            code = 1
    return code


def document(text: str) -> str:
    """The document with the tables as they are defined."""
    for heading, line in LINES.items():
        text = replace_table(text, heading, table(line))
    return text


def schema() -> str:
    """The JSON schema of a line."""
    made = {"$schema": "https://json-schema.org/draft/2020-12/schema", **LINE.json_schema()}
    return json.dumps(made, indent=2) + "\n"


def table(line: type[BaseModel]) -> Iterator[str]:
    """The fields of a line, as a table."""
    described = line.model_json_schema()
    yield "| field | type | |"
    yield "|---|---|---|"
    for name, field in described["properties"].items():
        notes = [field.get("description", "")]
        if name in described.get("required", ()):
            notes.append("Required.")
        elif "default" in field and field["default"] not in (None, [], {}, ""):
            notes.append(f"By default `{json.dumps(field['default'])}`.")
        yield f"| `{name}` | {_type(field)} | {' '.join(filter(None, notes))} |"


def _type(field: Mapping[str, Any]) -> str:
    for choice in field.get("anyOf", ()):
        if choice.get("type") != "null":
            return _type(choice)
    values = [field["const"]] if "const" in field else field.get("enum", ())
    if values:
        return " or ".join(f"`{json.dumps(one)}`" for one in values)
    kind: str = field.get("format") or field.get("type", "object")
    return _NAMES.get(kind, kind)


if __name__ == "__main__":
    sys.exit(main())
