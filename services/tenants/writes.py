"""A change that may come again: the one way in which the use cases write."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, NamedTuple

from kernel.storage import Store, Write
from kernel.storage.idempotency import Replay
from services.tenants import keys


class Change(NamedTuple):
    """What came of a change."""

    answer: bytes
    lost: bool
    """Whether somebody has lost a standing by it."""


async def once(
    store: Store,
    replay: Replay | None,
    now: datetime,
    action: Callable[[Write], Coroutine[Any, Any, bytes]],
) -> bytes:
    """Runs the action in a transaction, or gives its first answer if the call is a repeat.

    Raises `IdempotencyKeyReused`, and whatever the action raises.
    """

    async def write(tx: Write) -> bytes:
        return await keys.IDEMPOTENCY.once(tx, replay, now, lambda: action(tx))

    return await store.write(write)


async def once_felt(
    store: Store,
    replay: Replay | None,
    now: datetime,
    action: Callable[[Write], Coroutine[Any, Any, Change]],
    settle_seconds: float,
) -> bytes:
    """As `once`; a standing that is lost is lost everywhere when it answers, see `felt`."""
    lost = True  # of a repeat nobody knows: the first call may not have waited to its end

    async def run(tx: Write) -> bytes:
        nonlocal lost
        answer, lost = await action(tx)
        return answer

    answer = await once(store, replay, now, run)
    if lost:
        await felt(store, settle_seconds)
    return answer


async def felt(store: Store, settle_seconds: float) -> None:
    """Waits until every standing that was lost so far is lost everywhere.

    It waits `settle_seconds` at most, and never fails: what is late is felt later.
    """
    await keys.REVOCATIONS.settle(store, settle_seconds)
