"""Enforces a logout everywhere at once.

Auth writes what ends a token to a log, in the transaction that ends the login. Each replica tails
the log into its own memory and onto the streams of the other services, so that none of them looks
anything up per request. Nothing is sent that is not committed, and nothing committed is left out.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from kernel import log
from kernel.errors import ServiceError
from kernel.identity.revocations import Revocation, Revocations
from kernel.storage import Read, Store
from services.auth import keys, repository

_logger = log.get(__name__)

_BATCH = 500
_HEARTBEAT_SECONDS = 1.0
_RETRY_SECONDS = 0.2


class Batch(NamedTuple):
    """A piece of the log."""

    revocations: Sequence[Revocation]
    cursor: bytes
    complete: bool
    """Whether it reaches to the end of what was committed when it was read."""
    head: bytes | None
    """The log's counter at that time."""


class Subscriber:
    """One service that follows the log, and how far it has got."""

    def __init__(self, cursor: bytes) -> None:
        self.cursor = cursor


class RevocationLog:
    """The log of revocations, followed by this process and its subscribers.

    Args:
        store: Where the log is.
        revocations: This process's own memory of it.
        settle_seconds: The most time that `settle` takes.
    """

    def __init__(self, store: Store, revocations: Revocations, settle_seconds: float) -> None:
        self._store = store
        self._revocations = revocations
        self._settle_seconds = settle_seconds
        self._own = Subscriber(b"")
        self._subscribers = {self._own}
        self._tick = asyncio.Event()
        self._progress = asyncio.Event()
        self._stopped = False

    async def run(self) -> None:
        """Follows the log into this process's memory for ever, and wakes the subscribers."""
        while True:
            try:
                batch = await self.after(self._own.cursor)
                self._revocations.add(batch.revocations)
                self.acknowledge(self._own, batch.cursor)
                if batch.complete:
                    self._revocations.mark_fresh()
                    self.wake()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_HEARTBEAT_SECONDS):
                            await self._store.watch(keys.REVOCATION_HEAD.key(), batch.head)
            except ServiceError as error:
                _logger.warning("revocation log unread", reason=error.reason)
                await asyncio.sleep(_RETRY_SECONDS)

    def stop(self) -> None:
        """Ends every stream, so that the process can stop without waiting for them."""
        self._stopped = True
        self.wake()

    def wake(self) -> None:
        """Has every subscriber look at once."""
        self._tick.set()
        self._tick = asyncio.Event()

    @contextmanager
    def subscriber(self, cursor: bytes) -> Iterator[Subscriber]:
        """Counts somebody in for whom `settle` waits."""
        subscriber = Subscriber(cursor)
        self._subscribers.add(subscriber)
        try:
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)
            self._progress.set()

    async def follow(self, cursor: bytes) -> AsyncIterator[Batch]:
        """The log behind the cursor, then what is added, with an empty batch as heartbeat."""
        while not self._stopped:
            tick = self._tick
            batch = await self.after(cursor)
            cursor = batch.cursor
            yield batch
            if batch.complete:
                await tick.wait()

    def acknowledge(self, subscriber: Subscriber, cursor: bytes) -> None:
        """Notes that a subscriber has taken in everything up to the cursor."""
        if cursor > subscriber.cursor:
            subscriber.cursor = cursor
            self._progress.set()

    async def settle(self) -> None:
        """Waits until all subscribers know everything committed so far, for a bounded time.

        One that is slower is not waited for: silent for longer, it stops trusting tokens itself.
        Never fails: what is to be known is committed already.
        """
        with suppress(TimeoutError, ServiceError):
            target = await self._store.read(repository.last_revocation)
            async with asyncio.timeout(self._settle_seconds):
                while any(subscriber.cursor < target for subscriber in self._subscribers):
                    self._progress.clear()
                    await self._progress.wait()

    async def after(self, cursor: bytes) -> Batch:
        """The log behind a cursor, as far as one batch goes."""

        async def read(tx: Read) -> Batch:
            rows = await repository.revocations_after(tx, cursor, _BATCH)
            return Batch(
                revocations=[revocation for _, revocation in rows],
                cursor=rows[-1][0] if rows else cursor,
                complete=len(rows) < _BATCH,
                head=await repository.revocation_head(tx),
            )

        return await self._store.read(read)
