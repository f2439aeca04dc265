"""Work to do after a commit, by one process at a time, retried until it succeeds.

For work that should not be repeated, like sending a mail; an outbox is simpler if the receiver is
idempotent. A row is written in the transaction that causes it. A worker claims it: a transaction
moves the row to the time at which its lease ends, so that no other worker finds it due. The worker
removes the row when the work is done, and moves it to a later time if it failed. If a process dies
over a row, or loses the store, the lease ends and another worker repeats the work. So work is done
at least once, and seldom twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from random import SystemRandom
from typing import NamedTuple, TypeAlias
from uuid import UUID

from google.protobuf.message import DecodeError

from coditect.storage.v1 import storage_pb2
from kernel import log
from kernel.clock import Clock, datetime_of, timestamp
from kernel.errors import StorageConflict, StorageUnavailable
from kernel.storage.families import COUNTER, AnyFamily, Family, Value, record, time, uuid
from kernel.storage.keys import Subspace
from kernel.storage.port import Read, Store, Write
from kernel.storage.recipes.backlog import BACKLOG_ROWS, Backlog
from kernel.storage.recipes.expiry import milliseconds

Work: TypeAlias = Callable[[bytes], Awaitable[None]]

LEASE = timedelta(minutes=2)
"""How long a claim is exclusive. The clocks of two processes may differ by half of it."""
AT_ONCE = 4
"""The maximum concurrent work of one process."""
FIRST_DELAY = timedelta(minutes=1)
LAST_DELAY = timedelta(hours=1)

_SPREAD = 1.25  # a delay is up to this many times as long, so that not all retry at once
_DOUBLINGS = 10  # at most: by then the delay is at its maximum
_RECORD_BYTES = 40  # of an item besides its payload
_ITEM_BYTES = 16
_NEVER = 1 << 48  # in milliseconds, after every time

_uniform = SystemRandom().uniform
_logger = log.get(__name__)


class Timing(NamedTuple):
    """How long a queue waits, in seconds.

    Attributes:
        work: Work that takes longer is cancelled and has failed, so that it ends before its lease.
        poll: At most between two polls: the clock may be set.
        retry: After the store was unavailable.
    """

    work: float = 60.0
    poll: float = 60.0
    retry: float = 1.0


_TIMING = Timing()


class Claim(NamedTuple):
    """A row that this process has claimed until its lease ends.

    Attributes:
        key: Its key until then.
        item: Its content.
    """

    key: bytes
    item: storage_pb2.WorkItem


class WorkQueue:
    """Work, in the order in which it is due.

    Args:
        space: Where it is: ("row", milliseconds, id) -> item, and ("head",) that counts puts.
        payload: The form of a payload.
        age: Work that has not succeeded after this time is given up.
        timing: How long it waits.
        last_delay: The longest time until failed work is due again.

    Attributes:
        rows: The family of the rows.
        families: All families.
        timing: How long it waits.
    """

    def __init__(
        self,
        space: Subspace,
        payload: Value,
        age: timedelta,
        timing: Timing = _TIMING,
        last_delay: timedelta = LAST_DELAY,
    ) -> None:
        self.rows = Family[int, UUID](
            space["row"],
            time("due_time"),
            uuid("item_id"),
            value=record("coditect.storage.v1.WorkItem", payload.max_bytes + _RECORD_BYTES),
            life=f"until it is done, {age.days} days at most",
        )
        self.head = Family[()](space["head"], value=COUNTER, life="for ever", of=self.rows)
        self.families: tuple[AnyFamily, ...] = (self.rows, self.head)
        self.timing = timing
        self._age = age
        self._last_delay = last_delay

    def put(self, tx: Write, payload: bytes, now: datetime) -> None:
        """Adds work that is due at once, in the transaction that causes it.

        The same payload twice in a millisecond is the same work.
        """
        item_id = UUID(bytes=blake2b(payload, digest_size=_ITEM_BYTES).digest())
        item = storage_pb2.WorkItem(payload=payload, put_time=timestamp(now))
        tx.set(self.rows.key(milliseconds(now), item_id), item.SerializeToString())
        tx.add(self.head.key(), 1)

    async def claim(self, store: Store, now: datetime, limit: int) -> list[Claim]:
        """Claims at most `limit` rows that are due, the longest waiting first."""
        return await store.write(lambda tx: self._claim(tx, now, limit), essential=True)

    async def work_on(self, store: Store, clock: Clock, claim: Claim, work: Work) -> bool:
        """Does claimed work; returns whether it succeeded.

        Args:
            store: Where the queue is.
            clock: Tells when failed work is due again.
            claim: The claimed work.
            work: Processes the payload; any exception means a retry. It must do its own logging.
        """
        try:
            async with asyncio.timeout(self.timing.work):
                await work(claim.item.payload)
        except Exception:  # noqa: BLE001 - any failure is retried
            due = self._due_again(claim.item, clock.now())
            await self._end(store, claim, due)
            return False
        await self._end(store, claim, None)
        return True

    async def run(self, store: Store, clock: Clock, work: Work) -> None:
        """Works forever: on new work at once, and on failed work when it is due again."""
        await _Worker(self, store, clock, work).run()

    async def sweep(self, tx: Write, now: datetime, limit: int) -> int:
        """Gives up work that was not claimed for too long, at most `limit` rows; returns how many.

        Such work remains if no worker runs any more, after a change of the settings.
        """
        rows = await tx.get_range(*self._due_by(now - self._age), limit=limit)
        for key, _ in rows:
            tx.clear(key)
        return len(rows)

    async def backlog(self, store: Store) -> Backlog:
        """What waits, as far as `BACKLOG_ROWS`, whether it is due or waits for its next attempt."""
        rows = await store.read(lambda tx: tx.get_range(*self.rows.range(), limit=BACKLOG_ROWS))
        return Backlog(len(rows), put_time=min(map(_put_time, rows), default=None))

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
            except (ValueError, DecodeError):  # it must not block the others
                _logger.warning("work unreadable", queue=self.rows.name)
                continue
            item.attempts += 1
            leased = self.rows.key(milliseconds(now + LEASE), item_id)
            tx.set(leased, item.SerializeToString())
            claims.append(Claim(leased, item))
        return claims

    async def _end(self, store: Store, claim: Claim, due: datetime | None) -> None:
        """Ends a claim, and retries until the store is available: the work should not be repeated."""
        while True:
            try:
                return await store.write(lambda tx: self._move(tx, claim, due), essential=True)
            except (StorageUnavailable, StorageConflict):
                await asyncio.sleep(self.timing.retry)

    async def _move(self, tx: Write, claim: Claim, due: datetime | None) -> None:
        """Ends a claim: makes the row due at `due`, or removes it if that is None."""
        if await tx.get(claim.key) is None:  # it took too long, and another worker has claimed it
            return
        tx.clear(claim.key)
        if due is not None:
            key = self.rows.key(milliseconds(due), self.rows.unpack(claim.key)[1])
            tx.set(key, claim.item.SerializeToString())

    def _due_again(self, item: storage_pb2.WorkItem, now: datetime) -> datetime | None:
        doublings = min(item.attempts - 1, _DOUBLINGS)
        due = now + min(FIRST_DELAY * (1 << doublings), self._last_delay) * _uniform(1, _SPREAD)
        if due <= datetime_of(item.put_time) + self._age:
            return due
        _logger.warning("work given up", queue=self.rows.name, attempts=item.attempts)
        return None

    def _due_by(self, now: datetime) -> tuple[bytes, bytes]:
        begin, _ = self.rows.range()
        return begin, self.rows.space.pack((milliseconds(now) + 1,))


def _put_time(row: tuple[bytes, bytes]) -> datetime:
    """When a row was put; an unreadable one, which the next claim removes, counts as new."""
    try:
        return datetime_of(storage_pb2.WorkItem.FromString(row[1]).put_time)
    except (ValueError, DecodeError):
        return datetime.max.replace(tzinfo=UTC)


class _Worker:
    """Works on a queue in one process."""

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
                    await asyncio.sleep(self._queue.timing.retry)
        finally:
            await _cancel(self._busy)

    async def _round(self) -> None:
        """Starts the work that is due, or waits until some may be due."""
        seen, due = await self._store.read(self._queue.look)
        now, free = self._clock.now(), AT_ONCE - len(self._busy)
        poll = self._queue.timing.poll
        wait = poll if due is None else (due - milliseconds(now)) / 1000
        if not free:
            await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
        elif wait > 0:
            await self._wait(seen, min(wait, poll))
        else:
            for claim in await self._queue.claim(self._store, now, free):
                self._start(claim)

    def _start(self, claim: Claim) -> None:
        working = self._queue.work_on(self._store, self._clock, claim, self._work)
        task = asyncio.create_task(working)
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _wait(self, seen: bytes | None, seconds: float) -> None:
        """Waits for a put or the end of some work (it may be due again), for at most `seconds`."""
        put = asyncio.create_task(self._store.watch(self._queue.head.key(), seen))
        try:
            done, _ = await asyncio.wait(
                {put, *self._busy}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if put in done:
                await put
        finally:
            await _cancel({put})


async def _cancel(tasks: set[asyncio.Task[bool]] | set[asyncio.Task[bytes | None]]) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
