"""What is gone for good."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from kernel.storage import Read, Store, Subspace, Write
from kernel.storage.tombstones import Tombstones
from tests.contract.store import rows_of

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPACE = Subspace(("test", "gone"))
GONE = Tombstones(SPACE, "id")


async def _sweep(store: Store, now: datetime, limit: int = 10) -> int:
    async def write(tx: Write) -> int:
        return await GONE.sweep(tx, now, limit)

    return await store.write(write)


async def test_what_is_gone_is_remembered_until_its_time(store: Store) -> None:
    """The first time counts, and nothing is left behind after it."""
    gone, other = uuid4(), uuid4()

    async def put(tx: Write) -> None:
        await GONE.put(tx, gone, NOW + HOUR)
        await GONE.put(tx, gone, NOW + 2 * HOUR)

    async def known(tx: Read) -> list[bool]:
        return [await GONE.has(tx, one) for one in (gone, other)]

    await store.write(put)
    assert await _sweep(store, NOW) == 0
    assert await store.read(known) == [True, False]
    assert await _sweep(store, NOW + HOUR) == 1
    assert await store.read(known) == [False, False]
    assert await rows_of(store, *SPACE.range()) == []


async def test_sweeps_are_bounded(store: Store) -> None:
    """At most so many go at once."""

    async def put(tx: Write) -> None:
        for _ in range(5):
            await GONE.put(tx, uuid4(), NOW)

    await store.write(put)
    assert [await _sweep(store, NOW, 3) for _ in range(3)] == [3, 2, 0]
