"""Writes that may be repeated, and the wait until a revocation is enforced everywhere."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, NamedTuple

from kernel.storage import Store, Write
from kernel.storage.recipes.idempotency import Replay
from services.tenants import keys
from services.tenants.revocations import repository


class Change(NamedTuple):
    """The outcome of a change."""

    answer: bytes
    revoked: bool
    """Whether it revoked access."""


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


async def once_enforced(
    store: Store,
    replay: Replay | None,
    now: datetime,
    action: Callable[[Write], Coroutine[Any, Any, Change]],
    settle_seconds: float,
) -> bytes:
    """Like `once`, then waits until every service rejects the old tokens."""
    revoked = True  # a repeat waits too: the first call may not have waited to its end

    async def run(tx: Write) -> bytes:
        nonlocal revoked
        answer, revoked = await action(tx)
        return answer

    answer = await once(store, replay, now, run)
    if revoked:
        await wait_until_enforced(store, settle_seconds)
    return answer


async def wait_until_enforced(store: Store, settle_seconds: float) -> None:
    """Waits until every service rejects the tokens that were revoked so far.

    It waits `settle_seconds` at most, and never fails: a late service catches up afterwards.
    """
    await repository.TOKEN_REVOCATIONS.settle(store, settle_seconds)
