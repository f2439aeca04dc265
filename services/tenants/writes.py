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
    """As `once`; a standing that is lost is lost everywhere when it answers.

    It waits for that `settle_seconds` at most, and never fails by it: what is late is felt later.
    """
    lost = False

    async def run(tx: Write) -> bytes:
        nonlocal lost
        answer, lost = await action(tx)
        return answer

    answer = await once(store, replay, now, run)
    if lost:
        await keys.REVOCATIONS.settle(store, settle_seconds)
    return answer
