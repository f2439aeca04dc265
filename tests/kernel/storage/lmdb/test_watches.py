"""Waits for commits of other processes, which LMDB does not announce."""

import asyncio
import random
import sys
from pathlib import Path

from kernel.storage.lmdb.store import LmdbStore
from kernel.storage.lmdb.watches import POLL_SECONDS
from tests.support.program import ROOT

COMMITS = 60
SECONDS = 30
KEY = b"key"
WRITER = """
import asyncio, sys
from pathlib import Path
from kernel.storage.lmdb.store import LmdbStore

async def main():
    store = LmdbStore(Path(sys.argv[1]))
    for line in sys.stdin.buffer:
        async def put(tx):
            tx.set(b"key", line.strip())
        await store.write(put)
        print("done", flush=True)
    await store.close()

asyncio.run(main())
"""
"""A process that commits each line that it reads."""


async def test_no_commit_of_another_process_is_missed(tmp_path: Path) -> None:
    """A watch wakes without a further commit, whenever in the commit of another process it looks."""
    store = LmdbStore(tmp_path)
    writer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WRITER, str(tmp_path)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert writer.stdin is not None
    assert writer.stdout is not None
    seen = None
    for number in range(COMMITS):
        waiting = asyncio.create_task(store.watch(KEY, seen))
        await asyncio.sleep(random.uniform(0, 2 * POLL_SECONDS))
        writer.stdin.write(b"%d\n" % number)
        await writer.stdout.readline()
        async with asyncio.timeout(SECONDS):
            seen = await waiting
        assert seen == b"%d" % number
    writer.stdin.close()
    assert await writer.wait() == 0
    await store.close()
