"""Changes that may revoke access: a call ends once every service enforces the revocation."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from kernel.identity.callers import Call
from kernel.storage import Store, Write
from kernel.storage.recipes.idempotency import Repeat
from services.tenants.keys import IDEMPOTENCY
from services.tenants.revocations import repository

T = TypeVar("T")


class Change(NamedTuple, Generic[T]):
    """The outcome of a change.

    Attributes:
        value: What the call answers.
        revoked: Whether the change revoked access.
    """

    value: T
    revoked: bool


async def write_enforced(
    store: Store,
    call: Call,
    now: datetime,
    action: Callable[[Write], Coroutine[Any, Any, Change[T]]],
    repeat: Repeat[T],
    settle_seconds: float,
    *,
    essential: bool = True,
) -> T:
    """Like `Idempotency.write`, then waits until every service rejects the revoked tokens.

    It does not wait after a change that revoked nothing. It is essential, see `Store.write`, unless
    the change cannot revoke anything.
    """
    revoked = True  # a repeat waits too: the first call may have ended before its wait

    async def run(tx: Write) -> T:
        nonlocal revoked
        value, revoked = await action(tx)
        return value

    value = await IDEMPOTENCY.write(store, call.idempotency, now, run, repeat, essential=essential)
    if revoked:
        await wait_until_enforced(store, settle_seconds)
    return value


async def wait_until_enforced(store: Store, settle_seconds: float) -> None:
    """Waits until every service rejects the tokens that were revoked so far.

    It waits `settle_seconds` at most, and never fails: a late service catches up afterwards.
    """
    await repository.TOKEN_REVOCATIONS.settle(store, settle_seconds)
