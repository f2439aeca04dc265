"""Waiting for what other processes do."""

import time
from collections.abc import Callable
from typing import Any

_SECONDS = 30.0


def eventually(seen: Callable[[], Any], seconds: float = _SECONDS) -> Any:
    """Repeats until the result is truthy, and returns it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if result := seen():
            return result
        time.sleep(0.05)
    raise AssertionError(f"nothing came in {seconds:g} s")
