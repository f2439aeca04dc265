"""Messages to deliver after a commit, retried until the receiver accepts them.

A row is written in the transaction that causes it, and removed after the delivery, so every row is
delivered at least once, however often a process dies. Several processes may drain one outbox;
deliveries must be idempotent.
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
from kernel.storage.recipes.backlog import BACKLOG_ROWS, Backlog

Deliver: TypeAlias = Callable[[bytes], Awaitable[None]]
Sleep: TypeAlias = Callable[[float], Awaitable[None]]

FIRST_DELAY = 0.1  # seconds
LAST_DELAY = 5.0
ROWS_AT_ONCE = 100
AT_ONCE = 16
"""The maximum concurrent deliveries."""
_POLL_SECONDS = 0.005

_uniform = SystemRandom().uniform


class Outbox:
    """Rows to deliver, beginning with the oldest; receivers must not depend on the order.

    Args:
        space: Where they are: ("row", versionstamp) -> payload, and ("head",) that counts puts.
        payload: The form of a payload.

    Attributes:
        rows: The family of the rows.
        families: All families.
    """

    def __init__(self, space: Subspace, payload: Value) -> None:
        self.rows = Family[Commit](
            space["row"], commit("commit"), value=payload, life="until it is delivered"
        )
        head = Family[()](space["head"], value=COUNTER, life="for ever", of=self.rows)
        self.families: tuple[AnyFamily, ...] = (self.rows, head)
        self._head = head.key()

    def put(self, tx: Write, payload: bytes) -> None:
        """Adds a row, in the transaction that causes it."""
        tx.set_versionstamped_key(self.rows.space.prefix, payload)
        tx.add(self._head, 1)

    async def drain(self, store: Store, deliver: Deliver) -> tuple[int, int]:
        """Delivers all rows, several at once; a failed row stays and does not stop the others.

        Args:
            store: Where the outbox is.
            deliver: Delivers a payload; any exception means that it failed. It must do its own
                logging and limit its time.

        Returns:
            How many rows were delivered and how many failed.
        """
        delivered = failed = 0
        slots = asyncio.Semaphore(AT_ONCE)

        async def deliver_one(key: bytes, payload: bytes) -> bool:
            async with slots:
                if not await _delivered(deliver, payload):
                    return False
                await _clear(store, key)
                return True

        begin, end = self.rows.range()
        while True:
            rows = await _rows(store, begin, end)
            # Waits for all of them before it raises: no delivery outlives this call.
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

    async def backlog(self, store: Store) -> Backlog:
        """What waits, as far as `BACKLOG_ROWS`."""
        rows = await _rows(store, *self.rows.range(), limit=BACKLOG_ROWS)
        return Backlog(len(rows), first=rows[0][0] if rows else None)

    async def settle(self, store: Store, seconds: float) -> None:
        """Waits at most `seconds` until all present rows are delivered, by this or other processes.

        Never fails: late rows are delivered later.
        """
        begin, end = self.rows.range()
        with suppress(StorageUnavailable, StorageConflict, TimeoutError):
            async with asyncio.timeout(seconds):
                last = await _rows(store, begin, end, limit=1, reverse=True)
                if last:
                    await self._wait_until_delivered(store, begin, last[0][0] + b"\x00")

    async def _wait_until_delivered(self, store: Store, begin: bytes, end: bytes) -> None:
        while await _rows(store, begin, end, limit=1):  # noqa: ASYNC110 - another process may drain
            await asyncio.sleep(_POLL_SECONDS)

    async def run(self, store: Store, deliver: Deliver, sleep: Sleep = asyncio.sleep) -> None:
        """Drains forever: at once when a row is added, and after a delay if rows failed.

        The delay grows from `FIRST_DELAY` to `LAST_DELAY` while nothing is delivered, and is
        shortened by a random part, so that processes do not retry in step.

        Args:
            store: Where the outbox is.
            deliver: As for `drain`.
            sleep: Waits for some seconds.
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
            await sleep(_uniform(delay / 2, delay))
            delay = min(2 * delay, LAST_DELAY)


async def _delivered(deliver: Deliver, payload: bytes) -> bool:
    try:
        await deliver(payload)
    except Exception:  # noqa: BLE001 - after any failure the row stays
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

    await store.write(write, essential=True)
