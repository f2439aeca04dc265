"""Waits for keys to change, on a store without notifications of its own.

Commits of this process call `check`; those of other processes are found by polling the number of
the last commit every few milliseconds, and only while a caller waits.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from kernel.errors import StorageUnavailable

POLL_SECONDS = 0.01
"""The longest time that a commit of another process is not noticed. It is part of the time in which all
replicas enforce a revocation; a poll takes some 20 us of processor time."""


class _Watch:
    __slots__ = ("future", "key", "seen")

    def __init__(self, key: bytes, seen: bytes | None) -> None:
        self.key = key
        self.seen = seen
        self.future: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()


class Watches:
    """The callers that wait for keys of one store.

    Args:
        value: Reads the current value of a key.
        version: Returns a number that grows with every commit, also of other processes, as soon as
            `value` sees the commit. Raises `StorageUnavailable`.
    """

    def __init__(self, value: Callable[[bytes], bytes | None], version: Callable[[], int]) -> None:
        self._value = value
        self._version = version
        self._watches: set[_Watch] = set()
        self._last_version = 0
        self._timer: asyncio.TimerHandle | None = None

    async def wait(self, key: bytes, seen: bytes | None) -> bytes | None:
        """Returns the value of a key as soon as it differs from `seen`."""
        if not self._watches:
            self._last_version = self._version()  # before the value, to miss no commit
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
        """Wakes the callers whose key has changed."""
        for watch in self._watches:
            if watch.future.done():
                continue
            try:
                value = self._value(watch.key)
            except Exception as error:  # noqa: BLE001 - the waiting caller gets it
                watch.future.set_exception(error)
                continue
            if value != watch.seen:
                watch.future.set_result(value)

    def end(self, error: Exception) -> None:
        """Raises an error in all waiting callers and stops polling."""
        for watch in self._watches:
            if not watch.future.done():
                watch.future.set_exception(error)
        if self._timer is not None:
            self._timer.cancel()

    def _poll(self) -> None:
        self._timer = None
        if not self._watches:
            return
        with suppress(StorageUnavailable):  # asked again at the next poll
            version = self._version()
            if version != self._last_version:
                self._last_version = version
                self.check()
        self._timer = asyncio.get_running_loop().call_later(POLL_SECONDS, self._poll)
