"""docs/import.md and its schema say what a line of an import is."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from tests.ops.importing.harness import membership, organization, user
from tests.support.authenticator import Authenticator
from tests.support.imported_passkeys import passkey_line
from tools.docs import imports

ROOT = Path(__file__).parents[2]


def test_both_are_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check passes on the files as they are."""
    monkeypatch.chdir(ROOT)
    assert imports.main(["--check"]) == 0


def test_drift_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A changed table and a missing schema fail the check, and are written without it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    text = (ROOT / imports.DOCUMENT).read_text(encoding="utf-8")
    imports.DOCUMENT.write_text(text.replace("`passwordHash` | string", "`passwordHash` | number"))
    assert imports.main(["--check"]) == 1
    assert capsys.readouterr().err.count("is out of date") == 2
    assert imports.main([]) == 0
    assert imports.DOCUMENT.read_text(encoding="utf-8") == text
    assert imports.main(["--check"]) == 0


def test_the_schema_takes_lines_and_refuses_others() -> None:
    """The same lines as the import itself, as far as a schema can say it."""
    schema = json.loads((ROOT / imports.SCHEMA).read_text(encoding="utf-8"))
    validator = jsonschema_rs.validator_for(schema)
    factors = [{"kind": "totp", "secret": "A" * 32}, passkey_line(Authenticator())]
    for line in (user(factors=factors), organization(), membership()):
        assert validator.is_valid(line)
        assert not validator.is_valid({**line, "other": 1})
        assert not validator.is_valid({**line, "kind": "other"})
