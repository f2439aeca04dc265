"""The rows of a simulated store: snapshots, and commits that are refused if they conflict."""

import asyncio
import struct
from bisect import bisect_left, insort
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from kernel.storage import limits

if TYPE_CHECKING:
    from tests.simulation.transactions import SimulatedWrite

_STAMP = struct.Struct(">QH")
_KEPT_COMMITS = 5000


class Snapshot(NamedTuple):
    """All rows at one version; never changed.

    Attributes:
        version: Counts commits.
        rows: The values by key.
        keys: The keys in order.
    """

    version: int
    rows: dict[bytes, bytes]
    keys: list[bytes]


class Faults:
    """What may go wrong with transactions; nothing does by default.

    Attributes:
        conflict: The share of commits that meet a conflict which is none.
        unknown: The share of commits whose result the client does not learn at once; it looks for it.
        lost: The share of writes that end with `StorageUnavailable`, committed or not, at once or later.
        refused: The share of transactions that the cluster does not take at all.
        slow: The share of reads that wait, so that other transactions commit in between.
    """

    conflict = unknown = lost = refused = slow = 0.0

    def delay(self) -> float:
        """How long a message to the cluster takes, in seconds."""
        return 0.0

    def hits(self, share: float) -> bool:
        """Whether a fault of this share happens now."""
        return share >= 1


class Rows:
    """The rows of a store, and the commits that made them.

    Attributes:
        now: The newest snapshot.
        watchers: Called after each commit with the keys that it wrote.
    """

    def __init__(self) -> None:
        self.now = Snapshot(0, {}, [])
        self.watchers: dict[bytes, list[asyncio.Future[None]]] = {}
        self.on_commit: Callable[[Snapshot], None] = lambda _: None
        self._commits: list[tuple[int, set[bytes], list[tuple[bytes, bytes]]]] = []
        self._stamp = 1

    def conflicts(self, tx: "SimulatedWrite") -> bool:
        """Whether a commit after the snapshot of a transaction wrote what it has read."""
        for version, keys, ranges in reversed(self._commits):
            if version <= tx.snapshot.version:
                return False
            if not keys.isdisjoint(tx.read_keys):
                return True
            if any(begin <= key < end for begin, end in tx.read_ranges for key in keys):
                return True
            for first, last in ranges:
                if any(first <= key < last for key in tx.read_keys):
                    return True
                if any(first < end and begin < last for begin, end in tx.read_ranges):
                    return True
        return False

    def commit(self, tx: "SimulatedWrite") -> None:
        """Makes the writes of a transaction, which has met no conflict."""
        if not tx.log:
            return
        rows, keys, version = dict(self.now.rows), list(self.now.keys), self.now.version + 1
        written: set[bytes] = set()
        ranges: list[tuple[bytes, bytes]] = []
        stamped = 0
        for kind, key, value in tx.log:
            if kind == "range":
                ranges.append((key, value))
                apply(rows, keys, kind, key, value)
            elif kind == "stamp":
                suffix, content = value
                stamp = _STAMP.pack(self._stamp, 0) + stamped.to_bytes(2, "big")
                stamped += 1
                written.add(full := key + b"\x33" + stamp + suffix)
                apply(rows, keys, "set", full, content)
            else:
                written.add(key)
                apply(rows, keys, kind, key, value)
        self._stamp += 1
        self.now = Snapshot(version, rows, keys)
        self._commits.append((version, written, ranges))
        if len(self._commits) > 2 * _KEPT_COMMITS:
            del self._commits[:_KEPT_COMMITS]
        self._wake(written, ranges)
        self.on_commit(self.now)

    def advance(self, stamp: bytes) -> None:
        """Makes later stamps sort after this one."""
        number, _ = _STAMP.unpack(stamp)
        self._stamp = max(self._stamp, number + 1)

    def _wake(self, written: set[bytes], ranges: list[tuple[bytes, bytes]]) -> None:
        if not self.watchers:
            return
        for key in list(self.watchers):
            if key in written or any(begin <= key < end for begin, end in ranges):
                for future in self.watchers.pop(key):
                    if not future.done():
                        future.set_result(None)


def apply(rows: dict[bytes, bytes], keys: list[bytes], kind: str, key: bytes, value: Any) -> None:
    """Makes one write of a transaction."""
    if kind == "set":
        if key not in rows:
            insort(keys, key)
        rows[key] = value
    elif kind == "clear":
        if rows.pop(key, None) is not None:
            del keys[bisect_left(keys, key)]
    elif kind == "add":
        if key not in rows:
            insort(keys, key)
        rows[key] = limits.added(rows.get(key), value)
    else:
        first, last = bisect_left(keys, key), bisect_left(keys, value)
        for gone in keys[first:last]:
            del rows[gone]
        del keys[first:last]
