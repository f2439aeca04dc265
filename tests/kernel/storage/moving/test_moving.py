"""`python -m kernel.storage copy`, as a user runs it: killed, repeated, misused."""

import asyncio
import os
import pty
import random
import signal
import termios
from pathlib import Path

import pytest

from kernel.storage import Store, Subspace, open_store
from kernel.storage.moving.addresses import folder_of, overlap, place_of
from kernel.storage.moving.progress import SPACE
from kernel.storage.moving.scanning import Row
from kernel.storage.port import StoreOpenFailed
from tests.contract.store import put
from tests.support.moving import (
    content,
    fill,
    grown,
    lmdb_url,
    refusal,
    run,
    size_on_disk,
    start,
    start_load,
)

KILLS = 8


def some_rows(count: int, size: int) -> list[Row]:
    """Makes distinct rows."""
    chance = random.Random(count)
    space = Subspace(("row",))
    return [(space.pack((number,)), chance.randbytes(size)) for number in range(count)]


async def made(url: str, rows: list[Row]) -> str:
    """Makes a store with the rows and returns its address."""
    store = open_store(url)
    await fill(store, rows)
    await store.close()
    return url


async def read(url: str) -> list[Row]:
    """Reads all rows of the store at an address."""
    store = open_store(url)
    rows = await content(store)
    await store.close()
    return rows


async def test_a_copy_reports_what_it_did(tmp_path: Path) -> None:
    """The output has rows, bytes, seconds and rate; stderr is empty, and the copy is complete."""
    rows = some_rows(3000, 50)
    source = await made(lmdb_url(tmp_path, "source"), rows)
    done = run("copy", source, lmdb_url(tmp_path, "target"))
    assert (done.returncode, done.stderr) == (0, "")
    size = sum(len(key) + len(value) for key, value in rows)
    assert done.stdout.startswith(f"copied 3,000 rows, {size:,} bytes in ")
    assert "rows/s\ncompared all 3,000 rows; " in done.stdout
    assert await read(lmdb_url(tmp_path, "target")) == rows


async def test_a_copy_without_comparison_reports_none(tmp_path: Path) -> None:
    """With `--no-verify` nothing is compared; the copy is the same."""
    rows = some_rows(3000, 50)
    source = await made(lmdb_url(tmp_path, "source"), rows)
    done = run("copy", "--no-verify", source, lmdb_url(tmp_path, "target"))
    assert done.returncode == 0
    assert "compared" not in done.stdout
    assert await read(lmdb_url(tmp_path, "target")) == rows


async def test_an_empty_store_is_copied(tmp_path: Path) -> None:
    """A store without rows is no error."""
    source = await made(lmdb_url(tmp_path, "source"), [])
    done = run("copy", source, lmdb_url(tmp_path, "target"))
    assert done.returncode == 0
    assert done.stdout.startswith("copied 0 rows, 0 bytes in ")


@pytest.mark.drill
@pytest.mark.parametrize("seed", range(2))
async def test_a_copy_that_is_killed_repeatedly_completes(tmp_path: Path, seed: int) -> None:
    """Whenever it is killed, the same command resumes it, and the result equals the source."""
    rows = some_rows(60_000, 300)
    source = await made(lmdb_url(tmp_path, "source"), rows)
    target = lmdb_url(tmp_path, "target")
    chance = random.Random(seed)
    halves = 0
    for kill in range(KILLS):
        process = start("copy", source, target)
        # The file's size shows the progress; near the end, when it stops growing, only time does.
        await grown(process, tmp_path / "target", 22_000_000 * kill // KILLS)
        await asyncio.sleep(chance.uniform(0, 0.01))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        there = await read(target)
        copied = [row for row in there if row[0] not in SPACE]
        assert set(copied) <= set(rows)
        halves += 0 < len(copied) < len(rows)
        if process.returncode == 0 or copied == there == rows:
            break
    else:
        done = run("copy", source, target)
        assert (done.returncode, done.stderr) == (0, "")
    assert halves
    assert await read(target) == rows


async def test_a_copy_to_a_full_target_resumes_when_it_has_space(tmp_path: Path) -> None:
    """The error says what is full; the same command with more space finishes."""
    rows = some_rows(40_000, 100)
    source = await made(lmdb_url(tmp_path, "source"), rows)
    line = refusal("copy", source, f"lmdb://{tmp_path}/target?map_size=4000000")
    assert "The store is full" in line
    assert "3,500,000 bytes" in line
    assert line.endswith("Run the same command again to resume.")
    done = run("copy", source, lmdb_url(tmp_path, "target"))
    assert done.returncode == 0
    assert "rows copied by an earlier run" in done.stdout
    assert await read(lmdb_url(tmp_path, "target")) == rows


async def test_a_source_in_use_is_noticed(tmp_path: Path) -> None:
    """While another process writes to the source, a copy fails; afterwards it succeeds."""
    source = await made(lmdb_url(tmp_path, "source"), some_rows(20_000, 100))
    target = lmdb_url(tmp_path, "target")
    space = Subspace(("in use",))
    folder = tmp_path / "source"
    with start_load(source, space.prefix) as process:
        await grown(process, folder, size_on_disk(folder) + 1)
        line = refusal("copy", source, target)
        process.kill()
    assert line.startswith("The source was ")
    assert run("copy", "--anew", source, target).returncode == 0
    assert await read(target) == await read(source)


async def test_a_write_that_the_comparison_cannot_see_is_detected(
    tmp_path: Path, store: Store
) -> None:
    """A commit is detected, even if the rows are the same as before."""
    rows = some_rows(60_000, 300)
    await fill(store, rows)
    source, target = f"lmdb://{tmp_path}/store", lmdb_url(tmp_path, "target")
    process = start("copy", source, target)
    await grown(process, tmp_path / "target", 3_000_000)
    await put(store, rows[0])
    _, errors = process.communicate()
    assert process.returncode == 1
    assert b"written to during the copy" in errors
    done = run("copy", source, target)
    assert done.returncode == 0
    assert done.stdout.startswith("copied 0 rows, ")


async def test_copying_a_store_to_itself_is_refused(tmp_path: Path) -> None:
    """Two spellings of one address are refused; the store is unchanged."""
    rows = some_rows(10, 10)
    url = await made(lmdb_url(tmp_path, "store"), rows)
    (tmp_path / "link").symlink_to(tmp_path / "store")
    for other in (url, f"lmdb://{tmp_path}/link", f"lmdb://{tmp_path}/x/../store?map_size=99999"):
        assert "one" in refusal("copy", url, other)
    assert await read(url) == rows


async def test_a_missing_source_is_refused_and_not_created(tmp_path: Path) -> None:
    """A misspelled address does not create an empty store."""
    (tmp_path / "empty").mkdir()
    for name in ("missing", "empty"):
        line = refusal("copy", lmdb_url(tmp_path, name), lmdb_url(tmp_path, "target"))
        assert line == f"There is no store at {tmp_path / name}."
    assert not (tmp_path / "missing").exists()
    assert not (tmp_path / "target").exists()


async def test_a_target_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    """The existing rows stay unchanged."""
    source = await made(lmdb_url(tmp_path, "source"), some_rows(10, 10))
    target = await made(lmdb_url(tmp_path, "target"), some_rows(3, 3))
    assert refusal("copy", source, target) == "The target is not empty."
    assert await read(target) == some_rows(3, 3)


@pytest.mark.parametrize("url", ["/folder", "lmdb:folder", "lmdb://host/folder", "redis://x/1"])
async def test_an_invalid_address_is_refused(tmp_path: Path, url: str) -> None:
    """One line shows the form of an address."""
    source = await made(lmdb_url(tmp_path, "source"), [])
    assert "address" in refusal("copy", source, url)
    assert "address" in refusal("copy", url, source)


@pytest.mark.parametrize(
    "arguments", [(), ("copy",), ("copy", "a", "b", "c"), ("move", "a", "b"), ("copy", "-x")]
)
def test_wrong_arguments_exit_with_2(arguments: tuple[str, ...]) -> None:
    """The exit code is 2, with the usage, as usual."""
    done = run(*arguments)
    assert done.returncode == 2
    assert "usage: " in done.stderr


async def test_a_bar_is_shown_on_a_terminal(tmp_path: Path) -> None:
    """A terminal shows the progress of copying and comparing; a file does not get it."""
    source = await made(lmdb_url(tmp_path, "source"), some_rows(30_000, 100))
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    with start("copy", source, lmdb_url(tmp_path, "target"), stderr=theirs) as process:
        output, _ = await asyncio.to_thread(process.communicate)
    os.close(theirs)
    shown = os.read(ours, 100_000)
    os.close(ours)
    assert b"copying: 100%" in shown
    assert b"comparing: 100%" in shown
    assert output.startswith(b"copied 30,000 rows")


async def test_an_interrupt_shows_no_stack_trace(tmp_path: Path) -> None:
    """Ctrl-C ends it with one line, and the same command resumes it."""
    source = await made(lmdb_url(tmp_path, "source"), some_rows(120_000, 300))
    target = lmdb_url(tmp_path, "target")
    process = start("copy", source, target)
    await grown(process, tmp_path / "target", 1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert (process.returncode, errors) == (1, b"Interrupted.\n")
    assert run("copy", source, target).returncode == 0


def test_places_that_overlap() -> None:
    """A cluster without a prefix includes all prefixes; different prefixes are distinct."""
    whole, one, other = (
        place_of(f"fdb:///c/fdb.cluster{part}") for part in ("", "?prefix=a", "?prefix=ab")
    )
    assert overlap(whole, whole)
    assert overlap(whole, one)
    assert overlap(other, whole)
    assert overlap(one, place_of("fdb:///c/../c/fdb.cluster?prefix=%61"))
    assert not overlap(one, other)
    assert not overlap(whole, place_of("fdb:///c/fdb.cluster2"))
    assert not overlap(place_of("lmdb:///c"), place_of("lmdb:///c2?map_size=1"))


def test_two_files_of_one_cluster_are_one_place(tmp_path: Path) -> None:
    """Two cluster files are one place if they name the same cluster: hosts have copies, coordinators move."""
    one, other, third = (tmp_path / name for name in ("one", "other", "third"))
    one.write_text("# made by hand\nprod:x1@10.0.0.1:4500\n")
    other.write_text("prod:x1@10.0.0.2:4500,10.0.0.3:4500\n")
    third.write_text("test:x1@10.0.0.1:4500\n")
    assert overlap(place_of(f"fdb://{one}"), place_of(f"fdb://{other}?prefix=a"))
    assert not overlap(place_of(f"fdb://{one}"), place_of(f"fdb://{third}"))


def test_only_an_lmdb_address_has_a_folder() -> None:
    """The folder is absolute and not the root; escapes are resolved."""
    assert folder_of("lmdb:///a/b%20c?map_size=1") == Path("/a/b c")
    assert folder_of("fdb:///a/fdb.cluster") is None
    for url in ("lmdb://a/b", "lmdb:///", "lmdb:a"):
        with pytest.raises(StoreOpenFailed):
            folder_of(url)
