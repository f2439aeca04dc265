"""docs/errors.md lists exactly the errors that can occur."""

import re
from pathlib import Path

import pytest

from gateway import contract
from gateway.envoy import local_replies as replies
from gateway.openapi import errors as openapi
from kernel.errors import ServiceError
from tests.gateway.environment import CONTRACT
from tools.docs import errors as reasons

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
METHODS = contract.load(CONTRACT)
ROWS = re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \| (?:([A-Z_]+) \| )?", TEXT, re.MULTILINE)


def _errors() -> list[type[ServiceError]]:
    found = [error for name in reasons.SECTIONS.values() for error in reasons.declared(name)]
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
    given = ["--check", "--output", str(document), "--contract", str(CONTRACT)]
    assert reasons.main(given) == 0


def test_drift_is_rejected(tmp_path: Path) -> None:
    """The check fails on another table, and passes after writing; a missing section is an error."""
    document = tmp_path / "errors.md"
    document.write_text(TEXT.replace("EMAIL_TAKEN", "EMAIL_GONE"))
    given = ["--output", str(document), "--contract", str(CONTRACT)]
    assert reasons.main(["--check", *given]) == 1
    assert reasons.main(given) == 0
    assert document.read_text() == TEXT
    with pytest.raises(ValueError, match="From auth"):
        reasons.render(TEXT.replace("## From auth", ""), METHODS)


def test_methods_and_errors_fit() -> None:
    """Methods declare only reasons of their own service, and each error is given by some method."""
    contexts = {heading.split()[-1]: name for heading, name in reasons.SECTIONS.items()}
    common = {error.reason for error in reasons.declared(contexts["service"])}
    for method in METHODS.methods:
        own = {error.reason for error in reasons.declared(contexts[method.context])}
        assert set(method.reasons) <= own | common, method.full_name
    assert {reason for rule in openapi.DERIVED for reason in rule.reasons} <= common
    assert [error for error in _errors() if not reasons.given_by(error.reason, METHODS)] == []


def test_internal_errors_stay_inside() -> None:
    """No public method gives an error that only services get."""
    internal = {error.reason for error in _errors() if error.internal}
    assert internal
    for method in METHODS.methods:
        given = internal & set(openapi.reasons_of(method))
        assert bool(method.http) <= (not given), method.full_name


def test_no_reason_is_declared_twice() -> None:
    """A method does not declare what follows from its other options."""
    for method in METHODS.methods:
        derived = {r for rule in openapi.DERIVED if rule.applies(method) for r in rule.reasons}
        assert not derived & set(method.reasons), method.full_name
        assert len(set(method.reasons)) == len(method.reasons)


def test_reasons_are_unique() -> None:
    """No two errors share a reason."""
    reasons = [error.reason for error in _errors()]

    assert sorted(set(reasons)) == reasons


def test_codes_of_the_envelope_filter_are_listed() -> None:
    """The document lists every code that the envelope filter itself can produce."""
    filter_text = (ROOT / "gateway" / "envoy" / "envelope.lua").read_text(encoding="utf-8")
    made = set(re.findall(r'\{"([A-Z_]+)", "', filter_text))

    assert {code for code in made if f"`{code}`" not in TEXT} == set()
    unknown = openapi.NOT_IMPLEMENTED
    assert f'{{"{unknown.code}", "{unknown.message}"}}' in filter_text
