"""How soon the end of a token counts, as tests measure it.

A machine that runs other tests beside this one now and then stops a process for longer than the product
may take. So the usual run looks at the median, and `make test-long` also at the 99th percentile, of more.
"""

import os
from collections.abc import Sequence

LONG = "LONG" in os.environ
"""Whether the tests may take minutes."""
ENFORCED_SECONDS = 0.1
"""How long after the end of a token it is refused by every service, at most."""
PATIENCE_SECONDS = 2.0
"""The same on a machine that does something else meanwhile."""


def p50(seconds: Sequence[float]) -> float:
    """The median."""
    return sorted(seconds)[len(seconds) // 2]


def p99(seconds: Sequence[float]) -> float:
    """The largest one, unless there are more than a hundred."""
    return sorted(seconds)[-1 - len(seconds) // 100]


def assert_prompt(seconds: Sequence[float]) -> None:
    """Fails if ends counted too late."""
    assert p50(seconds) < ENFORCED_SECONDS, sorted(seconds)
    assert max(seconds) < PATIENCE_SECONDS, sorted(seconds)
    if LONG:
        assert p99(seconds) < ENFORCED_SECONDS, sorted(seconds)
