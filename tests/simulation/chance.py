"""Everything that is left to chance comes from one seed: times, ids, secrets, faults."""

import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.simulation.loop import SimulatedLoop
from tests.simulation.rows import Faults

START = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


class SimulatedClock:
    """The clock of one process: `kernel.clock.Clock` in the time of the loop.

    Attributes:
        ahead: How many seconds its wall clock is ahead.
    """

    def __init__(self, loop: SimulatedLoop, ahead: float) -> None:
        self._loop = loop
        self.ahead = ahead

    def now(self) -> datetime:
        """The current time in whole milliseconds, aware, in UTC."""
        return START + timedelta(milliseconds=int(1000 * (self._loop.time() + self.ahead)))

    def milliseconds(self) -> int:
        """The milliseconds since 1970."""
        return int(1000 * (START.timestamp() + self._loop.time() + self.ahead))

    def monotonic(self) -> float:
        """Seconds on a monotonic clock, which no jump of the wall clock moves."""
        return self._loop.time() + 1000


class SimulatedIds:
    """Ids and secrets from the seed: `kernel.ids.Ids`."""

    def __init__(self, source: Random) -> None:
        self._source = source

    def uuid(self) -> UUID:
        """The next UUIDv4."""
        return UUID(bytes=self._source.randbytes(16), version=4)

    def secret(self) -> bytes:
        """The next 32 bytes."""
        return self._source.randbytes(32)


class Climate(Faults):
    """What goes wrong in one run, with the store and with messages.

    A third of the runs are calm: then nothing goes wrong, and promises hold without delay.

    Attributes:
        calm: Whether nothing goes wrong.
        deaths: How many processes die.
        pauses: How many times a process stands still.
        jumps: How many times a clock jumps.
        cuts: How many times two contexts cannot reach each other.
    """

    def __init__(self, source: Random) -> None:
        self._source = source
        self._chance = source.random
        self._cut: set[frozenset[str]] = set()
        self.calm = source.random() < 1 / 3
        self._slow_messages = self._lost = self._doubled = self._stalled = 0.0
        self.deaths = self.pauses = self.jumps = self.cuts = 0
        self.slow = 0.1
        self.conflict = 0.05
        if not self.calm:
            self._arm(source)

    def _arm(self, source: Random) -> None:
        """Chooses faults: some runs have many of one kind, most have a few of some."""

        def share(most: float) -> float:
            return float(source.choice((0, 0, most / 10, most / 3, most)))

        self.slow = share(0.5)
        self.conflict = share(0.3)
        self.unknown = share(0.3)
        self.lost = share(0.15)
        self.refused = share(0.1)
        self._slow_messages = share(0.2)
        self._lost = share(0.1)
        self._doubled = share(0.3)
        self._stalled = share(0.1)
        self.deaths = source.choice((0, 0, 1, 2, 4))
        self.pauses = source.choice((0, 0, 1, 3))
        self.jumps = source.choice((0, 0, 1, 3))
        self.cuts = source.choice((0, 0, 1, 2))

    def settle(self) -> None:
        """Ends all faults."""
        self.conflict = self.unknown = self.lost = self.refused = 0.0
        self._slow_messages = self._lost = self._doubled = self._stalled = 0.0
        self._cut.clear()

    def delay(self) -> float:
        """How long a message takes, in seconds."""
        if self._slow_messages and self._chance() < self._slow_messages:
            return 0.01 + 0.5 * self._chance()
        return 0.0002 + 0.002 * self._chance()

    def hits(self, share: float) -> bool:
        """Whether a fault of this share happens now."""
        return bool(share) and self._chance() < share

    def stall(self) -> float:
        """How much longer a message of a stream takes, and those behind it."""
        return 4 * self._chance() if self.hits(self._stalled) else 0.0

    def loses(self) -> bool:
        """Whether a message is lost."""
        return self.hits(self._lost)

    def doubles(self) -> bool:
        """Whether a call of one context to another arrives twice."""
        return self.hits(self._doubled)

    def parts(self, one: str, other: str) -> bool:
        """Whether nothing gets from one context to another now."""
        return bool(self._cut) and frozenset((one, other)) in self._cut

    def cut(self, one: str, other: str) -> None:
        """Lets nothing through between two contexts."""
        self._cut.add(frozenset((one, other)))

    def mend(self, one: str, other: str) -> None:
        """Lets messages through again."""
        self._cut.discard(frozenset((one, other)))


@contextmanager
def everything_from(source: Random, loop: SimulatedLoop, more: dict[str, Any]) -> Iterator[None]:
    """Takes the place of the machine's clocks and random sources.

    Args:
        source: Gives all random values.
        loop: Tells the time.
        more: Other things to replace, by their full names.
    """
    replaced: dict[str, Any] = {
        "os.urandom": source.randbytes,
        "random._urandom": source.randbytes,
        "time.time": lambda: START.timestamp() + loop.time(),
        "time.monotonic": loop.time,
        "time.perf_counter": loop.time,
        "services.auth.signing_keys.rotation.new_private_key": lambda _: (
            Ed25519PrivateKey.from_private_bytes(source.randbytes(32))
        ),
        **more,
    }
    assert os
    assert time  # they are patched by name
    state = random.getstate()
    random.seed(source.getrandbits(64))
    try:
        with ExitStack() as stack:
            for name, value in replaced.items():
                stack.enter_context(patch(name, value))
            yield
    finally:
        random.setstate(state)
