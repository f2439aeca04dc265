"""The conformance suite of the storage port, first part: rows, transactions, stamps."""

import asyncio
import time
from pathlib import Path

import fdb.tuple
import pytest

from kernel.storage import Read, Store, Subspace, Write, counted
from tests.contract.store import Backend, Work, get, increment, put, rows_of


async def test_a_key_has_the_value_set_last_and_none_after_clear(
    store: Store, space: Subspace
) -> None:
    """A key can be set, read, set again and cleared; clearing an absent key is no error."""
    key = space.pack(("a",))
    assert await get(store, key) is None
    await put(store, (key, b"1"))
    await put(store, (key, b""))
    assert await get(store, key) == b""

    async def clear(tx: Write) -> None:
        tx.clear(key)
        tx.clear(key)

    await store.write(clear)
    assert await get(store, key) is None


async def test_get_many_keeps_the_order_of_the_keys(store: Store, space: Subspace) -> None:
    """Values are in the order of the keys, with None for absent ones."""
    a, b, c = (space.pack((name,)) for name in "abc")
    await put(store, (a, b"1"), (c, b"3"))

    async def read(tx: Read) -> list[bytes | None]:
        return await tx.get_many(key for key in (c, b, a, c))

    assert await store.read(read) == [b"3", None, b"1", b"3"]


async def test_a_range_includes_its_begin_and_excludes_its_end(
    store: Store, space: Subspace
) -> None:
    """Both ends are exact, in both directions, whether or not there is a row at the end."""
    keys = [space.pack((number,)) for number in range(6)]
    await put(store, *((key, b"") for key in keys))
    for begin, end, expected in (
        (keys[1], keys[4], keys[1:4]),
        (keys[1] + b"\x00", keys[4] + b"\x00", keys[2:5]),
        (keys[3], keys[3], []),
        (keys[4], keys[1], []),
    ):
        assert [key for key, _ in await rows_of(store, begin, end)] == expected
        backward = await rows_of(store, begin, end, reverse=True)
        assert [key for key, _ in backward] == expected[::-1]


async def test_a_limit_cuts_a_range_from_the_side_it_begins_at(
    store: Store, space: Subspace
) -> None:
    """The limit keeps the first rows, or the last ones in reverse."""
    await put(store, *((space.pack((number,)), b"%d" % number) for number in range(9)))
    forward = await rows_of(store, *space.range(), limit=3)
    backward = await rows_of(store, *space.range(), limit=3, reverse=True)
    assert [value for _, value in forward] == [b"0", b"1", b"2"]
    assert [value for _, value in backward] == [b"8", b"7", b"6"]


async def test_the_widest_range_hides_rows_of_the_backend(store: Store, space: Subspace) -> None:
    """A range over everything returns only rows that were set through the port."""
    await store.ping()

    async def write(tx: Write) -> None:
        tx.set_versionstamped_key(space.prefix, b"stamped")

    await store.write(write)
    for reverse in (False, True):
        rows = await rows_of(store, b"", b"\xfe", reverse=reverse)
        assert [value for key, value in rows if key in space] == [b"stamped"]
        assert all(key < b"\xfe" for key, _ in rows)


async def test_a_write_reads_what_it_wrote(store: Store, space: Subspace) -> None:
    """A transaction reads its own sets, clears, cleared ranges and additions."""
    a, b, counter = (space.pack((name,)) for name in ("a", "b", "counter"))
    await put(store, (a, b"old"), (b, b"old"))

    async def write(tx: Write) -> list[bytes | None]:
        tx.set(a, b"new")
        tx.clear(b)
        tx.add(counter, 2)
        tx.add(counter, 3)
        seen = await tx.get_many((a, b))
        tx.clear_range(a, b)
        return [*seen, await tx.get(a), b"%d" % counted(await tx.get(counter))]

    assert await store.write(write) == [b"new", None, None, b"5"]


async def test_an_exception_aborts_the_transaction_and_is_raised_unchanged(
    store: Store, space: Subspace
) -> None:
    """A transaction that raises writes nothing, and the caller gets the same exception."""
    key = space.pack(("a",))
    await put(store, (key, b"before"))
    error = LookupError("the caller's own")

    async def write(tx: Write) -> None:
        tx.set(key, b"after")
        tx.set(space.pack(("b",)), b"")
        tx.add(space.pack(("c",)), 1)
        tx.set_versionstamped_key(space["log"].prefix, b"")
        raise error

    async def read(_: Read) -> None:
        raise error

    for attempt in (store.write(write), store.read(read)):
        with pytest.raises(LookupError) as caught:
            await attempt
        assert caught.value is error
    assert await rows_of(store, *space.range()) == [(key, b"before")]


async def test_a_failed_write_does_not_affect_concurrent_writes(
    store: Store, space: Subspace
) -> None:
    """Of many concurrent writes, exactly those that do not raise are committed."""

    async def one(number: int) -> None:
        async def write(tx: Write) -> None:
            tx.set(space.pack((number,)), b"")
            if number % 3 == 0:
                raise LookupError

        await store.write(write)

    outcomes = await asyncio.gather(*(one(n) for n in range(60)), return_exceptions=True)
    assert [isinstance(outcome, LookupError) for outcome in outcomes] == [
        number % 3 == 0 for number in range(60)
    ]
    there = {space.unpack(key)[0] for key, _ in await rows_of(store, *space.range())}
    assert there == {number for number in range(60) if number % 3}


async def test_a_read_sees_one_snapshot(store: Store, space: Subspace) -> None:
    """A read does not see a commit that happens during it."""
    key = space.pack(("a",))
    await put(store, (key, b"before"))
    writing = asyncio.create_task(put(store, (key, b"after")))
    await asyncio.sleep(0)

    async def read(tx: Read) -> list[object]:
        first = await tx.get(key)
        time.sleep(0.05)  # noqa: ASYNC251 - what is accepted may be committed now
        return [first, await tx.get(key), await tx.get_range(key, key + b"\x00", limit=1)]

    first, second, rows = await store.read(read)
    assert second == first
    assert rows == [(key, first)]
    await writing
    assert await get(store, key) == b"after"


async def test_no_reader_sees_half_a_transaction(store: Store, space: Subspace) -> None:
    """While amounts move between two accounts, every read finds the same sum."""
    a, b = space.pack(("a",)), space.pack(("b",))
    await put(store, (a, b"500"), (b, b"500"))

    async def move(tx: Write) -> None:
        x, y = (int(value or b"") for value in await tx.get_many((a, b)))
        tx.set(a, b"%d" % (x - 1))
        tx.set(b, b"%d" % (y + 1))

    async def total(tx: Read) -> int:
        return sum(int(value) for _, value in await tx.get_range(*space.range(), limit=10))

    moving = asyncio.gather(*(store.write(move) for _ in range(200)))
    while not moving.done():
        assert await store.read(total) == 1000
        await asyncio.sleep(0)
    await moving
    assert await get(store, a) == b"300"


async def test_no_update_is_lost_among_500_at_once(store: Store, space: Subspace) -> None:
    """500 concurrent read-write increments add up to 500, and each returns a different number."""
    key = space.pack(("counter",))
    numbers = await asyncio.gather(*(increment(store, key) for _ in range(500)))
    assert sorted(numbers) == list(range(1, 501))


@pytest.mark.needs("other processes")
async def test_no_update_is_lost_among_processes(store: Store, space: Subspace, work: Work) -> None:
    """Several processes increment one counter, and no update is lost."""
    key = space.pack(("counter",))
    processes = [await work("increment", key, 100) for _ in range(4)]
    await asyncio.gather(*(increment(store, key) for _ in range(100)))
    assert [await process.wait() for process in processes] == [0, 0, 0, 0]
    assert await get(store, key) == b"500"


async def test_additions_wrap_around_as_signed_numbers_of_8_bytes(
    store: Store, space: Subspace
) -> None:
    """Many concurrent additions, also negative ones, add up, in little-endian bytes."""
    key = space.pack(("counter",))

    async def add(delta: int) -> None:
        async def write(tx: Write) -> None:
            tx.add(key, delta)

        await store.write(write)

    await asyncio.gather(*(add(delta) for delta in range(-10, 9)))
    assert await get(store, key) == (-19).to_bytes(8, "little", signed=True)
    await add(-(2**63) + 19)
    await add(2**63 - 1)
    await add(1)
    assert counted(await get(store, key)) == 0


async def test_stamped_keys_sort_in_the_order_of_their_commits(
    store: Store, space: Subspace
) -> None:
    """A key stamped after another commit was acknowledged sorts after it, under concurrency."""

    async def append(writer: int) -> None:
        for number in range(10):
            label = b"%d %d" % (writer, number)

            async def write(tx: Write, label: bytes = label) -> None:
                tx.set_versionstamped_key(space.prefix, label + b" first")
                tx.set_versionstamped_key(space.prefix, label + b" second")

            await store.write(write)

    await asyncio.gather(*(append(writer) for writer in range(20)))
    values = [value.split() for _, value in await rows_of(store, *space.range())]
    assert len(values) == 400
    assert all(a[:2] == b[:2] for a, b in zip(values[::2], values[1::2], strict=True))
    for writer in range(20):
        mine = [value[1:] for value in values if int(value[0]) == writer]
        assert mine == [[b"%d" % n, place] for n in range(10) for place in (b"first", b"second")]


async def test_a_stamped_key_is_a_tuple(store: Store, space: Subspace) -> None:
    """The key unpacks to a complete versionstamp with its number in the transaction, and a suffix."""
    suffix = fdb.tuple.pack(("behind",))

    async def write(tx: Write) -> None:
        for _ in range(2):
            tx.set_versionstamped_key(space["log"].prefix, b"", suffix)

    await store.write(write)
    rows = await rows_of(store, *space["log"].range())
    (first, text), (second, _) = (space["log"].unpack(key) for key, _ in rows)
    assert text == "behind"
    assert first.is_complete()
    assert first.tr_version == second.tr_version
    assert [first.user_version, second.user_version] == [0, 1]


@pytest.mark.needs("other processes")
async def test_stamps_grow_over_processes_and_reopening(
    backend: Backend, tmp_path: Path, space: Subspace, work: Work
) -> None:
    """Neither a restart nor another process breaks the order of the stamps."""

    async def append() -> None:
        async def write(tx: Write) -> None:
            tx.set_versionstamped_key(space.prefix, b"ours")

        store = backend.open(tmp_path, time.monotonic)
        await store.write(write)
        await store.close()

    for _ in range(2):
        await append()
        assert await (await work("stamp", space.prefix, 3)).wait() == 0
    await append()
    store = backend.open(tmp_path, time.monotonic)
    values = [value for _, value in await rows_of(store, *space.range())]
    assert values == [b"ours", b"", b"", b"", b"ours", b"", b"", b"", b"ours"]
    await store.close()
