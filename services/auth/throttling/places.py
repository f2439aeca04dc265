"""How many guesses one process checks at the same time for one key; the others wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class Places:
    """A number of places for each key. A key without a guess takes no memory."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._taken: WeakValueDictionary[bytes, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def take(self, key: bytes) -> AsyncIterator["Place"]:
        """Waits for a place, and gives it back at the end of the block at the latest."""
        semaphore = self._taken.setdefault(key, asyncio.Semaphore(self._number))
        await semaphore.acquire()
        place = Place(semaphore)
        try:
            yield place
        finally:
            place.give_back()


class Place:
    """A place that is taken."""

    def __init__(self, semaphore: asyncio.Semaphore) -> None:
        self._semaphore: asyncio.Semaphore | None = semaphore

    def give_back(self) -> None:
        """Lets the next guess go on; a second time, it does nothing."""
        if self._semaphore is not None:
            self._semaphore.release()
            self._semaphore = None
