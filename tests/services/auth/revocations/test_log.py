"""The revocation log: followed in order, waited for in bounded time."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kernel.errors import AccessTokenRevoked, RevocationsStale
from kernel.identity.revocations import Revocation
from kernel.storage import Store, Write
from services.auth.revocations import repository
from services.auth.revocations.log import Batch, RevocationLog
from tests.services.auth.harness import AuthHarness, make_settings
from tests.support.clock import START, FixedClock
from tests.support.eventually import eventually
from tests.support.store import WatchedStore
from tests.support.tokens import caller_of, somebody


def revocations(count: int, first: int = 0) -> list[Revocation]:
    """So many different ones."""
    return [
        Revocation(UUID(int=number), START + timedelta(seconds=number))
        for number in range(first, first + count)
    ]


async def append(store: Store, added: Sequence[Revocation]) -> None:
    """Commits some at once."""

    async def write(tx: Write) -> None:
        for revocation in added:
            repository.append_revocation(tx, revocation)

    await store.write(write)


@asynccontextmanager
async def following(log: RevocationLog) -> AsyncIterator[None]:
    """Has this process follow the log."""
    task = asyncio.create_task(log.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_batches_carry_all_in_order(harness: AuthHarness) -> None:
    """1,100 entries come as 500, 500 and 100; only the last batch is complete."""
    added = revocations(1100)
    for begin in range(0, 1100, 100):
        await append(harness.store, added[begin : begin + 100])
    batches: list[Batch] = []
    async for batch in harness.log.follow(b""):
        batches.append(batch)
        if batch.complete:
            break
    assert [len(batch.revocations) for batch in batches] == [500, 500, 100]
    assert [batch.complete for batch in batches] == [False, False, True]
    assert [one for batch in batches for one in batch.revocations] == added


async def test_following_from_a_cursor(harness: AuthHarness) -> None:
    """A follower that returns gets what was added since, and nothing twice."""
    await append(harness.store, revocations(3))
    cursor = (await harness.log.after(b"")).cursor
    again = await harness.log.after(cursor)
    assert (list(again.revocations), again.cursor, again.complete) == ([], cursor, True)
    await append(harness.store, revocations(2, 3))
    assert (await harness.log.after(cursor)).revocations == revocations(2, 3)


async def test_a_wake_is_a_heartbeat(harness: AuthHarness) -> None:
    """Those who follow get an empty batch now and then, and what is new at once."""
    stream = harness.log.follow(b"")
    assert not (await anext(stream)).revocations
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    harness.log.wake()
    assert not (await waiting).revocations
    async with following(harness.log):
        waiting = asyncio.ensure_future(anext(stream))
        await append(harness.store, revocations(1))
        batch = await asyncio.wait_for(waiting, 1)
        while not batch.revocations:
            batch = await asyncio.wait_for(anext(stream), 1)
    assert list(batch.revocations) == revocations(1)


async def test_a_stop_ends_every_stream(harness: AuthHarness) -> None:
    """Streams that wait, and those that begin later, end by themselves."""
    streams = [harness.log.follow(b"") for _ in range(3)]
    for stream in streams:
        await anext(stream)
    waiting = [asyncio.ensure_future(anext(stream, None)) for stream in streams]
    await asyncio.sleep(0)
    harness.log.stop()
    assert await asyncio.wait_for(asyncio.gather(*waiting), 1) == [None] * 3
    assert [batch async for batch in harness.log.follow(b"")] == []


async def test_a_process_learns_its_own_log(harness: AuthHarness) -> None:
    """What is committed refuses tokens in this process, also what was there before it."""
    before, after = somebody(), somebody()
    caller = caller_of(before)
    await append(harness.store, [Revocation(before.user_id, START, before.login_id)])
    with pytest.raises(RevocationsStale):
        harness.revocations.check(caller)
    async with following(harness.log):
        await eventually(lambda: len(harness.revocations) == 1)
        with pytest.raises(AccessTokenRevoked):
            harness.revocations.check(caller)
        harness.revocations.check(caller_of(after))
        await append(harness.store, [Revocation(after.user_id, START, after.login_id)])
        await eventually(lambda: len(harness.revocations) == 2)


async def test_a_replica_learns_what_another_one_commits(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """A logout at one replica is known at the other without any call between them."""
    other = AuthHarness(watched, clock, harness.settings, seed=6)
    async with following(other.log):
        caller = harness.caller(await harness.register())
        await harness.devices.end(harness.call(caller), caller.login_id)
        await eventually(lambda: len(other.revocations) == 1)
        with pytest.raises(AccessTokenRevoked):
            other.revocations.check(caller)
    await other.passwords.close()


async def test_a_store_that_fails_is_read_again(
    harness: AuthHarness, watched: WatchedStore
) -> None:
    """The log is followed on after the store has been away."""
    watched.failures = 1
    async with following(harness.log):
        await append(harness.store._store, revocations(1))  # type: ignore[attr-defined]
        await eventually(lambda: len(harness.revocations) == 1)


def waiting_log(harness: AuthHarness, seconds: str) -> RevocationLog:
    """A log whose `wait_until_enforced` takes so long at most."""
    settings = make_settings(SETTLE_SECONDS=seconds)
    log = RevocationLog(harness.runtime, harness.revocations, settings.settle_seconds)
    log._subscribers.clear()  # the log does not run in this test
    return log


async def test_settling_waits_for_a_slow_subscriber(harness: AuthHarness) -> None:
    """It ends with the last acknowledgement, not before."""
    log = waiting_log(harness, "5")
    with log.subscriber(b"") as quick, log.subscriber(b"") as slow:
        await append(harness.store, revocations(2))
        end = (await log.after(b"")).cursor
        settling = asyncio.create_task(log.wait_until_enforced())
        log.acknowledge(quick, end)
        log.acknowledge(slow, end[:-1] + b"\x00")  # the first of the two
        await asyncio.sleep(0.05)
        assert not settling.done()
        log.acknowledge(slow, end)
        await asyncio.wait_for(settling, 1)


async def test_settling_gives_up(harness: AuthHarness) -> None:
    """A subscriber that never answers costs the settings' time and no more."""
    log = waiting_log(harness, "0.1")
    with log.subscriber(b""):
        await append(harness.store, revocations(1))
        started = time.monotonic()
        await asyncio.wait_for(asyncio.gather(*(log.wait_until_enforced() for _ in range(10))), 3)
        assert time.monotonic() - started >= 0.09


async def test_a_subscriber_that_leaves_is_not_waited_for(harness: AuthHarness) -> None:
    """When a stream breaks, those who wait for it continue at once."""
    log = waiting_log(harness, "5")
    with log.subscriber(b""):
        await append(harness.store, revocations(1))
        settling = [asyncio.create_task(log.wait_until_enforced()) for _ in range(3)]
        await asyncio.sleep(0.02)
        assert not any(task.done() for task in settling)
    await asyncio.wait_for(asyncio.gather(*settling), 1)


async def test_nothing_to_wait_for(harness: AuthHarness) -> None:
    """Without a log, without subscribers, or with all of them up to date it takes no time."""
    log = waiting_log(harness, "5")
    await asyncio.wait_for(log.wait_until_enforced(), 1)
    with log.subscriber(b"") as subscriber:
        await asyncio.wait_for(log.wait_until_enforced(), 1)
        await append(harness.store, revocations(1))
        log.acknowledge(subscriber, (await log.after(b"")).cursor)
        await asyncio.wait_for(log.wait_until_enforced(), 1)


async def test_an_old_acknowledgement_changes_nothing(harness: AuthHarness) -> None:
    """A cursor only goes on."""
    with harness.log.subscriber(b"b") as subscriber:
        harness.log.acknowledge(subscriber, b"a")
        assert subscriber.cursor == b"b"


async def test_tokens_of_a_tenant_are_revoked(harness: AuthHarness, clock: FixedClock) -> None:
    """Up to the epoch before, one user's or everybody's; the log carries it, repeats and all."""
    user_id, tenant_id = uuid4(), uuid4()
    for _ in range(2):
        await harness.log.revoke_tenant_tokens(tenant_id, user_id, 4)
    await harness.log.revoke_tenant_tokens(tenant_id, None, 5)
    revoked = Revocation(user_id, clock.now(), tenant_id=tenant_id, tenant_epoch=4)
    everybody = replace(revoked, user_id=None, tenant_epoch=5)
    assert await harness.revoked() == [revoked, revoked, everybody]
