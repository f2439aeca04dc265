"""How soon the end of a token counts, as tests measure it."""

from collections.abc import Sequence

from tests.support.promises import LONG, PATIENCE_SECONDS

ENFORCED_SECONDS = 0.1
"""How long after the end of a token it is refused by every service, at most."""


def p50(seconds: Sequence[float]) -> float:
    """The median."""
    return sorted(seconds)[len(seconds) // 2]


def p99(seconds: Sequence[float]) -> float:
    """The largest one, unless there are more than a hundred."""
    return sorted(seconds)[-1 - len(seconds) // 100]


def assert_prompt(seconds: Sequence[float]) -> None:
    """Fails if ends counted too late: later than promised where that is measured, else if they never did."""
    assert p99(seconds) < (ENFORCED_SECONDS if LONG else PATIENCE_SECONDS), sorted(seconds)
