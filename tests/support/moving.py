"""Runs the command that moves stores as its users do, and makes the stores that it moves."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from kernel.storage import Store, Write
from kernel.storage.moving.scanning import Row, pages, size_of
from tests.support.program import ROOT

SECONDS = 60
BATCH_BYTES = 1_000_000


def lmdb_url(folder: Path, name: str) -> str:
    """The address of a store with that name."""
    return f"lmdb://{folder / name}?map_size={1 << 30}"


def command(*arguments: str | Path) -> list[str]:
    """The arguments of a command line."""
    return [sys.executable, "-m", "kernel.storage", *map(str, arguments)]


def start(*arguments: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    """Starts the command and leaves it running."""
    return subprocess.Popen(command(*arguments), cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr)


def start_load(url: str, key: bytes) -> subprocess.Popen[bytes]:
    """Starts a process that writes pairs for ever and prints the acknowledged ones."""
    words = [sys.executable, "-m", "tests.contract.worker", "load", url, key.hex(), "4"]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)


async def grown(process: subprocess.Popen[bytes], folder: Path, size: int) -> None:
    """Waits until a store's file has reached a size, or the process has ended."""
    while process.poll() is None and size_on_disk(folder) < size:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.001)


def size_on_disk(folder: Path) -> int:
    """The size of a store's file in bytes; 0 if there is none."""
    file = folder / "data.mdb"
    return file.stat().st_size if file.exists() else 0


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end."""
    return subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def refusal(*arguments: str | Path) -> str:
    """Runs the command, which must fail, and returns its one line of error."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line


async def content(store: Store) -> list[Row]:
    """Reads all rows of a store."""
    return [row async for page in pages(store) for row in page]


async def fill(store: Store, rows: list[Row]) -> None:
    """Writes rows, in as many transactions as they need."""
    while rows:
        count = max(1, len(rows) * BATCH_BYTES // max(size_of(rows), BATCH_BYTES))
        await _put(store, rows[:count])
        rows = rows[count:]


async def _put(store: Store, rows: list[Row]) -> None:
    async def write(tx: Write) -> None:
        for key, value in rows:
            tx.set(key, value)

    await store.write(write)
