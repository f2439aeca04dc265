"""Tombstones: deleted for good, or up to an epoch."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from kernel.storage import Read, Store, Subspace, Write
from kernel.storage.recipes.tombstones import Tombstones, is_gone
from tests.contract.store import rows_of

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
SPACE = Subspace(("test", "gone"))
GONE = Tombstones(SPACE, "id")
LEFT = Tombstones(SPACE["left"], "place_id", "id")


PLACE, ONE, OTHER = (UUID(int=number) for number in (1, 2, 3))


async def _sweep(
    store: Store, now: datetime, limit: int = 10, tombstones: Tombstones = GONE
) -> int:
    async def write(tx: Write) -> int:
        return await tombstones.sweep(tx, now, limit)

    return await store.write(write)


async def _put(
    tombstones: Tombstones, store: Store, *ids: UUID, epoch: int = 0, until: datetime = NOW + HOUR
) -> None:
    async def write(tx: Write) -> None:
        await tombstones.put(tx, *ids, until=until, epoch=epoch)

    await store.write(write)


async def _gone(tombstones: Tombstones, store: Store, *ids: UUID, epoch: int) -> bool:
    return is_gone(await store.read(lambda tx: tx.get(tombstones.key(*ids))), epoch)


async def test_a_tombstone_is_kept_until_its_time(store: Store) -> None:
    """The first expiry time counts, and no rows are left after it."""
    gone, other = uuid4(), uuid4()

    async def put(tx: Write) -> None:
        await GONE.put(tx, gone, until=NOW + HOUR)
        await GONE.put(tx, gone, until=NOW + 2 * HOUR)

    async def known(tx: Read) -> list[bool]:
        return [await GONE.has(tx, one) for one in (gone, other)]

    await store.write(put)
    assert await _sweep(store, NOW) == 0
    assert await store.read(known) == [True, False]
    assert await _sweep(store, NOW + HOUR) == 1
    assert await store.read(known) == [False, False]
    assert await rows_of(store, *SPACE.range()) == []


async def test_sweeps_are_bounded(store: Store) -> None:
    """A sweep removes at most the given number."""

    async def put(tx: Write) -> None:
        for _ in range(5):
            await GONE.put(tx, uuid4(), until=NOW)

    await store.write(put)
    assert [await _sweep(store, NOW, 3) for _ in range(3)] == [3, 2, 0]


async def test_a_tombstone_with_an_epoch_spares_later_ones(store: Store) -> None:
    """A tombstone with an epoch rejects smaller epochs, but not the same or later ones."""
    await _put(LEFT, store, PLACE, ONE, epoch=5)
    assert [await _gone(LEFT, store, PLACE, ONE, epoch=epoch) for epoch in (0, 4, 5, 6)] == [
        True,
        True,
        False,
        False,
    ]


async def test_a_tombstone_without_an_epoch_is_permanent(store: Store) -> None:
    """A tombstone without an epoch rejects every epoch."""
    await _put(GONE, store, ONE)
    assert [await _gone(GONE, store, ONE, epoch=epoch) for epoch in (0, 1, 1 << 60)] == [True] * 3
    assert not is_gone(None, 0)


async def test_a_tombstone_matches_exactly_its_ids(store: Store) -> None:
    """A tombstone matches only its exact ids in their order."""
    await _put(LEFT, store, PLACE, ONE, epoch=5)
    for ids in ((OTHER, ONE), (PLACE, OTHER), (ONE, PLACE)):
        assert not await _gone(LEFT, store, *ids, epoch=1)


async def test_a_larger_epoch_moves_the_end(store: Store) -> None:
    """A larger epoch replaces the expiry time, and no rows are left after it."""
    await _put(LEFT, store, PLACE, ONE, epoch=5)
    await _put(LEFT, store, PLACE, ONE, epoch=7, until=NOW + 2 * HOUR)
    assert await _gone(LEFT, store, PLACE, ONE, epoch=6)
    assert await _sweep(store, NOW + HOUR, tombstones=LEFT) == 0
    assert await _gone(LEFT, store, PLACE, ONE, epoch=6)
    assert await _sweep(store, NOW + 2 * HOUR, tombstones=LEFT) == 1
    assert await rows_of(store, *SPACE.range()) == []


async def test_a_late_epoch_changes_nothing(store: Store) -> None:
    """An epoch smaller than or equal to the stored one changes neither epoch nor expiry."""
    await _put(LEFT, store, PLACE, ONE, epoch=5)
    before = await rows_of(store, *SPACE.range())
    for epoch in (3, 5):
        await _put(LEFT, store, PLACE, ONE, epoch=epoch, until=NOW + 2 * HOUR)
    assert await rows_of(store, *SPACE.range()) == before


async def test_a_permanent_tombstone_is_final(store: Store) -> None:
    """A tombstone with an epoch can become permanent, and never the reverse."""
    for epoch in (5, 0, 7):
        await _put(LEFT, store, PLACE, ONE, epoch=epoch)
    assert await _gone(LEFT, store, PLACE, ONE, epoch=100)
