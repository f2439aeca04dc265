"""Breached passwords in a file: Have I Been Pwned's SHA-1 hashes, ordered by hash, searched on disk.

Each line is `HASH:COUNT`, with LF or CRLF. The whole list has more than 40 GB, so nothing of it is kept
in memory. The file is opened for each search: it can be replaced while the process runs.
"""

import asyncio
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from kernel.settings import SettingsInvalid

_LINE = re.compile(rb"([0-9A-Fa-f]{40}):([0-9]{1,20})\r?\n?")
_LONGEST_LINE = 64  # bytes
_BLOCK = 8192  # bytes that are read at once
_SAMPLES = 64
_THREADS = 2
_WAITING = 64
_DIGITS = 15  # of a hash that estimate its place
_ESTIMATES = 5


class BreachedFileDamaged(Exception):
    """The file has a line that is not `HASH:COUNT`, or none at all."""


class BreachedFileBusy(Exception):
    """Too many searches wait for the disk."""


class BreachedFile:
    """The passwords in one file.

    Args:
        path: The file.
        block: How many bytes are read at once.
    """

    name = "file"

    def __init__(self, path: Path, block: int = _BLOCK) -> None:
        self._path = path
        self._block = max(block, 2 * _LONGEST_LINE)
        # A disk that hangs stops these threads, and no other work.
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="breached")
        self._waiting = 0

    async def check(self) -> None:
        """Raises `SettingsInvalid` if the file cannot be read, or its samples are no ordered hashes."""
        problem = await asyncio.get_running_loop().run_in_executor(self._pool, self._problem)
        if problem:
            raise SettingsInvalid([f"BREACHED_PASSWORDS_FILE: {problem}"])

    async def contains(self, digest: str) -> bool:
        """Whether the file has a hash with a count. Raises `OSError`, `BreachedFileDamaged`, `BreachedFileBusy`."""
        if self._waiting >= _WAITING:
            raise BreachedFileBusy
        self._waiting += 1
        search = asyncio.get_running_loop().run_in_executor(self._pool, self._search, digest)
        search.add_done_callback(self._one_less)
        # A thread that hangs in a read keeps its place if the caller gives up.
        return await asyncio.shield(search)

    async def close(self) -> None:
        """Ends the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _one_less(self, search: asyncio.Future[bool]) -> None:
        self._waiting -= 1
        if not search.cancelled():
            search.exception()  # the caller may have given up: then it is of no interest

    def _search(self, digest: str) -> bool:
        with _opened(self._path, self._block) as lines:
            return lines.has(digest.encode())

    def _problem(self) -> str:
        """What is wrong with the file; empty if nothing is."""
        try:
            with _opened(self._path, self._block) as lines:
                return "" if lines.ordered() else "must be ordered by hash"
        except OSError as error:
            return f"cannot be read: {os.strerror(error.errno or 0)}"
        except BreachedFileDamaged:
            return "must have lines of a SHA-1 hash, a colon and a count"


class _Line(NamedTuple):
    """A line: where it begins and ends, in bytes, and what it says."""

    begin: int
    end: int
    digest: bytes
    times: int


class _Hashes:
    """An open file, searched by its order."""

    def __init__(self, file: int, size: int, block: int) -> None:
        self._file = file
        self._size = size
        self._block = block

    def has(self, digest: bytes) -> bool:
        """Whether a line has the hash, in upper case, and a count that is not 0.

        Hashes are evenly distributed, so the first reads are where the hash should be; if it is not
        near them, the search halves what is left. Raises `OSError`, `BreachedFileDamaged`.
        """
        low, high = 0, self._size  # where lines begin, or the end; the hash can only be in between
        below, above = 0.0, 1.0  # which part of all hashes is before them
        reads = 0
        while low < high:
            estimate = (_part(digest) - below) / (above - below) if reads < _ESTIMATES else 0.5
            middle = low + int((high - low) * estimate) - self._block // 2
            lines = self._lines(max(low, min(middle, high - self._block)), low, high)
            reads += 1
            first, last = lines[0], lines[-1]
            if digest < first.digest:
                high, above = first.begin, _part(first.digest)
            elif digest > last.digest:
                low, below = last.end, _part(last.digest)
            else:
                return any(line.digest == digest and line.times for line in lines)
            if above <= below:  # not in order, or the ends are too near to estimate
                reads = _ESTIMATES
        if not self._size:
            raise BreachedFileDamaged
        return False

    def ordered(self) -> bool:
        """Whether blocks evenly spread over the file are in order. Raises as `has`."""
        last = max(0, self._size - self._block)
        spread = {last * step // _SAMPLES for step in range(_SAMPLES + 1)}
        blocks = [self._lines(begin, 0, self._size) for begin in sorted(spread)]
        blocks.append([block[0] for block in blocks])
        return all(
            one.digest <= following.digest for block in blocks for one, following in pairwise(block)
        )

    def _lines(self, begin: int, low: int, high: int) -> list[_Line]:
        """The whole lines of a block, at least one. `low` and `high` are where lines begin or end."""
        begin = max(begin, low)
        data = os.pread(self._file, min(self._block, high - begin), begin)
        if begin + len(data) < high:  # the last line may be cut
            data = data[: data.rfind(b"\n") + 1]
        if begin > low:  # the first one, too
            skipped = data.find(b"\n") + 1
            begin, data = begin + skipped, data[skipped:]
        lines = [*_parsed(begin, data)]
        if not lines:
            raise BreachedFileDamaged
        return lines


@contextmanager
def _opened(path: Path, block: int) -> Iterator[_Hashes]:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield _Hashes(file, os.fstat(file).st_size, block)
    finally:
        os.close(file)


def _parsed(begin: int, data: bytes) -> Iterator[_Line]:
    """The lines of a block. Raises `BreachedFileDamaged`."""
    for line in data.splitlines(keepends=True):
        match = _LINE.fullmatch(line)
        if match is None:
            raise BreachedFileDamaged
        digest, count = match.groups()
        yield _Line(begin, begin + len(line), digest.upper(), int(count))
        begin += len(line)


def _part(digest: bytes) -> float:
    """Which part of all hashes is smaller than this one."""
    return int(digest[:_DIGITS], 16) / float(16**_DIGITS)
