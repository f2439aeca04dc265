"""What must be told to others after a commit, and is told until they have taken it.

A row is written in the transaction that gives the reason for it, and removed after the delivery, so
every row is delivered at least once, however often a process dies. Several processes may drain one
outbox; the receiver must not mind a repeat.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import SystemRandom
from typing import TypeAlias

from kernel.errors import StorageConflict, StorageUnavailable
from kernel.storage.families import COUNTER, AnyFamily, Commit, Family, Value, commit
from kernel.storage.keys import Subspace
from kernel.storage.port import Read, Store, Write

Deliver: TypeAlias = Callable[[bytes], Awaitable[None]]

FIRST_DELAY = 0.1  # seconds
LAST_DELAY = 5.0
ROWS_AT_ONCE = 100
AT_ONCE = 16
"""So many rows are being delivered at any time."""
_LOOK_SECONDS = 0.005

_uniform = SystemRandom().uniform


class Outbox:
    """Rows to deliver, beginning with the oldest; the receiver must not mind the order either.

    Args:
        space: Where they are: ("row", versionstamp) -> payload, and ("head",) that counts puts.
        payload: What a payload is.

    Attributes:
        rows: The family of the rows.
        families: All of it.
    """

    def __init__(self, space: Subspace, payload: Value) -> None:
        self.rows = Family[Commit](
            space["row"], commit("commit"), value=payload, life="until it is delivered"
        )
        head = Family[()](space["head"], value=COUNTER, life="for ever", of=self.rows)
        self.families: tuple[AnyFamily, ...] = (self.rows, head)
        self._head = head.key()

    def put(self, tx: Write, payload: bytes) -> None:
        """Adds a row, in the transaction that gives the reason for it."""
        tx.set_versionstamped_key(self.rows.space.prefix, payload)
        tx.add(self._head, 1)

    async def drain(self, store: Store, deliver: Deliver) -> tuple[int, int]:
        """Delivers what is there, several rows at once; one that fails stays and stops no other.

        Args:
            store: Where the outbox is.
            deliver: Takes a payload; any exception means that it was not delivered. Logging and
                time limits are its business.

        Returns:
            How many rows were delivered and how many failed.
        """
        delivered = failed = 0
        hands = asyncio.Semaphore(AT_ONCE)

        async def deliver_one(key: bytes, payload: bytes) -> bool:
            async with hands:
                if not await _delivered(deliver, payload):
                    return False
                await _clear(store, key)
                return True

        begin, end = self.rows.range()
        while True:
            rows = await _rows(store, begin, end)
            # All of them end first: nothing goes on behind the back of whoever drains.
            done = await asyncio.gather(
                *(deliver_one(*row) for row in rows), return_exceptions=True
            )
            for error in (one for one in done if isinstance(one, BaseException)):
                raise error
            delivered += done.count(True)
            failed += done.count(False)
            if len(rows) < ROWS_AT_ONCE:
                return delivered, failed
            begin = rows[-1][0] + b"\x00"

    async def settle(self, store: Store, seconds: float) -> None:
        """Waits until what has been put so far is delivered, by whoever drains, for a bounded time.

        Never fails: what is late is delivered later.
        """
        begin, end = self.rows.range()
        with suppress(StorageUnavailable, StorageConflict, TimeoutError):
            async with asyncio.timeout(seconds):
                last = await _rows(store, begin, end, limit=1, reverse=True)
                if last:
                    await self._gone(store, begin, last[0][0] + b"\x00")

    async def _gone(self, store: Store, begin: bytes, end: bytes) -> None:
        while await _rows(store, begin, end, limit=1):  # noqa: ASYNC110 - another process may drain
            await asyncio.sleep(_LOOK_SECONDS)

    async def run(self, store: Store, deliver: Deliver) -> None:
        """Drains for ever: at once when a row comes, and again after a while if rows failed.

        The wait grows from `FIRST_DELAY` to `LAST_DELAY` as long as nothing gets through, and is
        shortened by a random part, so that processes do not retry in step.
        """
        delay = FIRST_DELAY
        while True:
            try:
                seen = await _value(store, self._head)
                delivered, failed = await self.drain(store, deliver)
                if not failed:
                    delay = FIRST_DELAY
                    await store.watch(self._head, seen)
                    continue
            except (StorageUnavailable, StorageConflict):
                delivered = 0
            if delivered:
                delay = FIRST_DELAY
            await asyncio.sleep(_uniform(delay / 2, delay))
            delay = min(2 * delay, LAST_DELAY)


async def _delivered(deliver: Deliver, payload: bytes) -> bool:
    try:
        await deliver(payload)
    except Exception:  # noqa: BLE001 - whatever it is, the row stays
        return False
    return True


async def _rows(
    store: Store, begin: bytes, end: bytes, *, limit: int = ROWS_AT_ONCE, reverse: bool = False
) -> list[tuple[bytes, bytes]]:
    async def read(tx: Read) -> list[tuple[bytes, bytes]]:
        return await tx.get_range(begin, end, limit=limit, reverse=reverse)

    return await store.read(read)


async def _value(store: Store, key: bytes) -> bytes | None:
    async def read(tx: Read) -> bytes | None:
        return await tx.get(key)

    return await store.read(read)


async def _clear(store: Store, key: bytes) -> None:
    async def write(tx: Write) -> None:
        tx.clear(key)

    await store.write(write)
