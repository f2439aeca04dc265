"""The sweeper: it removes expired rows in bounded batches, and survives failures."""

import asyncio
from typing import Any

from kernel.errors import StorageUnavailable
from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Call
from kernel.storage import Read, Store
from kernel.storage.recipes.sweeping import Sweeper
from services.sessions import keys
from services.sessions import sweeper as sweeping
from services.sessions.model import NewSession, SessionUpdate
from services.sessions.sessions import Sessions
from services.sessions.settings import SessionsSettings
from tests.support.clock import FixedClock
from tests.support.tokens import caller_of, somebody

DRAFT = NewSession("", "", b"")


async def rows(store: Store) -> int:
    """The number of the context's rows."""

    async def read(tx: Read) -> int:
        return len(await tx.get_range(*keys.SESSIONS.range(), limit=10_000))

    return await store.read(read)


async def test_sweeps_all_expired_sessions(
    store: Store, sessions: Sessions, sweeper: Sweeper, clock: FixedClock
) -> None:
    """One sweep removes 250 expired sessions and all their rows."""
    caller = caller_of(somebody())
    await asyncio.gather(*(sessions.create(Call(caller), DRAFT) for _ in range(250)))
    clock.advance(hours=1)
    await sweeper.sweep()
    assert await rows(store) == 0


async def test_leaves_active_sessions(
    sessions: Sessions, sweeper: Sweeper, clock: FixedClock
) -> None:
    """The sweeper keeps a prolonged session until its expiry, and removes the other one."""
    caller = caller_of(somebody())
    kept, _ = [await sessions.create(Call(caller), DRAFT) for _ in range(2)]
    clock.advance(minutes=30)
    await sessions.update(Call(caller), kept.session_id, SessionUpdate())
    clock.advance(minutes=59, seconds=59, milliseconds=999)
    await sweeper.sweep()
    assert (await sessions.list_own(Call(caller), 10, "")).items == [
        await sessions.get(Call(caller), kept.session_id)
    ]


async def test_forgets_idempotency_keys(
    store: Store, sessions: Sessions, sweeper: Sweeper, clock: FixedClock
) -> None:
    """A key is kept for a day, and then removed."""
    await sessions.create(
        Call(caller_of(somebody()), idempotency=IdempotentRequest("caller", "method", "key", b"")),
        DRAFT,
    )
    clock.advance(hours=23)
    await sweeper.sweep()
    assert await rows(store) > 0
    clock.advance(hours=1)
    await sweeper.sweep()
    assert await rows(store) == 0


class _Passing:
    """A store whose first two writes fail."""

    def __init__(self, store: Store) -> None:
        self.failures = 0
        self.answered = asyncio.Event()
        self._store = store

    async def write(self, fn: Any, *, essential: bool = False) -> Any:
        if self.failures < 2:
            self.failures += 1
            raise StorageUnavailable
        result = await self._store.write(fn, essential=essential)
        self.answered.set()
        return result


async def test_survives_a_store_that_fails_for_a_while(
    store: Store, sessions: Sessions, clock: FixedClock, settings: SessionsSettings
) -> None:
    """The sweeper repeats a failed sweep in its next round."""
    await sessions.create(Call(caller_of(somebody())), DRAFT)
    clock.advance(hours=1)
    passing: Any = _Passing(store)
    sweeper = sweeping.sweeper(passing, clock, settings.model_copy(update={"sweep_seconds": 0.001}))
    running = asyncio.create_task(sweeper.run())
    await passing.answered.wait()
    assert await rows(store) == 0
    assert passing.failures == 2
    assert not running.done()
    running.cancel()
