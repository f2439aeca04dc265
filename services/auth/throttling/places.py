"""How many guesses one process checks at the same time for one key; the others wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from services.auth.passwords.errors import HashingBusy


class Places:
    """A number of places for each key. A key without a guess takes no memory.

    Args:
        number: The guesses of one key at the same time.
        waiting: How many more of one key may wait.
    """

    def __init__(self, number: int, waiting: int) -> None:
        self._number = number
        self._waiting = waiting
        self._keys: WeakValueDictionary[bytes, _Key] = WeakValueDictionary()

    @asynccontextmanager
    async def take(self, key: bytes) -> AsyncIterator["Place"]:
        """Waits for a place, and gives it back at the end of the block at the latest.

        Raises `HashingBusy` if too many wait already.
        """
        taken = self._keys.get(key)
        if taken is None:
            taken = self._keys[key] = _Key(self._number)
        if taken.free.locked() and taken.waiting >= self._waiting:
            raise HashingBusy
        taken.waiting += 1
        try:
            await taken.free.acquire()
        finally:
            taken.waiting -= 1
        place = Place(taken)
        try:
            yield place
        finally:
            place.give_back()


class Place:
    """A place that is taken."""

    def __init__(self, key: "_Key") -> None:
        self._key: _Key | None = key

    def give_back(self) -> None:
        """Lets the next guess go on; a second time, it does nothing."""
        if self._key is not None:
            self._key.free.release()
            self._key = None


class _Key:
    """The places of one key. It lives as long as a guess has one or waits for one."""

    def __init__(self, number: int) -> None:
        self.free = asyncio.Semaphore(number)
        self.waiting = 0
