"""What waits in an outbox or a work queue, measured at a bounded cost."""

from datetime import datetime
from typing import NamedTuple, Protocol

from kernel.storage.port import Store

BACKLOG_ROWS = 1000
"""The most rows that a look at a backlog reads."""


class Backlog(NamedTuple):
    """What waits in a queue, as far as `BACKLOG_ROWS`.

    Attributes:
        depth: How many rows were found; `BACKLOG_ROWS` stands for as many or more.
        put_time: When the oldest of them was put; None if there is none, or rows do not say.
        first: The key of the oldest row, if rows do not say when they were put.
    """

    depth: int
    put_time: datetime | None = None
    first: bytes | None = None


class Backlogged(Protocol):
    """A queue that can say what waits in it."""

    async def backlog(self, store: Store) -> Backlog:
        """Reads what waits, in one range read."""
