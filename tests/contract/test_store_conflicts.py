"""The conformance suite of the storage port: conflicting transactions."""

import asyncio

from kernel.storage import RANGE_ROWS, Store, Subspace, Write
from kernel.storage.conflicts import counted_conflicts
from tests.contract.store import get, increment, put, rows_of


async def test_no_write_skew(store: Store, space: Subspace) -> None:
    """No write skew: if each may leave only while another stays, one stays."""
    for round_ in range(20):
        keys = [space.pack((round_, person)) for person in range(4)]
        await put(store, *((key, b"here") for key in keys))

        async def leave(own: bytes, keys: list[bytes] = keys) -> None:
            async def write(tx: Write) -> None:
                if (await tx.get_many(keys)).count(b"here") > 1:
                    tx.set(own, b"gone")

            await store.write(write)

        await asyncio.gather(*(leave(key) for key in keys))
        assert [await get(store, key) for key in keys].count(b"here") == 1


async def test_rows_that_appear_in_a_range_that_was_read_are_noticed(
    store: Store, space: Subspace
) -> None:
    """No phantoms: a limit counted over a range holds, in both read directions."""
    for reverse in (False, True):
        places = space[int(reverse)]

        async def add(number: int, places: Subspace = places, back: bool = reverse) -> None:
            async def write(tx: Write) -> None:
                rows = await tx.get_range(*places.range(), limit=6, reverse=back)
                if len(rows) < 5:
                    tx.set(places.pack((number,)), b"")

            await store.write(write)

        await asyncio.gather(*(add(number) for number in range(40)))
        assert len(await rows_of(store, *places.range())) == 5


async def test_rows_that_vanish_from_a_range_that_was_read_are_noticed(
    store: Store, space: Subspace
) -> None:
    """Only one transaction takes a row, even if another clears the whole range."""
    await put(store, *((space.pack((number,)), b"") for number in range(30)))

    async def take(whole: bool) -> int:
        async def write(tx: Write) -> int:
            rows = await tx.get_range(*space.range(), limit=100 if whole else 1)
            if whole:
                tx.clear_range(*space.range())
            for key, _ in rows:
                tx.clear(key)
            return len(rows)

        return await store.write(write)

    taken = await asyncio.gather(*(take(number == 10) for number in range(20)))
    assert sum(taken) == 30
    assert await rows_of(store, *space.range()) == []


async def test_a_transaction_that_runs_again_leaves_nothing_of_its_first_run(
    store: Store, space: Subspace
) -> None:
    """However often a transaction is retried, it counts once, and only its last run's rows exist."""
    runs = 0
    counter = space.pack(("counter",))

    async def write(tx: Write) -> None:
        nonlocal runs
        runs += 1
        number = int(await tx.get(counter) or b"0") + 1
        tx.set(counter, b"%d" % number)
        tx.set(space.pack(("run", runs)), b"")
        tx.set_versionstamped_key(space["log"].prefix, b"%d" % number)

    await asyncio.gather(*(store.write(write) for _ in range(12)))
    assert runs >= 12
    assert await get(store, counter) == b"12"
    assert len(await rows_of(store, *space["run"].range())) == 12
    log = await rows_of(store, *space["log"].range())
    assert [int(value) for _, value in log] == list(range(1, 13))


async def test_reads_do_not_block_writes(store: Store, space: Subspace) -> None:
    """Snapshots of a constantly changing key are consistent, and do not block writes."""
    key = space.pack(("counter",))

    async def look() -> int:
        return int(await get(store, key) or b"0")

    seen: list[int] = []
    for _ in range(20):
        _, number = await asyncio.gather(increment(store, key), look())
        seen.append(number)
    assert seen == sorted(seen)
    assert await get(store, key) == b"20"


async def test_clearing_a_range_leaves_its_neighbours(store: Store, space: Subspace) -> None:
    """Clearing a range spares keys that share its prefix, and the key at its end."""
    beside = [space.prefix, space.pack(("a",)), space.pack(("aa",)), space.pack(("b",))]
    inside = [space.pack(("a", 0)), space.pack(("a", "b")), space.pack(("a", b"\xff"))]
    await put(store, *((key, b"") for key in beside + inside))

    async def clear(tx: Write) -> None:
        tx.clear_range(*space.range(("a",)))

    await store.write(clear)
    rows = await rows_of(store, space.prefix, space.range()[1])
    assert [key for key, _ in rows] == beside


async def test_a_range_of_many_megabytes_comes_whole(store: Store, space: Subspace) -> None:
    """A range that exceeds one response of a cluster is complete, in both directions."""
    rows = [(space.pack((number,)), b"%04d" % number * 500) for number in range(4000)]
    for first in range(0, len(rows), 1000):
        await put(store, *rows[first : first + 1000])
    assert await rows_of(store, *space.range(), limit=RANGE_ROWS) == rows
    assert await rows_of(store, *space.range(), limit=3500, reverse=True) == rows[:499:-1]


async def test_conflicts_are_counted(store: Store, space: Subspace) -> None:
    """A caller can count the conflicts of its transaction: at most one for each attempt but the last."""
    key = space.pack(("counter",))
    attempts, conflicts = 0, 0

    async def add() -> None:
        nonlocal attempts, conflicts

        async def write(tx: Write) -> None:
            nonlocal attempts
            attempts += 1
            tx.set(key, str(int(await tx.get(key) or b"0") + 1).encode())

        with counted_conflicts() as own:
            await store.write(write)
        conflicts += own.count

    await asyncio.gather(*(add() for _ in range(20)))
    assert await get(store, key) == b"20"
    assert conflicts == attempts - 20
