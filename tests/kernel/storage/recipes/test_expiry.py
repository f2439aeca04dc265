"""The index of expiry times."""

from datetime import UTC, datetime, timedelta

from kernel.storage import Read, Store, Subspace, Write
from kernel.storage.recipes.expiry import Due, Expiry, milliseconds

NOW = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)
SECOND = timedelta(seconds=1)
EXPIRY = Expiry(Subspace(("test", "expiry")))


async def _due(store: Store, now: datetime, limit: int = 10) -> list[bytes]:
    async def read(tx: Read) -> list[Due]:
        return await EXPIRY.due(tx, now, limit)

    return [due.key for due in await store.read(read)]


async def test_due_entries_are_read_oldest_first_and_bounded(store: Store) -> None:
    """Only expired entries are read, in the order of their times, up to the limit."""

    async def write(tx: Write) -> None:
        for seconds in (3, 1, 2, 5):
            EXPIRY.put(tx, NOW + seconds * SECOND, b"row %d" % seconds)

    await store.write(write)
    assert await _due(store, NOW) == []
    assert await _due(store, NOW + SECOND - timedelta(microseconds=100)) == []
    assert await _due(store, NOW + 3.001 * SECOND) == [b"row 1", b"row 2", b"row 3"]
    assert await _due(store, NOW + 9 * SECOND, 2) == [b"row 1", b"row 2"]


async def test_an_entry_is_removed_by_its_time_and_key(store: Store) -> None:
    """Clearing removes exactly one entry, also with the longest key; one of the same time stays."""
    long = b"k" * 500

    async def write(tx: Write) -> None:
        EXPIRY.put(tx, NOW, b"row")
        EXPIRY.put(tx, NOW, long)
        EXPIRY.clear(tx, NOW, b"row")

    await store.write(write)
    assert await _due(store, NOW + SECOND) == [long]


def test_times_in_keys_are_whole_milliseconds() -> None:
    """Parts of a millisecond are cut."""
    assert milliseconds(NOW) == 1767323045678
    assert milliseconds(datetime(1970, 1, 1, tzinfo=UTC)) == 0
