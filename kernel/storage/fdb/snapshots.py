"""Gives the reads that begin in one turn of the event loop one snapshot.

A transaction costs more than what a call reads in it. Reads that begin together therefore use one,
which is made only after the last of them has begun: its version is asked for later still, so each of
them sees every write that was acknowledged before it began.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, NamedTuple


class Snapshot(NamedTuple):
    """A transaction for the reads of one turn. It belongs to none of them, so none may reset it.

    Attributes:
        transaction: The binding's transaction.
        began: When it was made, in the seconds of `time.monotonic`.
    """

    transaction: Any
    began: float


class Snapshots:
    """The reads that wait for the end of the turn; made and used on one event loop.

    Args:
        begin: Makes a transaction of the binding.
    """

    def __init__(self, begin: Callable[[], Any]) -> None:
        self._loop = asyncio.get_running_loop()
        self._begin = begin
        self._waiting: list[asyncio.Future[Snapshot]] = []

    async def join(self) -> Snapshot:
        """Waits for the end of the turn, and returns the snapshot of all that wait."""
        waiter: asyncio.Future[Snapshot] = self._loop.create_future()
        if not self._waiting:
            self._loop.call_soon(self._take)
        self._waiting.append(waiter)
        return await waiter

    def _take(self) -> None:
        waiting = [waiter for waiter in self._waiting if not waiter.done()]  # the rest is cancelled
        self._waiting = []
        try:
            snapshot = Snapshot(self._begin(), time.monotonic())
        except Exception as error:  # noqa: BLE001 - the waiting reads get it
            for waiter in waiting:
                waiter.set_exception(error)
            return
        for waiter in waiting:
            waiter.set_result(snapshot)
