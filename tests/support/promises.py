"""Times that the product promises, and how long tests wait on a machine that does something else, too.

A promise is measured by `make test-long`, where nothing else runs. In every other run a test waits for the
same thing with patience: it fails if the thing never happens, and not if the machine is slow.
"""

import os

LONG = "LONG" in os.environ
"""Whether promises are measured, and tests may take minutes."""
PATIENCE_SECONDS = 30.0
"""For what takes much less on a machine that does nothing else."""


def within(seconds: float) -> float:
    """How long a test waits for what is promised in this time."""
    return seconds if LONG else max(seconds, PATIENCE_SECONDS)
