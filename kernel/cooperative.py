"""Much work of one call, without holding up the others of the process."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

Item = TypeVar("Item")

_IN_ONE_GO = 20


async def yielding(items: Iterable[Item]) -> AsyncIterator[Item]:
    """Gives the items, and lets other calls have their turn every now and then."""
    for number, item in enumerate(items, start=1):
        yield item
        if number % _IN_ONE_GO == 0:
            await asyncio.sleep(0)
