"""The time limit of a transaction excludes time that the cluster takes."""

import asyncio
import signal

import pytest

from kernel.storage import Read
from tests.contract.store import Clock
from tests.support import foundationdb
from tests.support.cluster import PROCESSES, Cluster

pytestmark = pytest.mark.drill


@pytest.mark.skipif(not foundationdb.chosen(), reason=foundationdb.WHY_NOT)
@pytest.mark.timeout(240)
async def test_waiting_is_not_counted(cluster: Cluster) -> None:
    """A transaction may wait for the cluster for longer than its own time limit."""
    from kernel.storage.fdb import FdbStore  # noqa: PLC0415 - needs the client library

    clock = Clock()
    store = FdbStore(cluster.file, prefix=b"slow", clock=clock)
    await store.ping()

    async def get(tx: Read) -> bytes | None:
        return await tx.get(b"key")

    for number in range(PROCESSES):
        cluster.signal(number, signal.SIGSTOP)
    reading = asyncio.create_task(store.read(get))
    await asyncio.sleep(0.2)
    clock.skipped += 60
    for number in range(PROCESSES):
        cluster.signal(number, signal.SIGCONT)

    assert await reading is None
    await store.close()
