"""The list of common passwords: what is in it, and how it is searched."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.auth.passwords.common import LIST, SortedLines, is_common
from services.auth.passwords.policy import SHORT_UNIT, repeated_unit

HEAD, _, _BODY = LIST.read_text("utf-8").partition("\n\n")
LINES = _BODY.splitlines()


def test_the_list_is_long_enough() -> None:
    """At the default length and at the least, it has more than the 3,000 that ASVS 5.0 asks for (6.2.4)."""
    for length in (8, 12, 15, 16):
        assert sum(len(line) >= length for line in LINES) >= 3000


def test_the_list_says_where_it_is_from() -> None:
    """Its head names the source and the licence; the file stays below a megabyte."""
    assert "SecLists" in HEAD
    assert "MIT License" in HEAD
    assert all(line.startswith("#") for line in HEAD.splitlines())
    assert LIST.stat().st_size < 1_000_000


def test_the_list_can_be_searched() -> None:
    """Lines are in the order of their bytes, in lower case, each once, and no password refused anyway."""
    assert [line.encode() for line in LINES] == sorted({line.encode() for line in LINES})
    assert all(line == line.casefold() for line in LINES)
    assert all(len(repeated_unit(line)) > SHORT_UNIT for line in LINES)


def test_the_list_names_no_address() -> None:
    """A leaked password that is an email address is somebody's, and not in the list."""
    assert [line for line in LINES if "@" in line and "." in line] == []


def test_every_line_is_found() -> None:
    """Each line is common, and no line of the head, no part of a line and no other text is."""
    assert all(map(is_common, LINES[::7] + LINES[-3:]))
    others = [
        "",
        "#",
        *HEAD.splitlines(),
        LINES[0][:-1],
        LINES[-1] + "z",
        "correct horse battery staple",
    ]
    assert not any(map(is_common, others))


@pytest.mark.parametrize("end", [b"\n", b""])
@given(
    st.sets(st.binary(min_size=1, max_size=5).filter(lambda line: b"\n" not in line), min_size=1),
    st.binary(),
)
def test_any_sorted_lines(end: bytes, lines: set[bytes], other: bytes) -> None:
    """Whatever lines there are, each is found, and nothing else."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "lines")
        path.write_bytes(b"# head\n\n" + b"\n".join(sorted(lines)) + end)
        found = SortedLines(path)
        assert all(map(found.has, lines))
        assert found.has(other) == (other in lines)
