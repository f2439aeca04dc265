"""The table of `make bench`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.__main__ import PARTS, main, measured
from bench.load import Skipped
from bench.system import Row, at_least, at_most, skipped, table

ROOT = Path(__file__).parents[2]


def _row(folder: Path, seconds: int) -> Iterator[Row]:
    assert folder.is_dir()
    yield Row("a rate", str(seconds))


def _impossible(_: Path, __: int) -> Iterator[Row]:
    yield Row("a first rate", "1")
    raise Skipped("there is no database")


def _unknown(folder: Path, seconds: int) -> Iterator[Row]:
    from bench import no_such_part  # noqa: PLC0415 - what an older checkout lacks

    yield from no_such_part.measure(folder, seconds)


def _broken(_: Path, __: int) -> Iterator[Row]:
    yield Row("a first rate", "1")
    raise RuntimeError("3 requests failed")


def test_part() -> None:
    """A part is measured in a folder of its own, for the seconds that were asked for."""
    assert list(measured("part", _row, 7)) == [Row("a rate", "7")]


def test_impossible_part() -> None:
    """A part that cannot be measured here keeps its rows so far, and says why; no budget is missed."""
    rows = list(measured("part", _impossible, 1))
    assert rows == [Row("a first rate", "1"), skipped("part", "there is no database")]
    assert table(rows) == 0


def test_part_of_a_newer_checkout() -> None:
    """A part whose modules this checkout lacks is skipped."""
    (row,) = measured("part", _unknown, 1)
    assert row.value == "skipped"
    assert "no_such_part" in row.note


def test_failing_part() -> None:
    """A part that fails keeps its rows so far, and counts as a missed budget."""
    rows = list(measured("part", _broken, 1))
    assert rows[0] == Row("a first rate", "1")
    assert "3 requests failed" in rows[1].note
    assert table(rows) == 1


def test_printed_table(capsys: pytest.CaptureFixture[str]) -> None:
    """The table has each row's value, budget and verdict, or the reason for having none."""
    rows = [
        Row("rate", "12"),
        at_most("time", 1.5, 3, "s"),
        at_least("ratio", 0.5, 0.8),
        skipped("other", "there is no database", ">= 6"),
    ]
    assert table(rows) == 1
    assert capsys.readouterr().out.splitlines() == [
        "rate           12",
        "time       1.50 s   budget <= 3 s  kept",
        "ratio        0.50   budget >= 0.8  MISSED",
        "other     skipped   budget >= 6   there is no database",
    ]


def test_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    """A part that does not exist is refused before anything is measured."""
    with pytest.raises(SystemExit):
        main(["reads", "nonsense"])
    assert "nonsense" in capsys.readouterr().err


@pytest.mark.parametrize("name", PARTS)
def test_documented(name: str) -> None:
    """Every part has a row in the table of figures, with its method."""
    assert f"\n| `{name}` | " in (ROOT / "docs/operations.md").read_text()
