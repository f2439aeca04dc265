"""A separate process that uses a store: `python -m tests.contract.worker <what> <url> <key in hex> …`."""

import asyncio
import sys

from kernel.errors import StorageConflict, StorageUnavailable
from kernel.storage import Store, Subspace, Write, open_store
from tests.contract.store import increment, put


async def _set(store: Store, key: bytes, value: str) -> None:
    await put(store, (key, value.encode()))


async def _increment(store: Store, key: bytes, times: str) -> None:
    for _ in range(int(times)):
        await increment(store, key)


async def _unknown(store: Store, key: bytes, writers: str) -> None:
    """Counts and appends in every way, concurrently, and prints the known result of each write."""
    space = Subspace(prefix=key)

    async def write(label: str) -> None:
        async def transaction(tx: Write) -> None:
            read = int(await tx.get(space.pack(("read",))) or b"0")
            tx.set(space.pack(("read",)), b"%d" % (read + 1))
            tx.add(space.pack(("added",)), 1)
            tx.set_versionstamped_key(space["log"].prefix, label.encode())

        try:
            await store.write(transaction)
        except (StorageUnavailable, StorageConflict) as error:
            sys.stdout.write(f"{error.reason} {label}\n")
        else:
            sys.stdout.write(f"DONE {label}\n")

    async def work(writer: int) -> None:
        for number in range(40):
            await write(f"{writer}-{number}")

    await asyncio.gather(*(work(writer) for writer in range(int(writers))))


async def _stamp(store: Store, key: bytes, times: str) -> None:
    async def write(tx: Write) -> None:
        tx.set_versionstamped_key(key, b"")

    for _ in range(int(times)):
        await store.write(write)


async def _load(store: Store, key: bytes, writers: str) -> None:
    """Writes pairs of rows forever, and prints the number of each acknowledged pair."""
    space = Subspace(prefix=key)

    async def write(writer: int) -> None:
        number = writer
        while True:
            rows = [(space.pack((side, number)), b"x" * 200) for side in ("left", "right")]
            await put(store, *rows)
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
            number += int(writers)

    await asyncio.gather(*(write(writer) for writer in range(int(writers))))


_WORK = {"set": _set, "unknown": _unknown, "increment": _increment, "stamp": _stamp, "load": _load}


async def _main(what: str, url: str, key: str, argument: str) -> None:
    store = open_store(url)
    await _WORK[what](store, bytes.fromhex(key), argument)
    await store.close()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
