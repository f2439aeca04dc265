"""A queue in which networks take turns, so that one network cannot make the others wait."""

import asyncio
from collections import deque
from typing import NamedTuple

from services.auth.passwords.errors import HashingBusy

Turn = asyncio.Future[None]


class _Key(NamedTuple):
    """Whose queue it is."""

    known: bool
    """Whether it is of devices that have logged in to the account before."""
    network: str


class FairQueue:
    """Lets some callers run at once; the others wait, in one queue for each network.

    A free place goes to the next network in turn, and there to the caller who has waited longest. So a
    caller waits for at most one caller of each other network, and those of its own. If all queues
    together are full, the longest one loses its last caller. That is fair whether there are two
    networks or two hundred, and needs no limit per network.

    Callers on known devices have queues of their own, which get every second place: a flood of guesses
    from many networks does not slow them down. They displace others while they are less than half.

    Args:
        places: How many callers run at once.
        most_waiting: How many callers may wait.
    """

    def __init__(self, places: int, most_waiting: int) -> None:
        self._free = places
        self._most_waiting = most_waiting
        self._count = 0
        self._waiting: dict[_Key, deque[Turn]] = {}
        """The queues that are not empty. The next turn is the first one's."""
        self._known_next = True

    @property
    def waiting(self) -> int:
        """How many callers wait."""
        return self._count

    async def enter(self, network: str, *, known: bool = False) -> None:
        """Waits for a place, which `leave` gives back. Raises `HashingBusy` if the network has too many."""
        key = _Key(known, network)
        if self._free:
            self._free -= 1
            return
        if self._count == self._most_waiting:
            self._make_room(key)
        turn: Turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, deque()).append(turn)
        self._count += 1
        try:
            await turn
        except asyncio.CancelledError:
            self._give_up(key, turn)
            raise

    def leave(self) -> None:
        """Passes the place of a caller on to the next one."""
        while self._waiting:
            key = self._next()
            queue = self._waiting.pop(key)
            turn = queue.popleft()
            self._count -= 1
            if queue:
                self._waiting[key] = queue  # behind the others
            if not turn.done():
                turn.set_result(None)
                self._known_next = not key.known
                return
        self._free += 1

    def _next(self) -> _Key:
        """The queue whose turn it is: known and other ones in turn, if both wait."""
        suited = (key for key in self._waiting if key.known == self._known_next)
        return next(suited, None) or next(iter(self._waiting))

    def _make_room(self, key: _Key) -> None:
        """Refuses the last caller of the longest queue: the new one, if that would be it."""
        queues = {known: self._queues(known) for known in (True, False)}
        waiting = sum(map(len, queues[True]))
        displaces = key.known and 2 * waiting < self._most_waiting
        rivals = queues[key.known and not displaces] or queues[True]
        longest = max(rivals, key=len)
        if not displaces and len(self._waiting.get(key, ())) + 1 >= len(longest):
            raise HashingBusy(retry_after=1)
        turn = longest.pop()
        self._count -= 1
        if not turn.done():
            turn.set_exception(HashingBusy(retry_after=1))

    def _queues(self, known: bool) -> list[deque[Turn]]:
        return [queue for key, queue in self._waiting.items() if queue and key.known == known]

    def _give_up(self, key: _Key, turn: Turn) -> None:
        """Takes a cancelled caller out of its queue, or passes on the place that it has just got."""
        queue = self._waiting.get(key, deque())
        if turn in queue:
            queue.remove(turn)
            self._count -= 1
            if not queue:
                del self._waiting[key]
        elif not turn.cancelled() and turn.exception() is None:
            self.leave()
