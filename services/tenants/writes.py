"""A change that may come again: the one way in which the use cases write."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from kernel.storage import Store, Write
from kernel.storage.idempotency import Replay
from services.tenants import keys


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
