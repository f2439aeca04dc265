"""A queue in which networks take turns, so that one network cannot make the others wait."""

import asyncio
from collections import deque

from services.auth.passwords.errors import HashingBusy

Turn = asyncio.Future[None]


class FairQueue:
    """Lets some callers run at once; the others wait, in one queue for each network.

    A free place goes to the next network in turn, and there to the caller who has waited longest. So a
    caller waits for at most one caller of each other network, and those of its own. If all queues
    together are full, the longest one loses its last caller. That is fair whether there are two
    networks or two hundred, and needs no limit per network.

    Args:
        places: How many callers run at once.
        most_waiting: How many callers may wait.
    """

    def __init__(self, places: int, most_waiting: int) -> None:
        self._free = places
        self._most_waiting = most_waiting
        self._count = 0
        self._waiting: dict[str, deque[Turn]] = {}
        """The queues that are not empty. The next turn is the first one's."""

    async def enter(self, network: str) -> None:
        """Waits for a place, which `leave` gives back. Raises `HashingBusy` if the network has too many."""
        if self._free:
            self._free -= 1
            return
        if self._count == self._most_waiting:
            self._make_room(network)
        turn: Turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(network, deque()).append(turn)
        self._count += 1
        try:
            await turn
        except asyncio.CancelledError:
            self._give_up(network, turn)
            raise

    def leave(self) -> None:
        """Passes the place of a caller on to the next one."""
        while self._waiting:
            network, queue = next(iter(self._waiting.items()))
            turn = queue.popleft()
            self._count -= 1
            del self._waiting[network]
            if queue:
                self._waiting[network] = queue  # behind the others
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _make_room(self, network: str) -> None:
        """Refuses the last caller of the longest queue: the new one, if that would be it."""
        longest = max(self._waiting.values(), key=len)
        if len(self._waiting.get(network, ())) + 1 >= len(longest):
            raise HashingBusy(retry_after=1)
        turn = longest.pop()
        self._count -= 1
        if not turn.done():
            turn.set_exception(HashingBusy(retry_after=1))

    def _give_up(self, network: str, turn: Turn) -> None:
        """Takes a cancelled caller out of its queue, or passes on the place that it has just got."""
        queue = self._waiting.get(network, deque())
        if turn in queue:
            queue.remove(turn)
            self._count -= 1
            if not queue:
                del self._waiting[network]
        elif not turn.cancelled() and turn.exception() is None:
            self.leave()
