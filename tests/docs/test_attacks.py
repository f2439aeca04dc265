"""The table of attacks on programs and their tokens in docs/security.md has every test, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
TABLE = TEXT[TEXT.index("## Attacks on programs") : TEXT.index("## ASVS")]
NAMED = set(re.findall(r"\[`(test_\w+)`\]\(\.\./tests/([\w/]+\.py)\)", TABLE))


def _tests_of(path: Path) -> set[tuple[str, str]]:
    found = re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    return {(name, str(path.relative_to(TESTS))) for name in found}


def test_every_attack_is_in_the_table() -> None:
    """A test of an attack that the table does not name is one that a reader does not find."""
    attacks = set().union(*map(_tests_of, TESTS.glob("end_to_end/test_oauth_attacks_*.py")))
    assert attacks
    assert attacks - NAMED == set()


def test_every_test_of_the_table_exists() -> None:
    """In the file to which the table links."""
    files = {TESTS / file for _, file in NAMED}
    assert NAMED - set().union(*map(_tests_of, files)) == set()


def test_every_row_has_a_test() -> None:
    """And says where the attack is described."""
    rows = [row for row in TABLE.splitlines() if row.startswith("| ") and "**" not in row]
    assert len(rows) > 30
    for row in rows[1:]:
        _, described, refused, tests = (cell.strip() for cell in row.strip("|").split("|"))
        assert described, row
        assert refused, row
        assert "`test_" in tests, row
