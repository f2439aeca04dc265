"""Mutants change one thing each, and a mutant that no test notices is found."""

from pathlib import Path

import pytest

from tools.mutants.__main__ import sample
from tools.mutants.checkout import BrokenTests, Checkout
from tools.mutants.mutations import mutants

pytestmark = pytest.mark.drill

SOURCE = '''"""A module."""

LIMIT = 100
ROWS = Table(unique=True)
_logger = get("x")

def allowed(age: int, *, member: bool = False) -> bool:
    """Whether 18 or older."""
    assert age > 0, "checked before"
    if age < 18 and not member:
        _logger.info("too young", age=17)
        raise TooYoung(f"{age + 1} is too young")
    try:
        remember(age)
    except (ValueError, KeyError):
        return False
    return max(age, 7)
'''
FAULTS = {
    "age < 18 and not member": ["age < 18", "age < 18 or not member", "not member"],
    "age < 18": ["age <= 18"],
    "18": ["19"],
    "not member": ["member"],
    "False": ["True"],
    'raise TooYoung(f"{age + 1} is too young")': ["pass"],
    "remember(age)": ["pass"],
    "return max(age, 7)": ["return None"],
    "max(age, 7)": ["min(age, 7)"],
    "7": ["8"],
}


def test_every_mutant_has_one_fault() -> None:
    """Conditions, numbers, calls, errors and results change; texts and constants do not."""
    found: dict[str, list[str]] = {}
    for mutant in mutants(SOURCE):
        if not mutant.before.startswith("try"):
            found.setdefault(mutant.before, []).append(mutant.after)
    assert found.pop("True") == ["False"]  # of the declaration
    # One False is the default of a parameter, the other is returned.
    assert found.pop("False") == ["True", "True"]
    assert found == {before: after for before, after in FAULTS.items() if before != "False"}


def test_each_exception_of_a_handler_is_left_out_once() -> None:
    """The handler of two exceptions has two mutants, each of which catches one."""
    handlers = [mutant.after for mutant in mutants(SOURCE) if mutant.before.startswith("try")]
    assert ["except (KeyError,)" in handlers[0], "except (ValueError,)" in handlers[1]] == [
        True
    ] * 2


def test_a_mutant_is_the_file_with_one_piece_replaced() -> None:
    """Everything before and behind the piece stays, byte by byte."""
    text = "x = 'ä'  # é\nif x == 'ö' or y > 1:  # ü\n    pass\n"
    first = next(mutant for mutant in mutants(text) if mutant.after == "y >= 1")
    assert first.source == text.replace("y > 1", "(y >= 1)")
    assert first.line == 2


def test_a_sample_repeats_itself() -> None:
    """The same seed chooses the same mutants, another one others."""
    path = [Path("kernel/storage")]
    first, again, other = (list(sample(path, 20, seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == 20


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> Checkout:
    """A tree with one file and its test, which checks half of what the file does."""
    files = {
        "kernel/sums.py": "def both(a, b):\n    return a + b, a > b\n",
        "tests/kernel/test_sums.py": (
            "from kernel.sums import both\n\ndef test_sum():\n    assert both(2, 1)[0] == 3\n"
        ),
        "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Checkout(tmp_path)


def test_a_fault_is_noticed_by_the_test_of_its_file(tree: Checkout) -> None:
    """The nearest test fails, and the file is as before afterwards."""
    path = Path("kernel/sums.py")
    before = (tree.folder / path).read_text()
    assert tree.noticed_by(path, before.replace("a + b", "a - b")) == "tests/kernel/test_sums.py"
    assert (tree.folder / path).read_text() == before


def test_a_fault_that_no_test_checks_is_not_noticed(tree: Checkout) -> None:
    """The comparison is returned, but no test looks at it."""
    path = Path("kernel/sums.py")
    text = (tree.folder / path).read_text().replace("a > b", "a >= b")
    assert tree.noticed_by(path, text) is None


def test_tests_that_fail_anyway_notice_nothing(tree: Checkout) -> None:
    """A test that fails without a fault stops the run instead of counting for every mutant."""
    (tree.folder / "tests/kernel/test_sums.py").write_text("def test_no():\n    assert False\n")
    with pytest.raises(BrokenTests, match="test_sums"):
        tree.noticed_by(Path("kernel/sums.py"), "def both(a, b):\n    return 1\n")
