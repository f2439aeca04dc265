"""docs/errors.md lists exactly the errors that can occur."""

import re
from pathlib import Path

import pytest

from gateway.envoy import local_replies as replies
from kernel.errors import ServiceError
from tools.docs import errors as reasons

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \| (?:([A-Z_]+) \| )?", TEXT, re.MULTILINE)


def _errors() -> list[type[ServiceError]]:
    found = [error for modules in reasons.SECTIONS.values() for error in reasons.declared(modules)]
    return sorted(found, key=lambda error: error.reason)


def test_every_reason_is_listed_once() -> None:
    """The tables list every reason of the services and the gateway once, and no other."""
    services = {error.reason for error in _errors()}
    gateway = {value.code for value in vars(replies).values() if isinstance(value, replies.Reply)}
    gateway |= {reply.code for reply in replies.BY_STATUS}
    listed = [code for code, _, _ in ROWS]

    assert sorted(set(listed)) == sorted(listed)
    assert services - set(listed) == set()
    assert set(listed) - services - gateway == set()
    assert {code for code in gateway if f"`{code}`" not in TEXT} == set()


def test_document_is_up_to_date() -> None:
    """Its tables match the declarations; `make errors` writes them."""
    document = ROOT / reasons.DOCUMENT
    assert reasons.main(["--check", "--output", str(document)]) == 0


def test_drift_is_rejected(tmp_path: Path) -> None:
    """The check fails on another table, and passes after writing; a missing section is an error."""
    document = tmp_path / "errors.md"
    document.write_text(TEXT.replace("EMAIL_TAKEN", "EMAIL_GONE"))
    assert reasons.main(["--check", "--output", str(document)]) == 1
    assert reasons.main(["--output", str(document)]) == 0
    assert document.read_text() == TEXT
    with pytest.raises(ValueError, match="From auth"):
        reasons.render(TEXT.replace("## From auth", ""))


def test_reasons_are_unique() -> None:
    """No two errors share a reason."""
    reasons = [error.reason for error in _errors()]

    assert sorted(set(reasons)) == reasons


def test_codes_of_the_envelope_filter_are_listed() -> None:
    """The document lists every code that the envelope filter itself can produce."""
    filter_text = (ROOT / "gateway" / "envoy" / "envelope.lua").read_text(encoding="utf-8")
    made = set(re.findall(r'\{"([A-Z_]+)", "', filter_text))

    assert {code for code in made if f"`{code}`" not in TEXT} == set()
