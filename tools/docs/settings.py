"""`python -m tools.docs.settings`: writes docs/settings.md from the settings that the programs declare.

With `--check` it writes nothing, and fails if the document is out of date.
"""

import argparse
import ast
import inspect
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from textwrap import dedent
from typing import Any

from pydantic import ValidationError

from gateway import settings as gateway
from kernel.mail.settings import MailSettings
from kernel.settings import Address, ServiceSettings, Settings, TracingSettings
from services.auth.settings import AuthSettings
from services.sessions.settings import SessionsSettings
from services.tenants.settings import TenantsSettings

DOCUMENT = Path("docs/settings.md")

SECTIONS: dict[str, type[Settings]] = {
    "Every service and every Envoy, to record traces": TracingSettings,
    "Every service": ServiceSettings,
    "Auth and tenants, to send mail": MailSettings,
    "Auth": AuthSettings,
    "Tenants": TenantsSettings,
    "Sessions": SessionsSettings,
    "Every Envoy": gateway.EnvoySettings,
    "The edge": gateway.Settings,
    "A sidecar": gateway.SidecarSettings,
}

_HEAD = """\
# Settings

<!-- Made by `make settings` from the classes named below: change those. -->

Every setting of the programs. A program reads its environment variables once, when it starts.
If settings are wrong or missing, it names all of them and exits.

- A service has the settings of every service and its own, auth and tenants also those of mail; the edge and a sidecar have those of every Envoy and their own; all have those of traces. If both tables have a variable, the more specific one applies.
- An empty variable counts as unset. With the default *none*, the program works without it.
- A list is comma separated, an address is `host:port` or, where the table says so, `unix:/path` of a Unix socket, a time is a plain number, of seconds unless its name says otherwise.
- FoundationDB's client has its own variables: see [operations](operations.md#running-on-foundationdb).
- The [README](../README.md#run-it) lists the settings of `make run`. It passes on all variables that it does not set itself (addresses and keys, for example): `make run TOKEN_SECONDS=60`.
"""

_KINDS = {"integer": "whole number", "number": "number", "string": "text", "array": "list"}
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "minLength": "length at least {}",
    "maxLength": "length at most {}",
    "minItems": "length at least {}",
    "maxItems": "length at most {}",
    "pattern": "matching `{}`",
}
_ATTRIBUTES = re.compile(r"^Attributes:\n((?:    .*\n?|\n)*)", re.MULTILINE)
_ATTRIBUTE = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
_VALUES = {Address.__name__, Path.__name__}
_BAD = "\0"


class SettingUnclear(Exception):
    """The document cannot describe a setting completely; the message says what is missing."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs.settings", description=__doc__)
    parser.add_argument("--output", type=Path, default=DOCUMENT)
    parser.add_argument("--check", action="store_true", help="fail unless it is up to date")
    options = parser.parse_args(arguments)
    output = options.output
    try:
        text = render(SECTIONS)
    except SettingUnclear as unclear:
        print(f"tools.docs.settings: {unclear}", file=sys.stderr)
        return 1
    if not options.check:
        output.write_text(text, encoding="utf-8")
    elif not output.exists() or output.read_text(encoding="utf-8") != text:
        print(f"tools.docs.settings: {output} is out of date: make settings", file=sys.stderr)
        return 1
    return 0


def render(sections: Mapping[str, type[Settings]]) -> str:
    """Returns the document, with a table for each class. Raises `SettingUnclear`."""
    lines = [_HEAD]
    for heading, declared in sections.items():
        path = f"{declared.__module__.replace('.', '/')}.py"
        lines += [f"## {heading}", "", f"`{declared.__name__}` in [`{path}`](../{path}).", ""]
        lines += [*_table(declared), ""]
    return "\n".join(lines)


def own(declared: type[Settings]) -> list[str]:
    """The fields that a class itself declares, in the order of declaration."""
    return [name for name in inspect.get_annotations(declared) if name in declared.model_fields]


def _table(declared: type[Settings]) -> Iterator[str]:
    yield "| variable | default | value | what it does |"
    yield "|---|---|---|---|"
    for name in own(declared):
        try:
            cells = _cells(declared, name)
        except SettingUnclear as unclear:
            where = f"{declared.__module__}.{declared.__qualname__}.{name}"
            raise SettingUnclear(f"{where}: {unclear}") from None
        yield f"| {' | '.join(cells)} |".replace("\n", " ")


def _cells(declared: type[Settings], name: str) -> list[str]:
    schema = _given(_schemas(declared)[name])
    text = _descriptions(declared).get(name, "").strip()
    if not text:
        raise SettingUnclear("nothing says what it does")
    cells = [f"`{name.upper()}`", _default(declared, name, schema), _value(declared, name, schema)]
    return [" ".join(cell.replace("|", "\\|").split()) for cell in [*cells, text]]


@cache
def _schemas(declared: type[Settings]) -> dict[str, dict[str, Any]]:
    """The schema of each field, made once for all of them."""
    properties: dict[str, dict[str, Any]] = declared.model_json_schema()["properties"]
    return properties


def _given(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a field without the alternative None, which means that it is unset."""
    kinds: list[dict[str, Any]] = schema.get("anyOf", [schema])
    given = [kind for kind in kinds if kind.get("type") != "null"]
    if len(given) != 1:
        raise SettingUnclear("it has several types")
    return given[0]


def _default(declared: type[Settings], name: str, schema: dict[str, Any]) -> str:
    field = declared.model_fields[name]
    if field.is_required():
        return "required"
    if _is_secret(schema) and field.default:
        return "not shown"
    written = _written(field.default)
    computed = _computed(declared).get(name)
    return f"computed: `{computed}`" if computed else written


def _is_secret(schema: dict[str, Any]) -> bool:
    return bool(schema.get("writeOnly") or schema.get("items", {}).get("writeOnly"))


def _written(value: object) -> str:
    """A default as it is written in the environment."""
    match value:
        case None:
            return "none"
        case "" | ():
            return "empty"
        case Address() | str() | int() | Path():
            return f"`{value}`"
        case float():
            return f"`{int(value) if value.is_integer() else value}`"
        case tuple():
            return f"`{','.join(map(str, value))}`"
        case _:
            # Its value may contain a password, and so may its source.
            raise SettingUnclear(f"its default is a {type(value).__name__}")


def _value(declared: type[Settings], name: str, schema: dict[str, Any]) -> str:
    """The valid values: their type, the message for invalid ones, and the bounds."""
    kind = _KINDS.get(schema.get("type", ""))
    if "enum" in schema:
        kind = f"one of {', '.join(f'`{choice}`' for choice in schema['enum'])}"
    if schema.get("format") == "path":
        kind = "path"
    if kind and _is_secret(schema):
        kind = f"secret {kind}"
    words = ": ".join(filter(None, (kind, _refusal(declared, name))))
    if not words:
        raise SettingUnclear("nothing says how it is written")
    bounds = [
        text.format(schema[keyword]) for keyword, text in _BOUNDS.items() if keyword in schema
    ]
    return ", ".join([words, *bounds])


def _refusal(declared: type[Settings], name: str) -> str:
    """What our own validators, which are not in the schema, say about a bad value."""
    try:
        declared.model_validate({name: _BAD})
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            if problem["loc"][0] == name and problem["type"] == "value_error":
                return problem["msg"].removeprefix("Value error, ").removeprefix("must be ")
    return ""


def _descriptions(declared: type[Settings]) -> dict[str, str]:
    """What each field does: from the text below it, otherwise from `Attributes:` of its class."""
    found: dict[str, str] = {}
    for base in reversed(declared.__mro__):
        if issubclass(base, Settings):
            section = _ATTRIBUTES.search(inspect.cleandoc(base.__doc__ or ""))
            found |= dict(_ATTRIBUTE.findall(section[1])) if section else {}
            found |= dict(_texts_below(base))
    return found


def _texts_below(declared: type[Settings]) -> Iterator[tuple[str, str]]:
    for field, below in pairwise(_body(declared)):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, text


def _computed(declared: type[Settings]) -> dict[str, str]:
    """The defaults that depend on the machine, as source code."""
    return {
        field.target.id: ast.unparse(field.value)
        for field in _body(declared)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if field.value and any(map(_asks_the_machine, ast.walk(field.value)))
    }


def _asks_the_machine(node: ast.AST) -> bool:
    """Whether it is not constant: it has an attribute, or a call that does more than make a value."""
    if isinstance(node, ast.Call):
        return not isinstance(node.func, ast.Name) or node.func.id not in _VALUES
    return isinstance(node, ast.Attribute)


@cache
def _body(declared: type[Settings]) -> list[ast.stmt]:
    """The statements of a class. Python parses the whole module to find it, so only once."""
    made = ast.parse(dedent(inspect.getsource(declared))).body[0]
    assert isinstance(made, ast.ClassDef), "the source of a class is a class definition"
    return made.body


if __name__ == "__main__":
    sys.exit(main())
