"""Enforces a logout in every service at once.

Auth appends a revocation to a log in the transaction that ends the login. Each replica follows the
log into its own memory and onto the streams of the other services, so no service looks anything up
per request. Only what is committed is sent, and all of it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple
from uuid import UUID

from kernel import log
from kernel.errors import ServiceError
from kernel.identity.revocations import Revocation, Revocations
from kernel.runtime import Runtime
from kernel.storage import Read, Write
from services.auth.revocations import repository

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
        runtime: Gives the store where the log is.
        revocations: This process's own memory of it.
        settle_seconds: The most time that `wait_until_enforced` takes.
        waited: Gets for each such wait whether the revocations were enforced at its end.
    """

    def __init__(
        self,
        runtime: Runtime,
        revocations: Revocations,
        settle_seconds: float,
        waited: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._runtime = runtime
        self._revocations = revocations
        self._settle_seconds = settle_seconds
        self._waited = waited
        self._own = Subscriber(b"")
        self._subscribers = {self._own}
        self._tick = asyncio.Event()
        self._progress = asyncio.Event()
        self._stopped = False

    async def run(self) -> None:
        """Follows the log into this process's memory, for ever, and wakes the subscribers."""
        while True:
            try:
                asked = self._runtime.clock.monotonic()
                batch = await self.after(self._own.cursor)
                self._revocations.add(batch.revocations)
                self.acknowledge(self._own, batch.cursor)
                if batch.complete:
                    self._revocations.mark_fresh(asked)
                    self.wake()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_HEARTBEAT_SECONDS):
                            await self._runtime.store.watch(
                                repository.REVOCATION_HEAD.key(), batch.head
                            )
            except ServiceError as error:
                _logger.warning("revocation log unread", reason=error.reason)
                await asyncio.sleep(_RETRY_SECONDS)

    def stop(self) -> None:
        """Ends every stream, so that the process can stop without waiting for them."""
        self._stopped = True
        self.wake()

    def wake(self) -> None:
        """Makes every stream look at the log at once."""
        self._tick.set()
        self._tick = asyncio.Event()

    @contextmanager
    def subscriber(self, cursor: bytes) -> Iterator[Subscriber]:
        """Adds a subscriber that `wait_until_enforced` waits for, until the context ends."""
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
        """Notes that a subscriber knows everything up to the cursor."""
        if cursor > subscriber.cursor:
            subscriber.cursor = cursor
            self._progress.set()

    async def wait_until_enforced(self) -> None:
        """Waits until all subscribers know everything committed so far, for a bounded time.

        A slower subscriber is not waited for: after a longer silence it stops trusting tokens by
        itself. Never fails: the revocations are committed already.
        """
        enforced = False
        with suppress(TimeoutError, ServiceError):
            async with asyncio.timeout(self._settle_seconds):
                target = await self._runtime.store.read(repository.last_revocation)
                while any(subscriber.cursor < target for subscriber in self._subscribers):
                    self._progress.clear()
                    await self._progress.wait()
            enforced = True
        self._waited(enforced)

    async def revoke_tenant_tokens(self, tenant_id: UUID, user_id: UUID | None, epoch: int) -> None:
        """Ends the tokens for a tenant from before an epoch of it, in every service.

        Args:
            tenant_id: The tenant.
            user_id: Whose tokens; None for those of all users.
            epoch: The least epoch whose tokens stay good.
        """
        revocation = Revocation(
            user_id, self._runtime.clock.now(), tenant_id=tenant_id, tenant_epoch=epoch
        )

        async def append(tx: Write) -> None:
            repository.append_revocation(tx, revocation)

        await self._runtime.store.write(append, essential=True)
        await self.wait_until_enforced()

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

        return await self._runtime.store.read(read)
