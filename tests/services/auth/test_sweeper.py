"""The sweeper: it deletes expired rows in bounded batches, and survives failures."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from kernel.idempotent_request import IdempotentRequest
from kernel.identity.revocations import Revocation
from kernel.storage import Write
from kernel.storage.recipes.sweeping import Sweeper
from services.auth import keys
from services.auth.logins.repository import LOGINS
from services.auth.revocations import repository as revocations
from services.auth.sweeper import sweeper
from tests.services.auth.harness import AuthHarness, login, make_settings
from tests.support.clock import START, FixedClock
from tests.support.eventually import eventually
from tests.support.store import WatchedStore, rows_between

SETTINGS = make_settings(SWEEP_SECONDS="0.01")
STEP = timedelta(minutes=2)  # the settled time is exact to the minute
KEPT = timedelta(seconds=3600, minutes=2)
"""How long after its time a revocation may matter: a token's longest life, and some slack."""


async def fill(watched: WatchedStore, count: int) -> None:
    """Writes `count` logins and `count` revocations that are dated now."""

    async def write(tx: Write) -> None:
        for _ in range(count):
            await LOGINS.put(tx, login(expire_time=START))
            revocations.append_revocation(tx, Revocation(uuid4(), START))

    await watched.write(write)


async def settled(watched: WatchedStore, clock: FixedClock, time: timedelta) -> Sweeper:
    """A sweeper that has run until the settled time is later by so much, and is due again."""
    sweeping = sweeper(watched, clock, SETTINGS)
    for _ in range(int(time.total_seconds()) // 60):
        clock.advance(minutes=1)
        await sweeping.sweep()
    clock.advance(seconds=time.total_seconds() % 60)
    await sweeping.sweep()
    clock.advance(hours=1)
    return sweeping


async def rows(watched: WatchedStore) -> int:
    """The number of rows of the context, without the counter of the log."""
    return len(await rows_between(watched, *keys.AUTH.range())) - 1


async def test_a_sweep_deletes_expired_rows_in_bounded_batches(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """A sweep deletes 250 logins and 250 revocations in three transactions."""
    await fill(watched, 250)
    sweeping = await settled(watched, clock, KEPT + STEP)
    watched.writes = 0
    await sweeping.sweep()
    assert (await rows(watched), watched.writes) == (0, 3)


async def test_a_sweep_without_expired_rows_changes_nothing(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """The sweep uses one transaction and keeps every row."""
    result = await harness.register()
    await sweeper(watched, clock, SETTINGS).sweep()  # counts the events of the new user
    before = await rows(watched)
    watched.writes = 0
    await sweeper(watched, clock, SETTINGS).sweep()
    assert (await rows(watched), watched.writes) == (before, 1)
    assert len(await harness.logins_of(result)) == 1


async def test_revocations_outlive_every_token_that_they_refuse(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """The sweeper keeps a revocation until every token from before has been expired for an hour."""

    async def append(tx: Write) -> None:
        revocations.append_revocation(tx, Revocation(uuid4(), START))

    await watched.write(append)
    sweeping = sweeper(watched, clock, SETTINGS)
    while await rows(watched):
        clock.advance(seconds=30)
        await sweeping.sweep()
    assert KEPT + timedelta(hours=1) < clock.now() - START <= KEPT + timedelta(hours=1) + STEP


async def test_a_swept_login_revokes_nothing(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """The sweeper appends no revocation for an expired login, because its tokens have expired."""
    result = await harness.register()
    clock.advance(days=30)
    sweeping = await settled(watched, clock, timedelta())
    await sweeping.sweep()
    assert (await harness.logins_of(result), await harness.revoked()) == ([], [])


async def test_idempotency_keys_are_deleted_after_a_day(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """The sweeper keeps the record of an idempotency key for 24 hours and then deletes it."""
    await harness.register(idempotency=IdempotentRequest("", "Register", "key", b"digest"))
    records = keys.AUTH["idempotency"].range()
    clock.advance(hours=23)
    await sweeper(watched, clock, SETTINGS).sweep()
    assert len(await rows_between(watched, *records)) == 4  # with its index, count and expiry
    clock.advance(hours=1)
    await sweeper(watched, clock, SETTINGS).sweep()
    assert await rows_between(watched, *records) == []


async def test_a_cursor_survives_the_sweep_of_its_entry(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """A follower whose cursor points at a deleted entry gets exactly the newer revocations."""
    await fill(watched, 3)
    cursor = (await harness.log.after(b"")).cursor
    sweeping = await settled(watched, clock, KEPT + STEP)
    await sweeping.sweep()
    assert (await harness.log.after(b"")).revocations == []
    fresh = Revocation(uuid4(), clock.now())

    async def append(tx: Write) -> None:
        revocations.append_revocation(tx, fresh)

    await watched.write(append)
    assert list((await harness.log.after(cursor)).revocations) == [fresh]


async def test_the_sweeper_continues_after_a_store_failure(
    watched: WatchedStore, clock: FixedClock
) -> None:
    """The sweeper retries after two failed transactions and deletes the expired rows."""
    await fill(watched, 1)
    sweeping = await settled(watched, clock, KEPT + STEP)
    watched.failures, watched.writes = 2, 0
    task = asyncio.create_task(sweeping.run())
    await eventually(lambda: watched.writes > 1)
    task.cancel()
    assert await rows(watched) == 0
