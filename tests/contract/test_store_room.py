"""The conformance suite of the storage port: a store that is nearly full.

A cluster keeps room back by itself, so the tests of the limit need a backend with a size of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from kernel.errors import StorageFull
from kernel.storage import Store, Subspace, Write
from tests.contract.store import Backend, get, put, rows_of

VALUE = b"v" * 2000
BATCH = 50

needs_a_size = pytest.mark.needs("a size of its own")


@pytest.fixture
async def small(backend: Backend, tmp_path: Path) -> AsyncIterator[Store]:
    """A store of a few megabytes."""
    assert backend.open_small is not None
    opened = backend.open_small(tmp_path)
    yield opened
    await opened.close()


async def fill(store: Store, space: Subspace) -> int:
    """Writes until the store refuses it; returns how many rows it has taken."""
    number = 0
    try:
        while True:
            await put(store, (space.pack((number,)), VALUE))
            number += 1
    except StorageFull:
        return number


def clearing(space: Subspace, first: int) -> Callable[[Write], object]:
    """A transaction that removes some rows."""

    async def clear(tx: Write) -> None:
        for number in range(first, first + BATCH):
            tx.clear(space.pack((number,)))

    return clear


async def test_an_essential_write_is_a_write_like_any_other(store: Store, space: Subspace) -> None:
    """It returns the result of the function, and is undone if that raises."""
    key = space.pack(("a",))

    async def write(tx: Write) -> bytes | None:
        tx.set(key, b"1")
        return await tx.get(key)

    async def fail(tx: Write) -> None:
        tx.set(key, b"2")
        raise LookupError

    assert await store.write(write, essential=True) == b"1"
    with pytest.raises(LookupError):
        await store.write(fail, essential=True)
    assert await get(store, key) == b"1"


@needs_a_size
async def test_a_full_store_refuses_ordinary_writes(small: Store, space: Subspace) -> None:
    """It refuses what needs space, takes no part of it, and still answers reads."""
    count = await fill(small, space)
    assert count > BATCH
    with pytest.raises(StorageFull):
        await put(small, (space.pack(("a",)), b""), (space.pack(("b",)), VALUE))
    assert len(await rows_of(small, *space.range(), limit=10_000)) == count


@needs_a_size
async def test_a_full_store_takes_essential_writes(small: Store, space: Subspace) -> None:
    """Far more of them than one commit needs: each may add a row, too."""
    await fill(small, space)
    for number in range(200):

        async def note(tx: Write, number: int = number) -> None:
            tx.set(space.pack(("note", number)), b"n" * 100)

        await small.write(note, essential=True)
    assert len(await rows_of(small, *space.range(("note",)))) == 200


@needs_a_size
async def test_a_full_store_is_emptied_by_essential_writes(small: Store, space: Subspace) -> None:
    """All rows can be removed, whatever page they are on; then ordinary writes work again."""
    count = await fill(small, space)
    for first in range(0, count, BATCH):
        await small.write(clearing(space, first), essential=True)
    assert await rows_of(small, *space.range()) == []
    await small.ping()
    assert await fill(small, space) >= count * 0.9


@needs_a_size
async def test_essential_writes_pass_beside_ordinary_ones(small: Store, space: Subspace) -> None:
    """Of writes that share a commit, only the ordinary ones are refused."""
    await fill(small, space)
    key = space.pack(("essential",))

    async def note(tx: Write) -> None:
        tx.set(key, b"1")

    outcomes = await asyncio.gather(
        *(put(small, (space.pack(("a", number)), VALUE)) for number in range(10)),
        small.write(note, essential=True),
        *(put(small, (space.pack(("b", number)), VALUE)) for number in range(10)),
        return_exceptions=True,
    )
    assert await get(small, key) == b"1"
    assert [type(one) for one in outcomes] == [StorageFull] * 10 + [type(None)] + [StorageFull] * 10


@needs_a_size
async def test_a_transaction_that_writes_nothing_passes_in_a_full_store(
    small: Store, space: Subspace
) -> None:
    """A repeated call, whose transaction finds everything done, needs no room."""
    await fill(small, space)

    async def look(tx: Write) -> bytes | None:
        return await tx.get(space.pack((0,)))

    assert await small.write(look) == VALUE


@needs_a_size
async def test_ping_reports_a_full_store(small: Store, space: Subspace) -> None:
    """The readiness of a service depends on it."""
    await small.ping()
    await fill(small, space)
    with pytest.raises(StorageFull):
        await small.ping()


@needs_a_size
async def test_usage_grows_up_to_the_limit(small: Store, space: Subspace) -> None:
    """It is near its limit when the store refuses writes, and less after a removal."""
    empty = small.usage()
    assert empty is not None
    count = await fill(small, space)
    full = small.usage()
    assert full is not None
    assert empty.used < full.used <= full.limit
    assert full.used > 0.9 * full.limit
    for first in range(0, count, BATCH):
        await small.write(clearing(space, first), essential=True)
    emptied = small.usage()
    assert emptied is not None
    assert emptied.used < full.used / 2


async def test_usage_is_known_or_is_none(store: Store) -> None:
    """A backend either knows both numbers, or says that it knows none."""
    usage = store.usage()
    assert usage is None or 0 < usage.used < usage.limit
