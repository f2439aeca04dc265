"""docs/security.md says what is true: its requirements, tests, settings, routes and times exist."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway import contract
from gateway.contract import Method
from kernel.settings import ServiceSettings
from services.auth.passwords.context_words import PRODUCT_WORDS
from services.auth.settings import AuthSettings
from tests.gateway.environment import CONTRACT
from tools.docs import security, settings
from tools.docs.named_tests import missing_tests
from tools.docs.security import RequirementsInvalid

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / security.DOCUMENT
TEXT = DOCUMENT.read_text(encoding="utf-8")
SOURCE = (ROOT / security.REQUIREMENTS).read_text(encoding="utf-8")
REQUIREMENTS = security.read(SOURCE)
METHODS = contract.load(CONTRACT)
GIVEN = ["--output", str(DOCUMENT), "--requirements", str(ROOT / security.REQUIREMENTS)]

# https://github.com/OWASP/ASVS, tag v5.0.0_release: the numbers of V6 to V9 at each level, and 16.3.1.
# Those of level 3 are of V6 and V7 alone: the file does not claim more.
LEVELS = {
    1: """
    6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1 6.3.2 6.4.1 6.4.2
    7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2
    8.1.1 8.2.1 8.2.2 8.3.1
    9.1.1 9.1.2 9.1.3 9.2.1
    """,
    2: """
    6.1.2 6.1.3 6.2.9 6.2.10 6.2.11 6.2.12 6.3.3 6.3.4 6.4.3 6.4.4
    6.5.1 6.5.2 6.5.3 6.5.4 6.5.5 6.6.1 6.6.2 6.6.3 6.8.1 6.8.2 6.8.3 6.8.4
    7.1.1 7.1.2 7.1.3 7.3.1 7.3.2 7.4.3 7.4.4 7.4.5 7.5.1 7.5.2 7.6.1 7.6.2
    8.1.2 8.2.3 8.4.1
    9.2.2 9.2.3 9.2.4
    16.3.1
    """,
    3: """
    6.3.5 6.3.6 6.3.7 6.3.8 6.4.5 6.4.6 6.5.6 6.5.7 6.5.8 6.6.4 6.7.1 6.7.2
    7.5.3
    """,
}
LINK = re.compile(r"\]\(([^)#\s]*)(#[^)]*)?\)")
ROUTE = re.compile(r"^\| (GET|POST|PUT|PATCH|DELETE) `(/[^`]*)` \|", re.MULTILINE)


def test_every_requirement_is_there_once() -> None:
    """The file has every requirement of its chapters and levels, at its level, and no other."""
    listed = [(one.level, one.number) for one in REQUIREMENTS]
    assert sorted(listed) == sorted(
        (level, number) for level, numbers in LEVELS.items() for number in numbers.split()
    )


def test_what_is_not_met_is_known() -> None:
    """No other requirement than these is open."""
    assert {one.number for one in REQUIREMENTS if one.state == "not met"} == {"6.3.8"}


def test_every_test_exists() -> None:
    """Every test that the file names is defined; a misspelled one is found."""
    assert missing_tests(security.tests_named(REQUIREMENTS)) == []
    renamed = SOURCE.replace("test_bad_claims", "test_bad_claim").replace(
        "test_access.py", "test_no_file.py"
    )
    assert missing_tests(security.tests_named(security.read(renamed))) == [
        "tests/contract/test_no_file.py::test_methods_for_services_refuse_users",
        "tests/contract/test_no_file.py::test_methods_for_users",
        "tests/contract/test_no_file.py::test_methods_that_need_a_recent_proof",
        "tests/contract/test_no_file.py::test_service_tokens_open_no_method_for_users",
        "tests/kernel/identity/test_tokens.py::test_bad_claim",
        "tests/services/auth/tokens/test_no_file.py::test_a_token_carries_its_claims",
    ]


def test_document_is_up_to_date() -> None:
    """Its tables match the file; `make security` writes them."""
    assert security.main(["--check", *GIVEN]) == 0


def test_drift_is_rejected(tmp_path: Path) -> None:
    """The check fails on another table, and passes after writing; a missing heading is an error."""
    document = tmp_path / "security.md"
    document.write_text(TEXT.replace("| 6.3.3 | 2 |", "| 6.3.3 | 3 |"), encoding="utf-8")
    given = [*GIVEN, "--output", str(document)]
    assert security.main(["--check", *given]) == 1
    assert security.main(given) == 0
    assert document.read_text(encoding="utf-8") == TEXT
    with pytest.raises(ValueError, match="V8"):
        security.render(TEXT.replace("### V8", "### V88"), REQUIREMENTS)


ROW = """
[[requirement]]
number = "6.1.1"
level = 1
asks = "Something."
state = "met"
how = "Somehow."
tests = ["tests/docs/test_security.py::test_what_is_not_met_is_known"]
"""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (ROW + ROW, "twice: 6.1.1"),
        (ROW.replace("tests = ", "test = "), "test"),
        (ROW.replace("tests = ", 'untested = "a reason"\ntests = '), "and a reason"),
        (ROW[: ROW.index("tests = ")], "or a reason"),
        (ROW.replace('"met"', '"not met"'), "nothing else has"),
        (ROW.replace('"met"', '"maybe"'), "state"),
        (ROW.replace("level = 1", "level = 4"), "level"),
        (ROW.replace("6.1.1", "V6.1.1"), "number"),
        ("", "requirement"),
        ("[[requirement", "requirement|Expected"),
    ],
)
def test_an_invalid_row_is_refused(
    text: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row is there once and complete; what is met has tests, or a reason for having none."""
    with pytest.raises(RequirementsInvalid, match=problem):
        security.read(text)
    bad = tmp_path / "asvs.toml"
    bad.write_text(text, encoding="utf-8")
    assert security.main(["--check", *GIVEN, "--requirements", str(bad)]) == 1
    assert str(bad) in capsys.readouterr().err


def test_links_resolve() -> None:
    """Every link within the repository names an existing file, and a heading in it."""
    for target, heading in LINK.findall(TEXT):
        if target.startswith("https://"):
            continue
        file = (DOCUMENT.parent / target).resolve() if target else DOCUMENT
        assert file.exists(), target
        assert not heading or heading[1:] in _anchors(file), f"{target}{heading}"


# ── what the text says ───────────────────────────────────────────────────────────────────────


def test_every_setting_in_the_document_exists() -> None:
    """The table of settings names settings of the programs, among them every limit of guesses."""
    table = TEXT[TEXT.index("## What is configured") : TEXT.index("## Passwords")]
    named = {
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in _code(row)
    }
    known = {
        name.upper() for declared in settings.SECTIONS.values() for name in declared.model_fields
    }
    assert named - known == set()
    limits = {name for name in known if name.startswith(("GUESS", "EMAILS_PER", "NOTICES_PER"))}
    assert {"CREDENTIAL_RATE", "HASH_QUEUE", "HASH_THREADS", "TRUSTED_PROXIES", *limits} <= named


def test_the_words_of_the_product_are_documented() -> None:
    """The document lists every word of which the product lets no password be made."""
    listed = next(line for line in TEXT.splitlines() if "the words of the product:" in line)
    assert set(PRODUCT_WORDS) - set(re.findall(r"\w+", listed)) == set()


def test_every_way_in_is_documented() -> None:
    """The table of the ways in has every method that is open without a token or takes a secret."""
    documented = set(ROUTE.findall(TEXT[TEXT.index("## The ways in") : TEXT.index("## Guessing")]))
    routes = {_route(method): method for method in METHODS.methods if method.http is not None}
    assert {route for route, method in routes.items() if _is_way_in(method)} - documented == set()
    assert documented - set(routes) == set()


def test_every_field_with_a_role_is_documented() -> None:
    """The document names each field that needs a higher role than its method, and the role."""
    fields = next(line for line in TEXT.splitlines() if line.startswith("- **Fields**"))
    roles = {pair for method in METHODS.methods for pair in method.rule.field_roles}
    assert roles
    for name, role in roles:
        assert f"`{name}`" in fields
        assert role.name.lower() in fields


def test_the_lives_in_the_document_are_the_defaults() -> None:
    """The table of times has the default of each setting."""
    defaults = {**ServiceSettings.model_fields, **AuthSettings.model_fields}
    rows = dict(re.findall(r"^\| [^|]* \| ([^|]*) \| `([A-Z_]+)` \|", TEXT, re.MULTILINE))
    assert {name: _value(text) for text, name in rows.items()} == {
        name: defaults[name.lower()].default
        for name in (
            "TOKEN_SECONDS",
            "LOGIN_IDLE_SECONDS",
            "LOGIN_LIFE_SECONDS",
            "REFRESH_GRACE_SECONDS",
            "LOGINS_PER_USER",
        )
    }


def test_no_hint_and_no_question_is_kept() -> None:
    """No field of a request or record of auth holds a hint, or a question that a user answers.

    A program may say whom it expects, by an address (OpenID Connect Core 1.0, section 3.1.2.1), and of
    what kind a token is (RFC 7009, section 2.1).
    """
    names = {
        name
        for file in (ROOT / "protos/coditect/auth").rglob("*.proto")
        for name in re.findall(r"^  [\w .<>,]+ (\w+) = \d+", file.read_text(), re.MULTILINE)
    }
    assert "password" in names
    found = {name for name in names if re.search("hint|question|answer", name)}
    assert found == {"login_hint", "token_type_hint"}


def _is_way_in(method: Method) -> bool:
    takes_secret = method.edge.credential or {"token", "refresh_token"} & set(method.fields)
    return bool(takes_secret or (method.rule.public and not method.edge.bare))


def _route(method: Method) -> tuple[str, str]:
    """Its verb and path, with the names of JSON: `{factorId}`."""
    assert method.http is not None
    path = method.http.path.removeprefix("/api/v5")
    return method.http.verb, re.sub(r"\{[a-z_]+\}", _of_json, path)


def _of_json(variable: re.Match[str]) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), variable[0])


def _value(text: str) -> float:
    """A time as a person writes it, in seconds; a plain number as it is."""
    number, _, unit = text.partition(" ")
    return timedelta(**{unit: int(number)}).total_seconds() if unit else int(number)


def _code(text: str) -> Iterator[str]:
    yield from re.findall(r"`([A-Z][A-Z0-9_]+)`", text)


def _anchors(file: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}
