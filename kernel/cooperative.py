"""Long loops that leave the event loop free for other calls."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

Item = TypeVar("Item")

_ITEMS_PER_TURN = 20


async def yielding(items: Iterable[Item]) -> AsyncIterator[Item]:
    """Yields the items, and lets other calls run after every `_ITEMS_PER_TURN` of them."""
    for number, item in enumerate(items, start=1):
        yield item
        if number % _ITEMS_PER_TURN == 0:
            await asyncio.sleep(0)
