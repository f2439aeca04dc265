"""Copying a store into another: what is copied, refused and detected."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from kernel.storage import KEY_BYTES, VALUE_BYTES, Store, Subspace, Write, open_store
from kernel.storage.limits import FIRST_RESERVED
from kernel.storage.moving.copy import BATCHES, Copy, CopyFailed
from kernel.storage.moving.progress import SPACE, CopyRefused, Position, Progress, is_unfinished
from tests.contract.store import put
from tests.support.eventually import eventually
from tests.support.moving import content, fill, lmdb_url
from tests.support.store import WatchedStore

ROWS = [(Subspace(("row",)).pack((number,)), b"%d" % number) for number in range(5000)]
FIRST, MIDDLE, LAST = (ROWS[place][0] for place in (0, 2500, -1))


@pytest.fixture
async def source(store: Store) -> Store:
    """A store with some rows."""
    await fill(store, ROWS)
    return store


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store."""
    opened = open_store(lmdb_url(tmp_path, "target"))
    yield opened
    await opened.close()


def ignore(_: int) -> None:
    """Ignores the progress."""


async def whole(source: Store, target: Store) -> Position:
    """Makes a complete copy."""
    copy = Copy(source, target, "source")
    await copy.begin()
    await copy.move_rows(ignore)
    await copy.compare(ignore)
    await copy.finish()
    return copy.position


async def test_a_copy_has_exactly_the_same_rows(source: Store, target: Store) -> None:
    """The target equals the source, has no bookkeeping rows, and all rows were counted."""
    done = await whole(source, target)
    assert await content(target) == ROWS == await content(source)
    assert (done.last_key, done.rows) == (LAST, len(ROWS))
    assert done.size == sum(len(key) + len(value) for key, value in ROWS)
    assert not await is_unfinished(target)


async def test_every_row_is_shown_once_in_each_pass(source: Store, target: Store) -> None:
    """The progress reports as many copied and compared rows as there are."""
    copied: list[int] = []
    compared: list[int] = []
    copy = Copy(source, target, "source")
    await copy.begin()
    await copy.move_rows(copied.append)
    await copy.compare(compared.append)
    assert sum(copied) == sum(compared) == len(ROWS)


async def test_an_empty_store_is_copied_too(store: Store, target: Store) -> None:
    """The target stays empty and usable."""
    assert await whole(store, target) == Position()
    assert await content(target) == []
    await put(target, (b"a", b"1"))


async def test_rows_are_copied_up_to_the_limits(store: Store, target: Store) -> None:
    """It copies the longest keys, the largest values and the last possible key after many small rows."""
    large = [
        (b"k" * (KEY_BYTES - 3) + b"%03d" % number, b"v" * VALUE_BYTES) for number in range(90)
    ]
    last = b"\xfd" + b"\xff" * (KEY_BYTES - 1)
    assert last < FIRST_RESERVED
    rows = [(b"a%06d" % number, b"") for number in range(6000)]
    rows += [*large, (last, b"end")]
    await fill(store, rows)
    await whole(store, target)
    assert await content(target) == rows


async def test_a_target_with_rows_is_refused(source: Store, target: Store) -> None:
    """Rows in the target stay unchanged, even if only the last possible key is set."""
    await put(target, (b"\xfd", b"mine"))
    with pytest.raises(CopyRefused, match="not empty"):
        await whole(source, target)
    assert await content(target) == [(b"\xfd", b"mine")]


async def test_a_finished_copy_is_not_made_again(source: Store, target: Store) -> None:
    """A finished copy is an ordinary store that is not empty."""
    await whole(source, target)
    with pytest.raises(CopyRefused, match="not empty"):
        await whole(source, target)


async def test_an_unfinished_copy_of_another_store_is_refused(source: Store, target: Store) -> None:
    """The refusal names the other store; `anew` accepts the target."""
    other = Copy(source, target, "the other one")
    await other.begin()
    await put(target, (b"left behind", b""), (b"\xfd", b""))
    with pytest.raises(CopyRefused, match="the other one"):
        await whole(source, target)
    copy = Copy(source, target, "source")
    await copy.begin(anew=True)
    await copy.move_rows(ignore)
    await copy.compare(ignore)
    await copy.finish()
    assert await content(target) == ROWS


async def test_anew_removes_no_store(source: Store, target: Store) -> None:
    """`anew` removes only unfinished copies; other targets with rows are still refused."""
    await put(target, (b"a", b"mine"))
    with pytest.raises(CopyRefused, match="not empty"):
        await Copy(source, target, "source").begin(anew=True)
    assert await content(target) == [(b"a", b"mine")]


async def test_an_unfinished_copy_is_refused_as_source(source: Store, target: Store) -> None:
    """An unfinished copy cannot be the source of another."""
    half = Copy(source, target, "source")
    await half.begin()
    with pytest.raises(CopyRefused, match="not finished"):
        await Copy(target, source, "half").begin()


async def test_the_later_of_two_copies_continues_alone(source: Store, target: Store) -> None:
    """The earlier copy writes no more, and cannot finish."""
    before, later = Copy(source, target, "source"), Copy(source, target, "source")
    await before.begin()
    await later.begin()
    with pytest.raises(CopyRefused, match="Another process"):
        await before.move_rows(ignore)
    with pytest.raises(CopyRefused, match="Another process"):
        await before.finish()
    await later.move_rows(ignore)
    await later.compare(ignore)
    await later.finish()
    assert await content(target) == ROWS


async def test_a_copy_resumes_where_it_stopped(source: Store, target: Store) -> None:
    """Existing rows are not written again; the counts include them."""
    rows = [*ROWS, *((b"\x03" + b"%06d" % number, b"v" * 900) for number in range(20_000))]
    await fill(source, rows)
    copy = Copy(source, target, "source")
    await copy.begin()
    with pytest.raises(LookupError):
        await copy.move_rows(_stop)
    again = Copy(source, target, "source")
    await again.begin()
    there = again.position.rows
    assert 0 < there < len(rows)
    assert again.position.last_key == rows[there - 1][0]
    shown: list[int] = []
    await again.move_rows(shown.append)
    assert sum(shown) == len(rows) - there
    assert again.position.rows == len(rows)
    await again.compare(ignore)


def _stop(_: int) -> None:
    raise LookupError


@pytest.mark.parametrize(
    ("there", "reached"),
    [([], 0), ([1], 1), ([1, 2, 3], 3), ([2], 0), ([1, 3], 1), ([3, 4], 0), ([1, 2, 4, 5], 2)],
)
async def test_what_counts_ends_before_the_first_gap(
    target: Store, there: list[int], reached: int
) -> None:
    """Of batches written concurrently, those after a missing one do not count."""
    progress = Progress(target, "source", b"first")
    await progress.claim(anew=False)

    async def write(tx: Write) -> None:
        for number in there:
            progress.record(tx, number, Position(b"%d" % number, bytes(10), number, number))

    await target.write(write)
    for run in (b"second", b"third"):
        number, position = await Progress(target, "source", run).claim(anew=False)
        assert (number, position.rows) == (reached, reached)
    assert len([key for key, _ in await content(target) if key in SPACE]) == 2


async def test_settled_batches_leave_no_rows(target: Store) -> None:
    """However long a copy is, it has few bookkeeping rows, among them the last settled one."""
    progress = Progress(target, "source", b"run")
    await progress.claim(anew=False)
    for number in range(1, 50):
        await target.write(_marking(progress, number, max(0, number - 3)))
    assert len(await content(target)) == 5
    assert (await Progress(target, "source", b"next").claim(anew=False))[0] == 49


def _marking(
    progress: Progress, number: int, settled: int
) -> Callable[[Write], Coroutine[Any, Any, None]]:
    async def write(tx: Write) -> None:
        progress.record(tx, number, Position(rows=number), settled=settled)

    return write


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (FIRST, b"other"),
        (MIDDLE, b"other"),
        (LAST, b"other"),
        (FIRST, None),
        (MIDDLE, None),
        (LAST, None),
        (b"\x01", b"before all"),
        (MIDDLE + b"\x00", b"between"),
        (b"\xfd", b"behind all"),
    ],
)
async def test_a_source_that_was_changed_is_noticed(
    source: Store, target: Store, key: bytes, value: bytes | None
) -> None:
    """The comparison fails if any row was changed, removed or added after it was copied."""
    copy = Copy(source, target, "source")
    await copy.begin()
    await copy.move_rows(ignore)

    async def change(tx: Write) -> None:
        if value is None:
            tx.clear(key)
        else:
            tx.set(key, value)

    await source.write(change)
    with pytest.raises(CopyFailed, match="changed"):
        await copy.compare(ignore)
    assert await is_unfinished(target)


class HeldStore(WatchedStore):
    """A store whose writes can be made to wait until they are cancelled.

    Attributes:
        holding: Whether writes wait.
        held: The number of writes that wait.
    """

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.holding = False
        self.held = 0

    async def write(self, fn: Callable[..., Any], *, essential: bool = False) -> Any:
        """Waits for ever, or writes to the wrapped store."""
        if not self.holding:
            return await super().write(fn, essential=essential)
        self.held += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.held -= 1


async def test_a_copy_that_is_cancelled_leaves_nothing_running(store: Store, target: Store) -> None:
    """All its writes are cancelled with it, and the copy can be resumed."""
    rows = [(b"%03d" % number, b"v" * VALUE_BYTES) for number in range(12 * BATCHES)]
    await fill(store, rows)
    held = HeldStore(target)
    copy = Copy(store, held, "source")
    await copy.begin()
    held.holding = True
    task = asyncio.create_task(copy.move_rows(ignore))
    await eventually(lambda: held.held == BATCHES)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert held.held == 0
    again = Copy(store, target, "source")
    await again.begin()
    await again.move_rows(ignore)
    await again.compare(ignore)
    await again.finish()
    assert await content(target) == rows
