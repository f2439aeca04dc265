"""The revocation log: it is followed in order, and waiting for subscribers is bounded."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from kernel.errors import (
    AccessTokenRevoked,
    RevocationsStale,
    ServiceError,
    StorageConflict,
    StorageUnavailable,
)
from kernel.identity.revocations import Revocation
from kernel.storage import Store, Write
from kernel.telemetry import Telemetry
from services.auth.revocations import repository
from services.auth.revocations.log import Batch, RevocationLog
from services.auth.revocations.waits import RevocationWaits
from tests.services.auth.harness import AuthHarness
from tests.support.clock import START, FixedClock
from tests.support.eventually import eventually
from tests.support.store import WatchedStore
from tests.support.tokens import caller_of, somebody


def revocations(count: int, first: int = 0) -> list[Revocation]:
    """Distinct revocations, numbered from `first`."""
    return [
        Revocation(UUID(int=number), START + timedelta(seconds=number))
        for number in range(first, first + count)
    ]


async def append(store: Store, added: Sequence[Revocation]) -> None:
    """Appends revocations in one transaction."""

    async def write(tx: Write) -> None:
        for revocation in added:
            repository.append_revocation(tx, revocation)

    await store.write(write)


@asynccontextmanager
async def following(log: RevocationLog) -> AsyncIterator[None]:
    """Follows the log in a background task."""
    task = asyncio.create_task(log.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_batches_carry_all_entries_in_order(harness: AuthHarness) -> None:
    """1,100 entries arrive in batches of 500, 500 and 100; only the last is marked complete."""
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


async def test_a_follower_resumes_from_its_cursor(harness: AuthHarness) -> None:
    """A follower gets only the entries behind its cursor."""
    await append(harness.store, revocations(3))
    cursor = (await harness.log.after(b"")).cursor
    again = await harness.log.after(cursor)
    assert (list(again.revocations), again.cursor, again.complete) == ([], cursor, True)
    await append(harness.store, revocations(2, 3))
    assert (await harness.log.after(cursor)).revocations == revocations(2, 3)


async def test_a_wake_sends_a_heartbeat(harness: AuthHarness) -> None:
    """`wake` sends an empty batch to a waiting follower; new entries are sent at once."""
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
        batch = await asyncio.wait_for(waiting, 30)
        while not batch.revocations:
            batch = await asyncio.wait_for(anext(stream), 30)
    assert list(batch.revocations) == revocations(1)


async def test_a_stop_ends_every_stream(harness: AuthHarness) -> None:
    """`stop` ends the streams that wait, and those that begin later."""
    streams = [harness.log.follow(b"") for _ in range(3)]
    for stream in streams:
        await anext(stream)
    waiting = [asyncio.ensure_future(anext(stream, None)) for stream in streams]
    await asyncio.sleep(0)
    harness.log.stop()
    assert await asyncio.wait_for(asyncio.gather(*waiting), 30) == [None] * 3
    assert [batch async for batch in harness.log.follow(b"")] == []


async def test_a_process_enforces_its_own_log(harness: AuthHarness) -> None:
    """The process refuses revoked tokens, whether it started before or after the revocation."""
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


async def test_a_replica_enforces_the_logout_of_another_replica(
    harness: AuthHarness, watched: WatchedStore, clock: FixedClock
) -> None:
    """A replica learns of a logout at another replica by reading the log in the store."""
    other = AuthHarness(watched, clock, harness.settings, seed=6)
    async with following(other.log):
        caller = harness.caller(await harness.register())
        await harness.devices.end(harness.call(caller), caller.login_id)
        await eventually(lambda: len(other.revocations) == 1)
        with pytest.raises(AccessTokenRevoked):
            other.revocations.check(caller)
    await other.passwords.close()


async def test_the_log_is_followed_again_after_a_store_failure(
    harness: AuthHarness, watched: WatchedStore
) -> None:
    """The follower retries after a failed read and learns the new revocation."""
    watched.failures = 1
    async with following(harness.log):
        await append(harness.store._store, revocations(1))  # type: ignore[attr-defined]
        await eventually(lambda: len(harness.revocations) == 1)


def waiting_log(
    harness: AuthHarness, seconds: float = 60.0, store: Store | None = None
) -> RevocationLog:
    """A log whose `wait_until_enforced` takes at most the given seconds, by default on the harness's store."""
    runtime = harness.runtime if store is None else replace(harness.runtime, store=store)
    log = RevocationLog(runtime, harness.revocations, seconds)
    log._subscribers.clear()  # the log does not run in this test
    return log


async def test_waiting_ends_with_the_last_acknowledgement(harness: AuthHarness) -> None:
    """`wait_until_enforced` waits until the slower subscriber has acknowledged the last entry."""
    log = waiting_log(harness)
    with log.subscriber(b"") as quick, log.subscriber(b"") as slow:
        await append(harness.store, revocations(2))
        end = (await log.after(b"")).cursor
        settling = asyncio.create_task(log.wait_until_enforced())
        log.acknowledge(quick, end)
        log.acknowledge(slow, end[:-1] + b"\x00")  # acknowledges only the first entry
        await asyncio.sleep(0.05)
        assert not settling.done()
        log.acknowledge(slow, end)
        await asyncio.wait_for(settling, 30)


async def test_waiting_is_bounded(harness: AuthHarness) -> None:
    """`wait_until_enforced` returns after the configured time if a subscriber never answers."""
    log = waiting_log(harness, 0.1)
    with log.subscriber(b""):
        await append(harness.store, revocations(1))
        started = time.monotonic()
        await asyncio.wait_for(asyncio.gather(*(log.wait_until_enforced() for _ in range(10))), 30)
        assert time.monotonic() - started >= 0.09


async def test_waits_are_counted_by_how_they_end(harness: AuthHarness) -> None:
    """A wait whose subscribers have acknowledged all ends enforced, one that runs out of time late."""
    telemetry = Telemetry()
    counted = RevocationWaits(telemetry).count
    patient, hasty = (
        RevocationLog(harness.runtime, harness.revocations, seconds, counted)
        for seconds in (30.0, 0.05)
    )
    for log in (patient, hasty):
        log._subscribers.clear()  # the log does not run in this test
    await append(harness.store, revocations(1))
    await patient.wait_until_enforced()
    with hasty.subscriber(b""):
        await hasty.wait_until_enforced()
        await hasty.wait_until_enforced()
    read = telemetry.registry.get_sample_value
    assert read("coditect_revocation_waits_total", {"outcome": "enforced"}) == 1
    assert read("coditect_revocation_waits_total", {"outcome": "late"}) == 2


class SilentStore(WatchedStore):
    """A store that does not answer reads."""

    async def read(self, _: object) -> Any:
        """Waits for ever."""
        await asyncio.Event().wait()


async def test_waiting_is_bounded_if_the_store_is_silent(harness: AuthHarness) -> None:
    """`wait_until_enforced` returns after the configured time if the store does not answer."""
    log = waiting_log(harness, 0.1, SilentStore(harness.store))
    await asyncio.wait_for(log.wait_until_enforced(), 30)


@pytest.mark.parametrize("error", [StorageUnavailable, StorageConflict])
async def test_waiting_never_fails(harness: AuthHarness, error: type[ServiceError]) -> None:
    """`wait_until_enforced` returns if the store fails: the revocation is committed already."""
    store = WatchedStore(harness.store)
    store.failures, store.error = 1, error
    await asyncio.wait_for(waiting_log(harness, store=store).wait_until_enforced(), 30)


async def test_waiting_ends_when_the_subscriber_leaves(harness: AuthHarness) -> None:
    """`wait_until_enforced` returns at once when the last stream breaks."""
    log = waiting_log(harness)
    with log.subscriber(b""):
        await append(harness.store, revocations(1))
        settling = [asyncio.create_task(log.wait_until_enforced()) for _ in range(3)]
        await asyncio.sleep(0.02)
        assert not any(task.done() for task in settling)
    await asyncio.wait_for(asyncio.gather(*settling), 30)


async def test_waiting_returns_at_once_if_all_are_up_to_date(harness: AuthHarness) -> None:
    """`wait_until_enforced` returns at once without subscribers, or if all have acknowledged."""
    log = waiting_log(harness)
    await asyncio.wait_for(log.wait_until_enforced(), 30)
    with log.subscriber(b"") as subscriber:
        await asyncio.wait_for(log.wait_until_enforced(), 30)
        await append(harness.store, revocations(1))
        log.acknowledge(subscriber, (await log.after(b"")).cursor)
        await asyncio.wait_for(log.wait_until_enforced(), 30)


async def test_an_older_acknowledgement_is_ignored(harness: AuthHarness) -> None:
    """The cursor of a subscriber never moves backwards."""
    with harness.log.subscriber(b"b") as subscriber:
        harness.log.acknowledge(subscriber, b"a")
        assert subscriber.cursor == b"b"


async def test_revoke_tenant_tokens_appends_to_the_log(
    harness: AuthHarness, clock: FixedClock
) -> None:
    """The log gets one entry per call, for one user or for all users, repeats included."""
    user_id, tenant_id = uuid4(), uuid4()
    for _ in range(2):
        await harness.log.revoke_tenant_tokens(tenant_id, user_id, 4)
    await harness.log.revoke_tenant_tokens(tenant_id, None, 5)
    revoked = Revocation(user_id, clock.now(), tenant_id=tenant_id, tenant_epoch=4)
    every_user = replace(revoked, user_id=None, tenant_epoch=5)
    assert await harness.revoked() == [revoked, revoked, every_user]
