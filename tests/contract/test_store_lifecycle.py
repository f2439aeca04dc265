"""The conformance suite of the storage port: cancellation, crashes, and closing a store."""

import asyncio
import signal
import time
from pathlib import Path

import pytest

from kernel.errors import StorageUnavailable
from kernel.storage import RANGE_ROWS, Store, Subspace, Write
from tests.contract.store import Backend, Work, get, put, rows_of


async def test_a_cancelled_write_leaves_the_others(store: Store, space: Subspace) -> None:
    """If some waiting writes are cancelled, the others are committed and the store keeps working."""
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
    """A cancelled caller gets the cancellation, even if the transaction's cleanup fails."""
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
async def test_acknowledged_writes_survive_kill_9(
    backend: Backend, tmp_path: Path, space: Subspace, work: Work
) -> None:
    """After a kill during the load, every acknowledged transaction is there, complete."""
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
    """When a process is killed at any moment, the others can still write."""
    for life in range(3):
        process = await work("load", space[life].prefix, 4)
        assert process.stdout
        for _ in range(20):
            await process.stdout.readline()
            await put(store, (space.pack(("ours",)), b""))
        process.send_signal(signal.SIGKILL)
        async with asyncio.timeout(30):
            await put(store, (space.pack(("after",)), b"%d" % life))
            await store.ping()
    assert await get(store, space.pack(("after",))) == b"2"


async def test_a_store_is_free_when_close_returns(backend: Backend, tmp_path: Path) -> None:
    """A store can be opened again immediately after it was closed, repeatedly."""
    for number in range(5):
        store = backend.open(tmp_path, time.monotonic)
        await put(store, (b"a", b"%d" % number))
        await store.close()
    store = backend.open(tmp_path, time.monotonic)
    assert await get(store, b"a") == b"4"
    await store.close()


async def test_ping_is_silent_while_all_is_well(store: Store) -> None:
    """A ping of a working store raises nothing."""
    await store.ping()
    await store.ping()


async def test_closing_completes_accepted_writes(
    backend: Backend, tmp_path: Path, space: Subspace
) -> None:
    """Pending writes are committed; watches and all later calls fail."""
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
