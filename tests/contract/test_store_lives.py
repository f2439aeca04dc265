"""The conformance suite of the storage port: waiting for changes, ends and deaths."""

import asyncio
import signal
import time
from pathlib import Path

import pytest

from kernel.errors import StorageUnavailable
from kernel.storage import RANGE_ROWS, Store, Subspace, Write
from tests.contract.store import Backend, Work, get, put, rows_of


async def test_a_watch_wakes_when_the_value_changes(store: Store, space: Subspace) -> None:
    """Those who wait get the new value; a change of another key does not wake them."""
    key = space.pack(("a",))
    waiting = [asyncio.create_task(store.watch(key, None)) for _ in range(3)]
    await put(store, (space.pack(("b",)), b"other"))
    await asyncio.sleep(0.06)
    assert not any(task.done() for task in waiting)
    await put(store, (key, b"new"))
    async with asyncio.timeout(5):
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
    async with asyncio.timeout(5):
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
    async with asyncio.timeout(5):
        assert await second == b"new"


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


async def test_a_transaction_that_fails_to_clean_up_hides_no_cancellation(
    store: Store, space: Subspace
) -> None:
    """Whoever is cancelled hears of that, whatever the transaction does at its own end."""
    key = space.pack(("a",))

    async def write(tx: Write) -> None:
        try:
            await tx.get(key)
        finally:
            await tx.get(key)

    writing = asyncio.create_task(store.write(write))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing


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
