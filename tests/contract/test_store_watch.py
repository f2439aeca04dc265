"""The conformance suite of the storage port: waiting for a value to change."""

import asyncio

import pytest

from kernel.storage import Store, Subspace
from tests.contract.store import Work, put


async def test_a_watch_wakes_when_the_value_changes(store: Store, space: Subspace) -> None:
    """All watchers of a key get its new value; a change of another key does not wake them."""
    key = space.pack(("a",))
    waiting = [asyncio.create_task(store.watch(key, None)) for _ in range(3)]
    await put(store, (space.pack(("b",)), b"other"))
    await asyncio.sleep(0.06)
    assert not any(task.done() for task in waiting)
    await put(store, (key, b"new"))
    async with asyncio.timeout(30):
        assert await asyncio.gather(*waiting) == [b"new"] * 3


async def test_a_watch_of_an_already_changed_value_does_not_wait(
    store: Store, space: Subspace
) -> None:
    """If the value already differs from the one seen, the watch returns it at once."""
    key = space.pack(("a",))
    assert await store.watch(key, b"gone") is None
    await put(store, (key, b"now"))
    assert await store.watch(key, None) == b"now"


@pytest.mark.needs("other processes")
async def test_a_watch_wakes_when_another_process_writes(
    store: Store, space: Subspace, work: Work
) -> None:
    """A commit of another process wakes a watch."""
    key = space.pack(("a",))
    waiting = asyncio.create_task(store.watch(key, None))
    process = await work("set", key, "from outside")
    await process.wait()
    async with asyncio.timeout(30):
        assert await waiting == b"from outside"


async def test_a_cancelled_watch_leaves_the_others(store: Store, space: Subspace) -> None:
    """Cancelling one watch leaves the others waiting."""
    key = space.pack(("a",))
    first, second = (asyncio.create_task(store.watch(key, None)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await put(store, (key, b"new"))
    async with asyncio.timeout(30):
        assert await second == b"new"
