"""How a write on FoundationDB applies once although its commit may end with an unknown result.

Every write sets a marker in its own transaction. When nobody can say whether a commit took place,
the next attempt looks for the marker first. A marker is a slot of this process that the next write
uses again, so there are never more of them than writes at one time, however many are given up.

A commit that was given up may still be on its way when the next write has its slot. It must not
overwrite that one's marker, so every write also conflicts with whoever set its marker since it
began to read: of the two, the one that arrives later fails.
"""

import time
from dataclasses import dataclass
from uuid import uuid4

LIFE_SECONDS = 86_400.0
"""Far longer than any write takes, and than clocks differ: what is older was left behind."""
TIDY_SECONDS = 3600.0
"""How often to look for what processes that are gone have left."""

_NUMBER_BYTES = 8


@dataclass(frozen=True, slots=True)
class Marker:
    """The row that tells that one write was committed."""

    key: bytes
    value: bytes
    slot: int


class Markers:
    """The slots of one store in one process.

    Args:
        prefix: What the keys of all markers begin with.
    """

    def __init__(self, prefix: bytes) -> None:
        self.prefix = prefix + uuid4().bytes
        self._free: list[int] = []
        self._slots = 0
        self._writes = 0

    def take(self) -> Marker:
        """Gives a marker that no other write has."""
        if not self._free:
            self._free.append(self._slots)
            self._slots += 1
        slot = self._free.pop()
        return Marker(self.prefix + slot.to_bytes(4, "big"), self.now(), slot)

    def now(self) -> bytes:
        """Gives a value that no other write has, and that tells when it was made."""
        self._writes += 1
        return self._writes.to_bytes(_NUMBER_BYTES, "big") + int(time.time()).to_bytes(8, "big")

    def give_back(self, marker: Marker) -> None:
        """Lets another write have the slot."""
        self._free.append(marker.slot)


def is_old(value: bytes) -> bool:
    """Whether a marker was left behind by a process that is gone."""
    written = int.from_bytes(value[_NUMBER_BYTES:], "big")
    return time.time() - written > LIFE_SECONDS
