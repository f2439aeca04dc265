"""Waiting for what happens by itself, without a fixed time."""

import asyncio
from collections.abc import Callable

_STEP_SECONDS = 0.005


async def eventually(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Waits until something is so; fails if it never is."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - whatever it is, it need not be an event
            await asyncio.sleep(_STEP_SECONDS)
