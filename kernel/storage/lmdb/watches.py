"""Waiting for keys to change, on a store that cannot tell by itself.

Commits of this process are announced; those of others are found by a look at the number of the
last commit every few milliseconds, and only while somebody waits.
"""

import asyncio
from collections.abc import Callable

POLL_SECONDS = 0.025


class _Watch:
    __slots__ = ("future", "key", "seen")

    def __init__(self, key: bytes, seen: bytes | None) -> None:
        self.key = key
        self.seen = seen
        self.future: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()


class Watches:
    """Those who wait for keys of one store.

    Args:
        value: Reads a key, now.
        version: Gives a number that grows with every commit, also of other processes.
    """

    def __init__(self, value: Callable[[bytes], bytes | None], version: Callable[[], int]) -> None:
        self._value = value
        self._version = version
        self._watches: set[_Watch] = set()
        self._looked_at = 0
        self._timer: asyncio.TimerHandle | None = None

    async def wait(self, key: bytes, seen: bytes | None) -> bytes | None:
        """Gives the value of a key as soon as it is not `seen`."""
        if not self._watches:
            self._looked_at = self._version()  # before the value: no commit falls between them
        value = self._value(key)
        if value != seen:
            return value
        watch = _Watch(key, seen)
        self._watches.add(watch)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(POLL_SECONDS, self._poll)
        try:
            return await watch.future
        finally:
            self._watches.discard(watch)

    def check(self) -> None:
        """Wakes those whose key has changed."""
        for watch in self._watches:
            if watch.future.done():
                continue
            try:
                value = self._value(watch.key)
            except Exception as error:  # noqa: BLE001 - whoever waits gets it
                watch.future.set_exception(error)
                continue
            if value != watch.seen:
                watch.future.set_result(value)

    def end(self, error: Exception) -> None:
        """Gives everybody an error and looks no more."""
        for watch in self._watches:
            if not watch.future.done():
                watch.future.set_exception(error)
        if self._timer is not None:
            self._timer.cancel()

    def _poll(self) -> None:
        self._timer = None
        if not self._watches:
            return
        version = self._version()
        if version != self._looked_at:
            self._looked_at = version
            self.check()
        self._timer = asyncio.get_running_loop().call_later(POLL_SECONDS, self._poll)
