"""Makes a write on FoundationDB apply once, although its commit may end with an unknown result.

Every write sets a marker in its own transaction. If the result of a commit is unknown, the next
attempt looks for the marker first. A marker is a slot of this process that the next write reuses,
so there are never more markers than concurrent writes, however many writes are abandoned.

An abandoned commit may still be in flight when the next write takes its slot. It must not overwrite
the marker of that write. So every write also conflicts with any write that set its marker since it
began to read: of the two, the one that commits later fails.
"""

import time
from dataclasses import dataclass
from uuid import uuid4

LIFE_SECONDS = 86_400.0
"""Far longer than any write takes, and than clocks differ: an older marker was left behind."""
TIDY_SECONDS = 3600.0
"""How often to look for markers that dead processes have left."""

_NUMBER_BYTES = 8


@dataclass(frozen=True, slots=True)
class Marker:
    """The row that proves that one write was committed."""

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
        """Returns a marker that no other write uses."""
        if not self._free:
            self._free.append(self._slots)
            self._slots += 1
        slot = self._free.pop()
        return Marker(self.prefix + slot.to_bytes(4, "big"), self.now(), slot)

    def now(self) -> bytes:
        """Returns a value that no other write uses, with the time at which it was made."""
        self._writes += 1
        return self._writes.to_bytes(_NUMBER_BYTES, "big") + int(time.time()).to_bytes(8, "big")

    def give_back(self, marker: Marker) -> None:
        """Frees the slot for another write."""
        self._free.append(marker.slot)


def is_old(value: bytes) -> bool:
    """Whether a marker was left behind by a dead process."""
    written = int.from_bytes(value[_NUMBER_BYTES:], "big")
    return time.time() - written > LIFE_SECONDS
