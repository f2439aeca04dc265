"""The generated part of clients/python follows docs/openapi.yaml."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from coditect_client.api import asynchronous, sync
from coditect_client.errors import BY_CODE

from tools.python_client import __main__ as command
from tools.python_client.errors import class_name
from tools.python_client.texts import docstring, snake
from tools.python_client.types import type_of

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / command.DOCUMENT
PACKAGE = ROOT / command.PACKAGE


def test_the_client_is_up_to_date() -> None:
    """Its files match the document; `make python-client` writes them."""
    assert command.main(["--check", "--document", str(DOCUMENT), "--package", str(PACKAGE)]) == 0


def test_drift_is_rejected(tmp_path: Path) -> None:
    """The check fails on another document, and passes after writing."""
    document = tmp_path / "openapi.yaml"
    document.write_text(DOCUMENT.read_text("utf-8").replace("REVISION_STALE", "REVISION_OLD"))
    given = ["--document", str(document), "--package", str(tmp_path / "package")]
    assert command.main(["--check", *given]) == 1
    assert command.main(given) == 0
    assert command.main(["--check", *given]) == 0
    assert "class RevisionOld(" in (tmp_path / "package" / "errors.py").read_text("utf-8")


def test_every_operation_of_programs_has_a_method() -> None:
    """Pages for browsers have none; both flavors have the same methods with the same parameters."""
    paths = yaml.load(DOCUMENT.read_text("utf-8"), yaml.CSafeLoader)["paths"]
    found = {raw["operationId"]: raw for item in paths.values() for raw in item.values()}
    wanted = {snake(name) for name, raw in found.items() if raw["tags"] != ["OAuthPages"]}
    one, other = methods(sync.Groups), methods(asynchronous.AsyncGroups)
    assert {name.split(".")[1] for name in one} == wanted
    assert one == other


def methods(groups: type[Any]) -> dict[str, list[str]]:
    """The parameters of the methods of all groups."""
    return {
        f"{name}.{method}": [str(one) for one in inspect.signature(function).parameters.values()]
        for name, group in vars(groups(None)).items()
        for method, function in inspect.getmembers(type(group), inspect.isfunction)
        if not method.startswith("_")
    }


def test_every_code_has_a_class() -> None:
    """Those of the document, and those of OAuth in the spelling of the others."""
    text = DOCUMENT.read_text("utf-8")
    codes = set(re.findall(r"^ *- ([A-Z]+_[A-Z_]+)$", text, re.MULTILINE))
    assert codes
    assert codes - set(BY_CODE) == set()
    assert {"INVALID_GRANT", "SLOW_DOWN"} <= set(BY_CODE)
    assert all(code == error.CODE for code, error in BY_CODE.items())
    assert len({error.__name__ for error in BY_CODE.values()}) == len(BY_CODE)


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("listServiceAccounts", "list_service_accounts"),
        ("OAuthClients", "oauth_clients"),
        ("OAuth", "oauth"),
        ("getJwks", "get_jwks"),
        ("Idempotency-Key", "idempotency_key"),
    ],
)
def test_names(name: str, spelled: str) -> None:
    """Python's spelling of the document's names."""
    assert snake(name) == spelled


def test_a_class_hides_no_name_of_python() -> None:
    """`NotImplemented` is one."""
    assert class_name("NOT_IMPLEMENTED") == "ApiNotImplemented"
    assert class_name("SESSION_NOT_FOUND") == "SessionNotFound"


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string", "format": "uuid"}, "str"),
        ({"type": ["integer", "null"]}, "int | None"),
        ({"anyOf": [{"type": "string", "format": "uuid"}, {"const": ""}]}, "str"),
        ({"type": ["string", "null"], "enum": ["a", None]}, "Literal['a'] | None"),
        ({"const": True}, "Literal[True]"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/auth.User"}}, "list[auth.User]"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "dict[str, str]"),
        ({"type": "object", "additionalProperties": True}, "dict[str, Any]"),
    ],
)
def test_types(schema: dict[str, Any], kind: str) -> None:
    """The Python type of a schema."""
    assert type_of(schema) == kind


def test_a_docstring_begins_with_its_first_sentence() -> None:
    """The rest follows after an empty line, no wider than the code."""
    made = docstring("One. Two is longer.", 4, "Raises:\n    Three: Four.")
    assert made == (
        '    """One.\n\n    Two is longer.\n\n    Raises:\n        Three: Four.\n    """\n'
    )
    assert docstring("One", 0) == '"""One."""\n'
