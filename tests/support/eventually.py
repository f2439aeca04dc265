"""Waiting for a condition, without a fixed time."""

import asyncio
import time
from collections.abc import Callable

from tests.support.promises import PATIENCE_SECONDS

_STEP_SECONDS = 0.005


async def eventually(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Waits until the condition is true; raises `TimeoutError` otherwise."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - a condition has no event
            await asyncio.sleep(_STEP_SECONDS)


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """The same without a loop, for calls that another process answers."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(10 * _STEP_SECONDS)
