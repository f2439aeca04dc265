"""The conformance suite of the storage port, written against the port alone."""

import asyncio
import random
import signal
import sys
import time
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import fdb.tuple
import pytest

from kernel.errors import StorageUnavailable
from kernel.storage import (
    KEY_BYTES,
    RANGE_ROWS,
    VALUE_BYTES,
    ForeignAwait,
    LimitExceeded,
    Read,
    Store,
    Subspace,
    TransactionEnded,
    Write,
    counted,
)
from tests.contract.store import BACKENDS, Backend, Clock, get, increment, put, rows_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    """One implementation of the port, minus the tests of what it says that it lacks."""
    chosen: Backend = request.param
    for mark in request.node.iter_markers("needs"):
        if reason := chosen.lacks.get(mark.args[0]):
            pytest.skip(f"{chosen.name} lacks {mark.args[0]}: {reason}")
    return chosen


@pytest.fixture
def clock() -> Clock:
    """The clock of the store under test."""
    return Clock()


@pytest.fixture
async def store(backend: Backend, tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    """The store under test."""
    opened = backend.open(tmp_path, clock)
    yield opened
    await opened.close()


@pytest.fixture
def space() -> Subspace:
    """Keys that no other test uses, even if all share one store."""
    return Subspace(("contract", uuid.uuid4()))


@pytest.fixture
async def work(
    backend: Backend, tmp_path: Path
) -> AsyncIterator[Callable[..., Coroutine[Any, Any, Process]]]:
    """Starts other processes on the store; see `tests.contract.worker`."""
    started: list[Process] = []

    async def start(what: str, key: bytes, argument: object) -> Process:
        command = (sys.executable, "-m", "tests.contract.worker", what, backend.url(tmp_path))
        process = await asyncio.create_subprocess_exec(
            *command, key.hex(), str(argument), stdout=PIPE, cwd=ROOT
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


Work = Callable[..., Coroutine[Any, Any, Process]]


# Keys and ranges


async def test_a_key_has_the_value_set_last_and_none_after_clear(
    store: Store, space: Subspace
) -> None:
    """What is set can be read, set again and cleared; clearing an absent key is fine."""
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
    """Values come in the order asked for, with None for what is absent."""
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
    """The limit keeps the first rows, and in reverse the last ones."""
    await put(store, *((space.pack((number,)), b"%d" % number) for number in range(9)))
    forward = await rows_of(store, *space.range(), limit=3)
    backward = await rows_of(store, *space.range(), limit=3, reverse=True)
    assert [value for _, value in forward] == [b"0", b"1", b"2"]
    assert [value for _, value in backward] == [b"8", b"7", b"6"]


async def test_the_widest_range_shows_no_row_of_the_backend_itself(
    store: Store, space: Subspace
) -> None:
    """A range over everything has only rows that were set through the port."""
    await store.ping()

    async def write(tx: Write) -> None:
        tx.set_versionstamped_key(space.prefix, b"stamped")

    await store.write(write)
    for reverse in (False, True):
        rows = await rows_of(store, b"", b"\xff", reverse=reverse)
        assert [value for key, value in rows if key in space] == [b"stamped"]
        assert all(key < b"\xff" for key, _ in rows)


@pytest.mark.parametrize("seed", range(3))
async def test_transactions_do_what_a_dictionary_would(
    store: Store, space: Subspace, seed: int
) -> None:
    """Random writes, cleared ranges and reads agree with a plain model, within and after."""
    chance = random.Random(seed)  # noqa: S311
    model: dict[bytes, bytes] = {}
    keys = [space.pack((number,)) for number in range(30)]

    def expected(begin: bytes, end: bytes) -> list[tuple[bytes, bytes]]:
        return sorted((key, value) for key, value in model.items() if begin <= key < end)

    async def step(tx: Write) -> None:
        a, b = chance.choice(keys), chance.choice(keys)
        match chance.randrange(5):
            case 0 | 1 | 2:
                model[a] = b"%d" % chance.randrange(1000)
                tx.set(a, model[a])
            case 3:
                model.pop(a, None)
                tx.clear(a)
            case _:
                for key, _ in expected(a, b):
                    del model[key]
                tx.clear_range(a, b)
        assert await tx.get_range(a, b, limit=100) == expected(a, b)
        assert await tx.get_range(b, a, limit=5, reverse=True) == expected(b, a)[::-1][:5]
        assert await tx.get(a) == model.get(a)

    async def write(tx: Write) -> None:
        for _ in range(chance.randrange(1, 8)):
            await step(tx)

    for _ in range(60):
        await store.write(write)
        assert await rows_of(store, *space.range()) == expected(b"", b"\xff")


# Transactions


async def test_a_write_reads_what_it_wrote(store: Store, space: Subspace) -> None:
    """Set, clear, cleared ranges and additions show in the transaction that makes them."""
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


async def test_an_exception_undoes_the_whole_transaction_and_comes_out_unchanged(
    store: Store, space: Subspace
) -> None:
    """Nothing of a transaction that raises is written, and the very exception is seen."""
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


async def test_one_that_fails_does_not_touch_those_that_commit_with_it(
    store: Store, space: Subspace
) -> None:
    """Of many writes at once, exactly those that do not raise are there."""

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
    """A commit in the middle of a read does not show in it."""
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
    """While money moves between two accounts, every read finds the same sum."""
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
    """500 concurrent increments by reading and writing make 500, each with its own number."""
    key = space.pack(("counter",))
    numbers = await asyncio.gather(*(increment(store, key) for _ in range(500)))
    assert sorted(numbers) == list(range(1, 501))


async def test_no_update_is_lost_among_processes(store: Store, space: Subspace, work: Work) -> None:
    """Several processes that increment one counter lose none."""
    key = space.pack(("counter",))
    processes = [await work("increment", key, 100) for _ in range(4)]
    await asyncio.gather(*(increment(store, key) for _ in range(100)))
    assert [await process.wait() for process in processes] == [0, 0, 0, 0]
    assert await get(store, key) == b"500"


async def test_additions_wrap_around_as_signed_numbers_of_8_bytes(
    store: Store, space: Subspace
) -> None:
    """Many additions at once, negative ones too, make their sum in little-endian bytes."""
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


# Versionstamps


async def test_stamped_keys_sort_in_the_order_of_their_commits(
    store: Store, space: Subspace
) -> None:
    """A key stamped after another commit was acknowledged sorts behind it, under concurrency."""

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
    """The key unpacks to a complete versionstamp that counts in its transaction, and a suffix."""
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


# What a transaction may not do


async def _pending(_: Read, __: Store) -> None:
    await asyncio.get_running_loop().create_future()


async def _sleep(_: Read, __: Store) -> None:
    await asyncio.sleep(1)


async def _pass(_: Read, __: Store) -> None:
    await asyncio.sleep(0)


async def _event(_: Read, __: Store) -> None:
    await asyncio.Event().wait()


async def _task(_: Read, __: Store) -> None:
    task = asyncio.current_task()
    await asyncio.gather(asyncio.Future(), task or asyncio.Future())


async def _read_elsewhere(_: Read, store: Store) -> None:
    await get(store, b"a")


async def _write_elsewhere(_: Read, store: Store) -> None:
    await put(store, (b"elsewhere", b""))


async def _watch_elsewhere(_: Read, store: Store) -> None:
    await store.watch(b"a", b"")


async def _stubborn(_: Read, __: Store) -> None:
    try:
        await asyncio.sleep(0)
    finally:
        await asyncio.sleep(0)


FOREIGN = [
    _pending,
    _sleep,
    _pass,
    _event,
    _task,
    _read_elsewhere,
    _write_elsewhere,
    _watch_elsewhere,
]


@pytest.mark.parametrize("foreign", FOREIGN)
async def test_a_transaction_waits_for_nothing_foreign(
    backend: Backend,
    store: Store,
    space: Subspace,
    tmp_path: Path,
    foreign: Callable[[Read, Store], Coroutine[Any, Any, None]],
) -> None:
    """Anything but the transaction's own reads is refused, and nothing is written."""
    key = space.pack(("a",))
    other = backend.open(tmp_path / "other", time.monotonic)
    closed = []

    async def write(tx: Write) -> None:
        tx.set(key, b"")
        await foreign(tx, other)

    async def read(tx: Read) -> None:
        try:
            await foreign(tx, other)
        finally:
            closed.append(True)

    with pytest.raises(ForeignAwait):
        await store.write(write)
    with pytest.raises(ForeignAwait):
        await store.read(read)
    assert closed
    assert await get(store, key) is None
    assert await get(other, b"elsewhere") is None
    await other.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_transaction_that_does_not_end_when_closed_is_refused_all_the_same(
    store: Store,
) -> None:
    """Not even cleaning up waits for anything foreign."""
    with pytest.raises(ForeignAwait):
        await store.read(lambda tx: _stubborn(tx, store))
    with pytest.raises(ForeignAwait):
        await store.write(lambda tx: _stubborn(tx, store))


async def test_a_transaction_is_of_no_use_after_its_end(store: Store, space: Subspace) -> None:
    """Whoever keeps a transaction gets an error, whether it was committed or not."""
    kept: list[Write] = []
    key = space.pack(("a",))

    async def commit(tx: Write) -> None:
        kept.append(tx)

    async def fail(tx: Write) -> None:
        kept.append(tx)
        raise LookupError

    await store.write(commit)
    with pytest.raises(LookupError):
        await store.write(fail)
    for tx in kept:
        for late in (lambda tx=tx: tx.set(key, b""), lambda tx=tx: tx.clear(key)):
            with pytest.raises(TransactionEnded):
                late()
        with pytest.raises(TransactionEnded):
            tx.set_versionstamped_key(key, b"")
        with pytest.raises(TransactionEnded):
            await tx.get(key)
        with pytest.raises(TransactionEnded):
            await tx.get_many([])


# Limits


async def test_keys_and_values_up_to_their_limits_are_taken(store: Store, space: Subspace) -> None:
    """The longest key and the largest value come back as they were."""
    key = space.prefix.ljust(KEY_BYTES, b"k")
    await put(store, (key, b"v" * VALUE_BYTES))
    assert await get(store, key) == b"v" * VALUE_BYTES
    assert await rows_of(store, key, key + b"\x00") == [(key, b"v" * VALUE_BYTES)]


@pytest.mark.parametrize("key", [b"", b"k" * (KEY_BYTES + 1), b"\xff", b"\xff/ping"])
async def test_keys_beyond_the_limits_are_refused(store: Store, key: bytes) -> None:
    """An empty, too long or reserved key is refused by every call that takes one."""
    calls: list[Callable[[Write], object]] = [
        lambda tx: tx.set(key, b""),
        lambda tx: tx.clear(key),
        lambda tx: tx.add(key, 1),
    ]
    for call in calls:

        async def write(tx: Write, call: Callable[[Write], object] = call) -> None:
            call(tx)

        with pytest.raises(LimitExceeded):
            await store.write(write)
    with pytest.raises(LimitExceeded):
        await get(store, key)
    with pytest.raises(LimitExceeded):
        await store.watch(key, None)


@pytest.mark.parametrize(
    "call",
    [
        lambda tx: tx.set(b"a", b"v" * (VALUE_BYTES + 1)),
        lambda tx: tx.add(b"a", 2**63),
        lambda tx: tx.clear_range(b"", b"\xff\x00"),
        lambda tx: tx.clear_range(b"a", b"b" * (KEY_BYTES + 2)),
        lambda tx: tx.set_versionstamped_key(b"k" * (KEY_BYTES - 12), b""),
        lambda tx: tx.set_versionstamped_key(b"k", b"v" * (VALUE_BYTES + 1)),
        lambda tx: [tx.set(b"a%d" % n, b"v" * VALUE_BYTES) for n in range(50)],
        lambda tx: [tx.set_versionstamped_key(b"a", b"") for _ in range(65_537)],
    ],
)
async def test_writes_beyond_the_limits_are_refused(
    store: Store, call: Callable[[Write], object]
) -> None:
    """Values, counters, ranges, stamps and whole transactions have limits; nothing is written."""

    async def write(tx: Write) -> None:
        tx.set(b"before", b"")
        call(tx)

    with pytest.raises(LimitExceeded):
        await store.write(write)
    assert await get(store, b"before") is None


@pytest.mark.parametrize(
    ("begin", "end", "limit"),
    [
        (b"", b"\xff", 0),
        (b"", b"\xff", -1),
        (b"", b"\xff", RANGE_ROWS + 1),
        (b"", b"\xff\x00", 1),
        (b"", b"k" * (KEY_BYTES + 2), 1),
    ],
)
async def test_ranges_beyond_the_limits_are_refused(
    store: Store, begin: bytes, end: bytes, limit: int
) -> None:
    """A range needs a limit that somebody chose, and ends that every backend takes."""
    with pytest.raises(LimitExceeded):
        await rows_of(store, begin, end, limit=limit)


async def test_a_transaction_has_five_seconds(store: Store, space: Subspace, clock: Clock) -> None:
    """What takes longer is refused, in the middle of its reads or at its end, and not written."""
    key = space.pack(("a",))

    async def slow_write(tx: Write) -> None:
        tx.set(key, b"")
        clock.skipped += 5.1

    async def slow_read(tx: Read) -> None:
        clock.skipped += 5.1
        await tx.get_range(*space.range(), limit=1)
        pytest.fail("not reached")

    with pytest.raises(LimitExceeded):
        await store.write(slow_write)
    with pytest.raises(LimitExceeded):
        await store.read(slow_read)
    assert await get(store, key) is None


# Watching


async def test_a_watch_wakes_when_the_value_changes(store: Store, space: Subspace) -> None:
    """Those who wait get the new value; a change of another key does not wake them."""
    key = space.pack(("a",))
    waiting = [asyncio.create_task(store.watch(key, None)) for _ in range(3)]
    await put(store, (space.pack(("b",)), b"other"))
    await asyncio.sleep(0.06)
    assert not any(task.done() for task in waiting)
    await put(store, (key, b"new"))
    async with asyncio.timeout(2):
        assert await asyncio.gather(*waiting) == [b"new"] * 3


async def test_a_watch_of_what_has_changed_already_does_not_wait(
    store: Store, space: Subspace
) -> None:
    """A value that is not the one seen, or a key that is gone, is given at once."""
    key = space.pack(("a",))
    assert await store.watch(key, b"gone") is None
    await put(store, (key, b"now"))
    assert await store.watch(key, None) == b"now"


async def test_a_watch_wakes_when_another_process_writes(
    store: Store, space: Subspace, work: Work
) -> None:
    """A commit of another process is noticed as well."""
    key = space.pack(("a",))
    waiting = asyncio.create_task(store.watch(key, None))
    process = await work("set", key, "from outside")
    await process.wait()
    async with asyncio.timeout(0.5):
        assert await waiting == b"from outside"


async def test_a_cancelled_watch_leaves_the_others(store: Store, space: Subspace) -> None:
    """One that stops waiting does not disturb those that go on."""
    key = space.pack(("a",))
    first, second = (asyncio.create_task(store.watch(key, None)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await put(store, (key, b"new"))
    async with asyncio.timeout(2):
        assert await second == b"new"


# Lives and deaths


async def test_a_cancelled_write_harms_nobody(store: Store, space: Subspace) -> None:
    """When some of those who wait are cancelled, the others are committed and the store goes on."""
    writes = [
        asyncio.create_task(put(store, (space.pack((number,)), b"x"))) for number in range(40)
    ]
    await asyncio.sleep(0)
    for write in writes[::2]:
        write.cancel()
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes[::2])
    assert outcomes[1::2] == [None] * 20
    there = {space.unpack(key)[0] for key, _ in await rows_of(store, *space.range())}
    assert there >= set(range(1, 40, 2))
    await put(store, (space.pack(("after",)), b""))


@pytest.mark.needs("sudden death")
async def test_what_was_acknowledged_survives_kill_9(
    backend: Backend, tmp_path: Path, space: Subspace, work: Work
) -> None:
    """After a kill in the middle of the load, all that was answered is there, and whole."""
    acknowledged: set[int] = set()
    for life in range(3):
        process = await work("load", space[life].prefix, 8)
        assert process.stdout
        for _ in range(150):
            acknowledged.add(int(await process.stdout.readline()))
        process.send_signal(signal.SIGKILL)
        answered = (await process.stdout.read()).split(b"\n")
        acknowledged.update(int(line) for line in answered[:-1])
        await process.wait()
        store = backend.open(tmp_path, time.monotonic)
        left, right = [
            {
                space[life].unpack(key)[1]
                for key, _ in await rows_of(store, *space[life].range((side,)), limit=RANGE_ROWS)
            }
            for side in ("left", "right")
        ]
        await put(store, (space.pack(("alive",)), b""))
        await store.close()
        assert left == right
        assert left >= acknowledged
        acknowledged.clear()


@pytest.mark.needs("sudden death")
async def test_a_killed_process_does_not_hold_up_the_others(
    store: Store, space: Subspace, work: Work
) -> None:
    """Whatever a process was doing when it was killed, the others write on."""
    for life in range(3):
        process = await work("load", space[life].prefix, 4)
        assert process.stdout
        for _ in range(20):
            await process.stdout.readline()
            await put(store, (space.pack(("ours",)), b""))
        process.send_signal(signal.SIGKILL)
        async with asyncio.timeout(5):
            await put(store, (space.pack(("after",)), b"%d" % life))
            await store.ping()
    assert await get(store, space.pack(("after",))) == b"2"


async def test_a_store_is_free_when_close_returns(backend: Backend, tmp_path: Path) -> None:
    """It can be opened again at once, as often as one likes."""
    for number in range(5):
        store = backend.open(tmp_path, time.monotonic)
        await put(store, (b"a", b"%d" % number))
        await store.close()
    store = backend.open(tmp_path, time.monotonic)
    assert await get(store, b"a") == b"4"
    await store.close()


async def test_ping_is_silent_while_all_is_well(store: Store) -> None:
    """A store that takes reads and writes says nothing, again and again."""
    await store.ping()
    await store.ping()


async def test_closing_ends_what_was_accepted(
    backend: Backend, tmp_path: Path, space: Subspace
) -> None:
    """Writes under way are committed, watches end with an error, and so does every later call."""
    store = backend.open(tmp_path, time.monotonic)
    writes = [asyncio.create_task(put(store, (space.pack((number,)), b""))) for number in range(30)]
    watch = asyncio.create_task(store.watch(space.pack(("a",)), None))
    await asyncio.sleep(0)
    await asyncio.gather(store.close(), store.close())
    assert await asyncio.gather(*writes) == [None] * 30
    with pytest.raises(StorageUnavailable):
        await watch
    for late in (get(store, b"a"), put(store, (b"a", b"")), store.watch(b"a", b""), store.ping()):
        with pytest.raises(StorageUnavailable):
            await late
    await store.close()
    again = backend.open(tmp_path, time.monotonic)
    assert len(await rows_of(again, *space.range())) == 30
    await again.close()
