"""Finds the tests that a document names, so that it cannot name one that does not exist."""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


def missing_tests(named: Iterable[str], root: Path = ROOT) -> list[str]:
    """The pytest node ids, `path::name`, that no file below `root` defines, sorted."""
    named = set(named)
    defined: Mapping[str, set[str]] = {
        path: _tests_of(root / path) for path in {test.partition("::")[0] for test in named}
    }
    return sorted(
        test for test in named if test.partition("::")[2] not in defined[test.partition("::")[0]]
    )


def links(tests: Iterable[str]) -> str:
    """The tests as links of a document in `docs/`: each by its name, to its file."""
    parts = (test.partition("::") for test in tests)
    return ", ".join(f"[`{name}`](../{path})" for path, _, name in parts)


def _tests_of(path: Path) -> set[str]:
    """The tests of a file by their names; empty if there is no such file."""
    if not path.is_file():
        return set()
    body = ast.parse(path.read_text(encoding="utf-8")).body
    functions = [one for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {one.name for one in functions if one.name.startswith("test_")}
