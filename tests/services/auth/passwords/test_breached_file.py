"""Breached passwords in a file of ordered hashes, searched on disk."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.settings import SettingsInvalid
from services.auth.passwords.breached_file import (
    BreachedFile,
    BreachedFileBusy,
    BreachedFileDamaged,
)
from tests.support.range_server import sha1

HASHES = sorted(hashlib.sha1(str(n).encode()).hexdigest().upper() for n in range(20_000))  # noqa: S324 - as the list


def write(path: Path, hashes: Iterable[str], end: str = "\r\n", count: int = 3) -> Path:
    """A file as Have I Been Pwned's downloader writes it."""
    path.write_bytes("".join(f"{digest}:{count}{end}" for digest in hashes).encode())
    return path


def saved(path: Path, text: str) -> Path:
    """A file with exactly this text."""
    path.write_bytes(text.encode())
    return path


@asynccontextmanager
async def opened(path: Path, block: int = 8192) -> AsyncIterator[BreachedFile]:
    """A source, closed at the end."""
    source = BreachedFile(path, block)
    try:
        yield source
    finally:
        await source.close()


async def found(path: Path, digests: Iterable[str], block: int = 8192) -> list[bool]:
    """Which hashes a source finds in a file."""
    async with opened(path, block) as source:
        return [await source.contains(digest) for digest in digests]


async def problem(path: Path) -> str:
    """What a source says of a file when auth starts; empty if it is good."""
    async with opened(path) as source:
        try:
            await source.check()
        except SettingsInvalid as error:
            return str(error)
    return ""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("block", [128, 8192])
async def test_every_hash_is_found(tmp_path: Path, end: str, block: int) -> None:
    """The file has each of its hashes, and none of the same number of others."""
    path = write(tmp_path / "hashes", HASHES, end)
    others = [digest[:-1] + ("0" if digest[-1] != "0" else "1") for digest in HASHES]
    some = HASHES[:3] + HASHES[3:-3:97] + HASHES[-3:]
    assert all(await found(path, some, block))
    strangers = set(others) - set(HASHES)
    assert not any(await found(path, sorted(strangers)[::97], block))
    assert await found(path, ["0" * 40, "F" * 40], block) == [False, False]


HEX = "0123456789ABCDEF"
DIGESTS = st.one_of(
    st.binary(min_size=20, max_size=20).map(lambda raw: raw.hex().upper()),
    st.text(HEX, min_size=2, max_size=2).map(lambda end: "7" * 38 + end),  # many in one place
)
LINES = st.dictionaries(DIGESTS, st.integers(0, 10**19), max_size=60)


@settings(deadline=None)  # its files are as slow as the disk
@given(
    LINES.filter(bool),
    st.lists(DIGESTS),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.integers(1, 400),
)
async def test_it_finds_what_is_there(
    counts: dict[str, int], others: list[str], end: str, last_end: bool, block: int
) -> None:
    """However hashes are spread and lines end: a hash is found if it has a count that is not 0."""
    text = end.join(f"{digest}:{counts[digest]}" for digest in sorted(counts))
    with TemporaryDirectory() as folder:
        path = saved(Path(folder, "hashes"), text + (end if last_end else ""))
        asked = [*counts, *others]
        assert await found(path, asked, block) == [counts.get(one, 0) > 0 for one in asked]


async def test_lower_case_is_understood(tmp_path: Path) -> None:
    """A file whose hashes are in lower case is searched the same."""
    path = write(tmp_path / "hashes", [digest.lower() for digest in HASHES])
    assert await found(path, HASHES[::500]) == [True] * len(HASHES[::500])
    assert await problem(path) == ""


@pytest.mark.parametrize(
    "text", ["", "\n", "hunter2\n", "a" * 1_000_000, f"{'0' * 40}\n", f"{'0' * 40}:\n"]
)
async def test_a_damaged_file_gives_no_answer(tmp_path: Path, text: str) -> None:
    """Lines of another kind are an error at the start, and later."""
    path = tmp_path / "hashes"
    path.write_text(text)
    expected = "BREACHED_PASSWORDS_FILE: must have lines of a SHA-1 hash, a colon and a count"
    assert await problem(path) == expected
    with pytest.raises(BreachedFileDamaged):
        await found(path, HASHES[:1])


async def test_a_file_in_another_order_is_found_at_the_start(tmp_path: Path) -> None:
    """Have I Been Pwned also offers the hashes ordered by count, which cannot be searched."""
    by_count = sorted(HASHES, key=lambda digest: digest[::-1])
    path = write(tmp_path / "hashes", by_count)
    assert await problem(path) == "BREACHED_PASSWORDS_FILE: must be ordered by hash"
    assert await problem(write(path, HASHES[10_000:] + HASHES[:10_000])) != ""


@pytest.mark.parametrize("count", [1, 2, 10, 200, 20_000])
async def test_a_good_file_of_any_size(tmp_path: Path, count: int) -> None:
    """Nothing is wrong with an ordered file, be it short or long."""
    assert await problem(write(tmp_path / "hashes", HASHES[:count])) == ""


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file or a folder is named at the start, and is an error later."""
    for path, why in ((tmp_path / "none", "No such file"), (tmp_path, "Is a directory")):
        assert (await problem(path)).startswith(f"BREACHED_PASSWORDS_FILE: cannot be read: {why}")
        with pytest.raises(OSError, match=why):
            await found(path, HASHES[:1])


async def test_a_new_file_counts_at_once(tmp_path: Path) -> None:
    """A file that is replaced is searched from the next password on."""
    path = write(tmp_path / "hashes", HASHES[:100])
    async with opened(path) as source:
        assert not await source.contains(HASHES[5000])
        write(tmp_path / "new", HASHES).replace(path)
        assert await source.contains(HASHES[5000])


def read_so_far() -> int:
    """The bytes that this process has read by system calls."""
    return int(Path("/proc/self/io").read_text().split()[1])


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="this system does not count reads")
async def test_a_search_reads_little(tmp_path: Path) -> None:
    """A search among 500,000 hashes reads about three blocks, and never more than eight."""
    random = Random(5)
    hashes = sorted(random.randbytes(20).hex().upper() for _ in range(500_000))
    path = write(tmp_path / "hashes", hashes)
    costs = []
    async with opened(path) as source:
        for digest in [sha1(str(n)) for n in range(200)] + hashes[::5000]:
            before = read_so_far()
            await source.contains(digest)
            costs.append((read_so_far() - before) / 8192)
    assert sum(costs) / len(costs) < 3.5
    assert max(costs) < 8


async def test_a_disk_that_hangs_holds_no_caller(tmp_path: Path) -> None:
    """A search that hangs can be given up, and no more than 64 wait for the disk."""
    path = tmp_path / "pipe"
    os.mkfifo(path)  # opening it waits for a writer
    async with opened(path) as source:
        for _ in range(64):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.001):
                    await source.contains(HASHES[0])
        with pytest.raises(BreachedFileBusy):
            await source.contains(HASHES[0])
    await asyncio.to_thread(path.write_bytes, b"")
