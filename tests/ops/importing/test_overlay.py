"""What a dry run writes: seen by its later transactions, and nowhere else."""

from pathlib import Path

import pytest

from kernel.storage import Read, Store, Write, counted
from ops.importing.overlay import Overlay
from tests.support.store import rows_between


@pytest.fixture
async def filled(store: Store) -> Store:
    """A store with some rows and a counter."""

    async def write(tx: Write) -> None:
        for key in (b"a", b"b", b"c", b"d"):
            tx.set(key, b"old")
        tx.add(b"n", 2)

    await store.write(write)
    return store


async def test_later_transactions_see_it(filled: Store, tmp_path: Path) -> None:
    """Reads of a key, of several and of a range, forwards and backwards, and counters."""
    overlay, before = Overlay(filled, tmp_path), await rows_between(filled, b"", b"\xfe")

    async def change(tx: Write) -> None:
        tx.set(b"b", b"new")
        tx.clear(b"c")
        tx.set(b"e", b"new")
        tx.add(b"n", 3)
        tx.add(b"m", 1)
        tx.set_versionstamped_key(b"v", b"")
        assert await tx.get(b"b") == b"new"

    async def look(tx: Write) -> None:
        assert await tx.get_many([b"a", b"b", b"c", b"e"]) == [b"old", b"new", None, b"new"]
        rows = [(b"a", b"old"), (b"b", b"new"), (b"d", b"old"), (b"e", b"new")]
        assert await tx.get_range(b"a", b"f", limit=10) == rows
        assert await tx.get_range(b"a", b"f", limit=3) == rows[:3]
        assert await tx.get_range(b"a", b"f", limit=2, reverse=True) == rows[:1:-1]
        found = dict(await tx.get_range(b"m", b"o", limit=10))
        assert {key: counted(value) for key, value in found.items()} == {b"m": 1, b"n": 5}
        assert counted(await tx.get(b"n")) == 5

    await overlay.write(change)
    await overlay.write(look)
    overlay.close()
    assert await rows_between(filled, b"", b"\xfe") == before


async def test_a_failed_transaction_leaves_nothing(filled: Store, tmp_path: Path) -> None:
    """As in a store."""
    overlay = Overlay(filled, tmp_path)

    async def fail(tx: Write) -> None:
        tx.set(b"a", b"new")
        tx.add(b"n", 3)
        raise KeyError

    async def look(tx: Read) -> tuple[bytes | None, int]:
        return await tx.get(b"a"), counted(await tx.get(b"n"))

    with pytest.raises(KeyError):
        await overlay.write(fail)
    assert await overlay.write(look) == (b"old", 2)
    overlay.close()
