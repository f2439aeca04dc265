"""docs/promises.md says what is true: its sentences, tests and runs exist."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tools.docs import promises
from tools.docs.named_tests import missing_tests
from tools.docs.promises import Promise, PromisesInvalid

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / promises.DOCUMENT
TEXT = DOCUMENT.read_text(encoding="utf-8")
PROMISES = promises.read((ROOT / promises.PROMISES).read_text(encoding="utf-8"))
GIVEN = ["--output", str(DOCUMENT), "--promises", str(ROOT / promises.PROMISES)]
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_every_sentence_is_in_its_document() -> None:
    """A document says word for word what is listed as its promise."""
    texts = {one.where: _plain(one.where) for one in PROMISES}
    assert [one.says for one in PROMISES if one.says not in texts[one.where]] == []


def test_every_promise_of_the_security_document_is_listed() -> None:
    """Each point of "What is promised" has a line."""
    section = (
        (ROOT / "docs/security.md")
        .read_text(encoding="utf-8")
        .partition("## What is promised\n")[2]
    )
    points = re.findall(r"^- \*\*(.*?)\*\*", section.partition("\n## ")[0], re.MULTILINE)
    listed = [one.says for one in PROMISES if one.where == "docs/security.md"]
    assert points
    assert [
        point
        for point in points
        if not any(says.startswith(promises.plain(point)) for says in listed)
    ] == []


def test_every_test_exists() -> None:
    """Every test that shows a promise is defined."""
    assert missing_tests(test for one in PROMISES for test in one.tests) == []


def test_every_run_exists() -> None:
    """Every run is a target of the Makefile or a module."""
    assert [run for one in PROMISES for run in one.runs if not _exists(run)] == []


def test_document_is_up_to_date(tmp_path: Path) -> None:
    """Its tables match the file; `make promises` writes them."""
    assert promises.main(["--check", *GIVEN]) == 0
    other = tmp_path / "promises.md"
    other.write_text(TEXT.replace("| promise |", "| Promise |"), encoding="utf-8")
    given = [*GIVEN, "--output", str(other)]
    assert promises.main(["--check", *given]) == 1
    assert promises.main(given) == 0
    assert other.read_text(encoding="utf-8") == TEXT


ROW = """
[[promise]]
says = "Something is so."
where = "README.md"
about = "Accounts"
tests = ["tests/docs/test_promises.py::test_every_test_exists"]
"""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (ROW + ROW, "twice: Something is so."),
        (ROW[: ROW.index("tests = ")], "neither a test nor a run"),
        (ROW + 'runs = ["make test"]', "a run has a last figure"),
        (ROW + 'figure = "3 ms"', "a figure has a date"),
        (ROW + "measured = 2026-01-01", "only a figure has one"),
        (ROW.replace("README.md", "kernel/log.py"), "where"),
        ("", "promise"),
    ],
)
def test_an_invalid_row_is_refused(
    text: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A promise is listed once, and something shows it."""
    with pytest.raises(PromisesInvalid, match=problem):
        promises.read(text)
    bad = tmp_path / "promises.toml"
    bad.write_text(text, encoding="utf-8")
    assert promises.main(["--check", *GIVEN, "--promises", str(bad)]) == 1
    assert str(bad) in capsys.readouterr().err


def test_a_missed_budget_is_shown() -> None:
    """The table does not hide it."""
    row = ROW + 'runs = ["make bench"]\nfigure = "12 ms"\nmeasured = 2026-01-01\nmissed = "10 ms"\n'
    (one,) = promises.read(row)
    assert isinstance(one, Promise)
    table = promises.render("\n## Accounts\n\n", [one])
    assert "12 ms (2026-01-01). **Missed**: 10 ms |" in table


def _plain(where: str) -> str:
    return promises.plain((ROOT / where).read_text(encoding="utf-8"))


def _exists(run: str) -> bool:
    program, *words = run.split()
    if program == "make":
        return words[0] in TARGETS
    assert (program, words[0]) == ("python", "-m"), run
    return find_spec(words[1]) is not None
