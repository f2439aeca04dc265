"""The backends for the conformance suite of the storage port, and helpers to use them.

An entry in `BACKENDS` adds a backend to the suite. Its `lacks` names missing features, each with the
reason; only the tests of those are skipped.
"""

import time
from asyncio.subprocess import Process
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kernel.storage import Read, Store, Subspace, Write
from kernel.storage.lmdb.store import LmdbStore
from tests.simulation.rows import Faults, Rows
from tests.simulation.store import SimulatedStore
from tests.support import foundationdb

Work = Callable[..., Coroutine[Any, Any, Process]]  # starts a worker: what, key, argument, environ


@dataclass(frozen=True)
class Backend:
    """One implementation of the port.

    Attributes:
        name: Shown in the tests' names.
        url: The address of a store for a folder; the same folder gives the same store.
        open: Opens that store, with a clock for the time limit of transactions.
        lacks: What it cannot do, with the reason.
        open_small: Opens another store for a folder, of a few megabytes, if a store has a size.
    """

    name: str
    url: Callable[[Path], str]
    open: Callable[[Path, Callable[[], float]], Store]
    lacks: Mapping[str, str] = field(default_factory=dict)
    open_small: Callable[[Path], Store] | None = None


def fdb_backend(cluster_file: Callable[[], Path]) -> Backend:
    """The backend on a cluster, where each folder has its own prefix."""

    def opened(folder: Path, clock: Callable[[], float]) -> Store:
        from kernel.storage.fdb import FdbStore  # noqa: PLC0415 - needs the client library

        prefix = Subspace((foundationdb.name_of(folder),)).prefix
        return FdbStore(cluster_file(), prefix=prefix, clock=clock)

    return Backend(
        name="fdb",
        url=lambda folder: foundationdb.url(folder, cluster_file()),
        open=opened,
        lacks={
            "jumps in passing": "the cluster recovers, and takes no writes meanwhile",
            "a size of its own": "the cluster keeps room back by itself, for all of its users",
        },
    )


_simulated: dict[Path, Rows] = {}


def simulated(folder: Path, clock: Callable[[], float]) -> Store:
    """The store of the simulation, without its faults; one for each folder."""
    return SimulatedStore(_simulated.setdefault(folder, Rows()), clock, Faults())


BACKENDS = [
    Backend(
        name="lmdb",
        url=lambda folder: f"lmdb://{folder}/store?map_size={1 << 30}",
        open=lambda folder, clock: LmdbStore(folder / "store", map_size=1 << 30, clock=clock),
        lacks={"unknown results": "a commit on this host takes place or fails"},
        open_small=lambda folder: LmdbStore(folder / "small", map_size=6 << 20),
    ),
    Backend(
        name="simulated",
        url=lambda _: "",
        open=simulated,
        lacks={
            "other processes": "it is in the memory of this one",
            "sudden death": "it is in the memory of the process",
            "unknown results": "its faults are for the simulation, which needs a loop of its own",
            "a size of its own": "it is never full",
        },
    ),
    fdb_backend(foundationdb.cluster_file),
]


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def __call__(self) -> float:
        """Returns the time in seconds."""
        return time.monotonic() + self.skipped


async def get(store: Store, key: bytes) -> bytes | None:
    """Reads one key in its own transaction."""

    async def read(tx: Read) -> bytes | None:
        return await tx.get(key)

    return await store.read(read)


async def put(store: Store, *rows: tuple[bytes, bytes]) -> None:
    """Writes rows in one transaction."""

    async def write(tx: Write) -> None:
        for key, value in rows:
            tx.set(key, value)

    await store.write(write)


async def rows_of(
    store: Store, begin: bytes, end: bytes, *, limit: int = 1000, reverse: bool = False
) -> list[tuple[bytes, bytes]]:
    """Reads a range in its own transaction."""

    async def read(tx: Read) -> list[tuple[bytes, bytes]]:
        return await tx.get_range(begin, end, limit=limit, reverse=reverse)

    return await store.read(read)


async def increment(store: Store, key: bytes) -> int:
    """Adds one by reading and writing, which loses updates if transactions are not isolated."""

    async def write(tx: Write) -> int:
        number = int(await tx.get(key) or b"0") + 1
        tx.set(key, b"%d" % number)
        return number

    return await store.write(write)
