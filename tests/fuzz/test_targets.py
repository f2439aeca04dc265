"""Every target stands what is in its corpus, and changes of that."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import changed
from tests.fuzz.target import CORPUS, corpus_of
from tests.fuzz.targets import TARGETS

DOCUMENT = Path(__file__).parents[2] / "docs/fuzzing.md"
_EXAMPLES = 40


def test_every_target_has_a_corpus() -> None:
    """And every corpus has a target."""
    assert {path.name for path in CORPUS.iterdir()} == TARGETS.keys()


def test_the_documents_name_every_target() -> None:
    """Each has a row with what it reads, and what must hold."""
    rows = DOCUMENT.read_text(encoding="utf-8")
    for name, function in TARGETS.items():
        assert f"| `{name}` | {function.__doc__} |" in rows


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_what_was_found_stays_mended(name: str) -> None:
    """Each kept input is read or refused as declared."""
    for data in corpus_of(name):
        TARGETS[name](data)


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_changes_of_what_was_kept(name: str) -> None:
    """So are inputs that were made of them by chance."""
    kept = corpus_of(name)

    @settings(
        max_examples=_EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, len(kept) - 1), st.integers(0, 2**64 - 1))
    def check(at: int, seed: int) -> None:
        TARGETS[name](changed(kept[at], kept, random.Random(seed)))

    check()
