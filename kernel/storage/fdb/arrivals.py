"""Connects FoundationDB's futures to an event loop, without a thread per wait.

The client's network thread reports each ready future; the loop is woken once for all that became
ready meanwhile. One callback serves all futures: making one for each, as the binding's `on_ready`
does, costs more than all the rest of a read.
"""

import asyncio
import ctypes
from collections import deque
from typing import Any


class Arrivals:
    """The futures that one event loop waits for; made and used on that loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ready: deque[asyncio.Future[None]] = deque()
        self._woken = False

    def of(self, future: Any) -> asyncio.Future[None]:
        """Returns a future that ends when the `fdb.Future` is ready; it may be cancelled."""
        waiter = self._loop.create_future()
        # The entry keeps the future alive: the client must not call back for a destroyed one.
        _waiting[future.fpointer] = (future, waiter, self)
        future.capi.fdb_future_set_callback(future.fpointer, _callback, None)
        return waiter

    def notify(self, waiter: asyncio.Future[None]) -> None:
        """Ends a waiter; runs on the network thread, or on the loop if the future was ready."""
        self._ready.append(waiter)
        if not self._woken:
            self._woken = True
            try:
                self._loop.call_soon_threadsafe(self._wake)
            except RuntimeError:  # the loop is closed: nothing waits
                return

    def _wake(self) -> None:
        self._woken = False  # first: a waiter added during the loop below wakes the loop again
        while self._ready:
            waiter = self._ready.popleft()
            if not waiter.done():
                waiter.set_result(None)


_waiting: dict[int, tuple[Any, asyncio.Future[None], Arrivals]] = {}


def _notify(pointer: int) -> None:
    _, waiter, arrivals = _waiting.pop(pointer)
    arrivals.notify(waiter)


# For the life of the process, like the network thread that calls it.
_callback = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(_notify)
