"""What is to be done after a commit, by one process at a time, and again until it succeeds.

For what nobody wants twice, like a mail; an outbox is simpler where the receiver does not mind. A
row is written in the transaction that gives the reason for it. Whoever works claims it: a
transaction moves the row to the time at which the claim runs out, so that nobody else finds it
due. It is removed when the work is done, and moved to a later time if it failed. When a process
dies over a row, or loses the store, the claim runs out and somebody does the work again: at least
once, then, and seldom twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from hashlib import blake2b
from random import SystemRandom
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from google.protobuf.message import DecodeError

from coditect.storage.v1 import storage_pb2
from kernel import log
from kernel.clock import Clock, datetime_of, timestamp
from kernel.errors import StorageConflict, StorageUnavailable
from kernel.storage.families import COUNTER, AnyFamily, Family, Value, record, time, uuid
from kernel.storage.keys import Subspace
from kernel.storage.port import Read, Store, Write
from kernel.storage.recipes.expiry import milliseconds

Work: TypeAlias = Callable[[bytes], Awaitable[None]]

LEASE = timedelta(minutes=2)
"""For so long a row is nobody else's. The clocks of two processes may differ by half of it."""
WORK_SECONDS = 60.0
"""Work that takes longer is cut off and has failed, so that it ends before its lease."""
AT_ONCE = 4
"""So many rows are being worked on by one process at any time."""
FIRST_DELAY = timedelta(minutes=1)
LAST_DELAY = timedelta(hours=1)

_SPREAD = 1.25  # a delay is up to so many times as long, lest all come again at once
_DOUBLINGS = 10  # at most: the delay is at its longest by then
_LOOK_SECONDS = 60.0  # between two looks at most: somebody may set the clock
_AWAY_SECONDS = 1.0  # until a store that was away is asked again
_RECORD_BYTES = 40  # of an item beside its payload
_ITEM_BYTES = 16
_NEVER = 1 << 48  # in milliseconds, behind every time

_uniform = SystemRandom().uniform
_logger = log.get(__name__)


class Claim(NamedTuple):
    """A row that is ours until its lease ends.

    Attributes:
        key: Where it is until then.
        item: What it holds.
    """

    key: bytes
    item: storage_pb2.WorkItem


class WorkQueue:
    """Work, in the order in which it is due.

    Args:
        space: Where it is: ("row", milliseconds, id) -> item, and ("head",) that counts puts.
        payload: What a payload is.
        age: Work that has not succeeded for so long is given up.

    Attributes:
        rows: The family of the rows.
        families: All of it.
    """

    def __init__(self, space: Subspace, payload: Value, age: timedelta) -> None:
        self.rows = Family[int, UUID](
            space["row"],
            time("due_time"),
            uuid("item_id"),
            value=record("coditect.storage.v1.WorkItem", payload.max_bytes + _RECORD_BYTES),
            life=f"until it is done, {age.days} days at most",
        )
        self.head = Family[()](space["head"], value=COUNTER, life="for ever", of=self.rows)
        self.families: tuple[AnyFamily, ...] = (self.rows, self.head)
        self._age = age

    def put(self, tx: Write, payload: bytes, now: datetime) -> None:
        """Adds work that is due at once, in the transaction that gives the reason for it.

        The same payload twice in a millisecond is the same work.
        """
        item_id = UUID(bytes=blake2b(payload, digest_size=_ITEM_BYTES).digest())
        item = storage_pb2.WorkItem(payload=payload, put_time=timestamp(now))
        tx.set(self.rows.key(milliseconds(now), item_id), item.SerializeToString())
        tx.add(self.head.key(), 1)

    async def claim(self, store: Store, now: datetime, limit: int) -> list[Claim]:
        """Takes at most `limit` rows that are due, the one that has waited longest first."""
        return await store.write(lambda tx: self._claim(tx, now, limit))

    async def work_on(self, store: Store, clock: Clock, claim: Claim, work: Work) -> bool:
        """Does what was claimed; says whether it succeeded.

        Args:
            store: Where the queue is.
            clock: Tells when failed work is due again.
            claim: What was claimed.
            work: Takes the payload; any exception means that it is to be done again. To say why in
                the log is its business.
        """
        try:
            async with asyncio.timeout(WORK_SECONDS):
                await work(claim.item.payload)
        except Exception:  # noqa: BLE001 - whatever it is, it is tried again
            due = self._due_again(claim.item, clock.now())
            await _persistently(store, lambda tx: self._move(tx, claim, due))
            return False
        await _persistently(store, lambda tx: self._move(tx, claim, None))
        return True

    async def run(self, store: Store, clock: Clock, work: Work) -> None:
        """Works for ever: at once on what is put, and on what failed when it is due again."""
        await _Worker(self, store, clock, work).run()

    async def sweep(self, tx: Write, now: datetime, limit: int) -> int:
        """Gives up work that nobody has taken for too long, `limit` rows at most; says how many.

        As when nobody works any more, after a change of the settings.
        """
        rows = await tx.get_range(*self._due_by(now - self._age), limit=limit)
        for key, _ in rows:
            tx.clear(key)
        return len(rows)

    async def look(self, tx: Read) -> tuple[bytes | None, int | None]:
        """The number of puts so far, and when the first row is due: milliseconds, or None."""
        begin, _ = self.rows.range()
        rows = await tx.get_range(begin, self.rows.space.pack((_NEVER,)), limit=1)
        due = self.rows.space.unpack(rows[0][0])[0] if rows else None
        return await tx.get(self.head.key()), due

    async def _claim(self, tx: Write, now: datetime, limit: int) -> list[Claim]:
        claims = []
        for key, value in await tx.get_range(*self._due_by(now), limit=limit):
            tx.clear(key)
            try:
                (_, item_id), item = self.rows.unpack(key), storage_pb2.WorkItem.FromString(value)
            except (ValueError, DecodeError):  # it must not be in the way of the others
                _logger.warning("work unreadable", queue=self.rows.name)
                continue
            item.attempts += 1
            leased = self.rows.key(milliseconds(now + LEASE), item_id)
            tx.set(leased, item.SerializeToString())
            claims.append(Claim(leased, item))
        return claims

    async def _move(self, tx: Write, claim: Claim, due: datetime | None) -> None:
        """Ends a claim; the row is due then, or done with."""
        if await tx.get(claim.key) is None:  # it took too long, and somebody else has claimed it
            return
        tx.clear(claim.key)
        if due is not None:
            key = self.rows.key(milliseconds(due), self.rows.unpack(claim.key)[1])
            tx.set(key, claim.item.SerializeToString())

    def _due_again(self, item: storage_pb2.WorkItem, now: datetime) -> datetime | None:
        doublings = min(item.attempts - 1, _DOUBLINGS)
        due = now + min(FIRST_DELAY * (1 << doublings), LAST_DELAY) * _uniform(1, _SPREAD)
        if due <= datetime_of(item.put_time) + self._age:
            return due
        _logger.warning("work given up", queue=self.rows.name, attempts=item.attempts)
        return None

    def _due_by(self, now: datetime) -> tuple[bytes, bytes]:
        begin, _ = self.rows.range()
        return begin, self.rows.space.pack((milliseconds(now) + 1,))


class _Worker:
    """One process that works on a queue."""

    def __init__(self, queue: WorkQueue, store: Store, clock: Clock, work: Work) -> None:
        self._queue = queue
        self._store = store
        self._clock = clock
        self._work = work
        self._busy: set[asyncio.Task[bool]] = set()

    async def run(self) -> None:
        try:
            while True:
                try:
                    await self._round()
                except (StorageUnavailable, StorageConflict):
                    await asyncio.sleep(_AWAY_SECONDS)
        finally:
            await _end(self._busy)

    async def _round(self) -> None:
        """Begins what is due, or waits until something may be."""
        seen, due = await self._store.read(self._queue.look)
        now, free = self._clock.now(), AT_ONCE - len(self._busy)
        wait = _LOOK_SECONDS if due is None else (due - milliseconds(now)) / 1000
        if not free:
            await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
        elif wait > 0:
            await self._wait(seen, min(wait, _LOOK_SECONDS))
        else:
            for claim in await self._queue.claim(self._store, now, free):
                self._begin(claim)

    def _begin(self, claim: Claim) -> None:
        doing = self._queue.work_on(self._store, self._clock, claim, self._work)
        task = asyncio.create_task(doing)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _wait(self, seen: bytes | None, seconds: float) -> None:
        """Until a put, the end of some work (it may be due again), or for so long."""
        put = asyncio.create_task(self._store.watch(self._queue.head.key(), seen))
        try:
            done, _ = await asyncio.wait(
                {put, *self._busy}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if put in done:
                await put
        finally:
            await _end({put})


async def _end(tasks: set[asyncio.Task[bool]] | set[asyncio.Task[bytes | None]]) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)


async def _persistently(store: Store, fn: Callable[[Write], Coroutine[Any, Any, None]]) -> None:
    """Writes, however long the store is away: what was done once should not be done twice."""
    while True:
        try:
            return await store.write(fn)
        except (StorageUnavailable, StorageConflict):
            await asyncio.sleep(_AWAY_SECONDS)
