"""Repeated writes of sessions: they change nothing, and show what is there by then."""

import asyncio
from dataclasses import replace

import pytest

from kernel.errors import AccessTokenRevoked, IdempotencyKeyReused, SessionNotFound
from kernel.identity.callers import Call, Caller
from kernel.storage import Store
from kernel.storage.recipes.expiry import milliseconds
from services.sessions import keys
from services.sessions.model import SessionUpdate
from services.sessions.sessions import Sessions
from tests.services.sessions.harness import (
    DRAFT,
    others,
    replay,
)
from tests.support.clock import FixedClock
from tests.support.store import rows_between


async def test_repeated_create_returns_the_session_as_it_is(
    sessions: Sessions, caller: Caller
) -> None:
    """A retry creates nothing; it returns the session as it is, and finds none once it has ended."""
    first = await sessions.create(Call(caller, idempotency=replay()), DRAFT)
    assert await sessions.create(Call(caller, idempotency=replay()), DRAFT) == first
    changed = await sessions.update(Call(caller), first.session_id, SessionUpdate(name="Other"))
    assert await sessions.create(Call(caller, idempotency=replay()), DRAFT) == changed
    await sessions.delete(Call(caller), first.session_id)
    with pytest.raises(SessionNotFound):
        await sessions.create(Call(caller, idempotency=replay()), DRAFT)
    assert (await sessions.list_own(Call(caller), 10, "")).items == []


async def test_repeated_create_needs_the_membership_still(
    sessions: Sessions, caller: Caller
) -> None:
    """A retry by a member who was removed since is refused like a first call."""
    await sessions.create(Call(caller, idempotency=replay()), DRAFT)
    await sessions.end(caller.tenant_id, caller.user_id, 1)
    with pytest.raises(AccessTokenRevoked):
        await sessions.create(Call(caller, idempotency=replay()), DRAFT)


async def test_repeated_create_finds_no_expired_session(
    sessions: Sessions, caller: Caller, clock: FixedClock
) -> None:
    """A retry after the session has expired finds none, swept or not."""
    await sessions.create(Call(caller, idempotency=replay()), DRAFT)
    clock.advance(hours=1)
    with pytest.raises(SessionNotFound):
        await sessions.create(Call(caller, idempotency=replay()), DRAFT)


async def test_a_heartbeat_is_not_remembered(
    store: Store, sessions: Sessions, caller: Caller, clock: FixedClock
) -> None:
    """Heartbeats with keys write no rows but the session's own, and each one prolongs it."""
    session = await sessions.create(Call(caller), DRAFT)
    before = len(await rows_between(store, *keys.SESSIONS.range()))
    for changes in (SessionUpdate(), SessionUpdate(revision=1)):
        for key in ("one", "one", "two"):
            clock.advance(minutes=30)
            call = Call(caller, idempotency=replay(key))
            beaten = await sessions.update(call, session.session_id, changes)
            assert beaten.last_active_time == milliseconds(clock.now())
    assert len(await rows_between(store, *keys.SESSIONS.range())) == before


async def test_a_keyed_change_takes_little_room(
    store: Store, sessions: Sessions, caller: Caller
) -> None:
    """A key costs less than half a kilobyte, however large the session is."""
    session = await sessions.create(Call(caller), replace(DRAFT, state=bytes(60_000)))
    await sessions.update(Call(caller), session.session_id, SessionUpdate(name="0"))

    async def size() -> int:
        rows = await rows_between(store, *keys.SESSIONS.range())
        return sum(len(key) + len(value) for key, value in rows)

    before = await size()
    for number in range(1, 9):
        call = Call(caller, idempotency=replay(f"key {number}"))
        await sessions.update(call, session.session_id, SessionUpdate(name=f"{number}"))
    assert (await size() - before) / 8 < 512


async def test_key_of_another_request_is_refused(sessions: Sessions, caller: Caller) -> None:
    """A key used before with another request is refused, and nothing is created."""
    await sessions.create(Call(caller, idempotency=replay()), DRAFT)
    with pytest.raises(IdempotencyKeyReused):
        await sessions.create(Call(caller, idempotency=replay(digest=b"other")), DRAFT)
    assert len((await sessions.list_own(Call(caller), 10, "")).items) == 1


async def test_key_is_forgotten_after_a_day(
    sessions: Sessions, caller: Caller, clock: FixedClock
) -> None:
    """A day later the same key creates another session."""
    first = await sessions.create(Call(caller, idempotency=replay()), DRAFT)
    clock.advance(days=1)
    assert (
        await sessions.create(Call(caller, idempotency=replay()), DRAFT)
    ).session_id != first.session_id


async def test_repeated_update_returns_the_session_as_it_is(
    sessions: Sessions, caller: Caller, clock: FixedClock
) -> None:
    """A retry of an update is not refused as stale, changes nothing and does not prolong."""
    session = await sessions.create(Call(caller), DRAFT)
    changes, keyed = SessionUpdate(name="Other", revision=1), Call(caller, idempotency=replay())
    first = await sessions.update(keyed, session.session_id, changes)
    clock.advance(minutes=1)
    assert await sessions.update(keyed, session.session_id, changes) == first
    third = await sessions.update(Call(caller), session.session_id, SessionUpdate(name="Third"))
    clock.advance(minutes=1)
    assert await sessions.update(keyed, session.session_id, changes) == third
    assert await sessions.get(Call(caller), session.session_id) == third
    await sessions.delete(Call(caller), session.session_id)
    with pytest.raises(SessionNotFound):
        await sessions.update(keyed, session.session_id, changes)


async def test_a_session_is_not_another_users_in_a_repeat(
    sessions: Sessions, caller: Caller
) -> None:
    """What a retry reads again belongs to its caller, even if the record were another's."""
    session = await sessions.create(Call(caller, idempotency=replay("create")), DRAFT)
    changes, update = SessionUpdate(name="Other"), replay("update")
    await sessions.update(Call(caller, idempotency=update), session.session_id, changes)
    for other in others(caller):
        with pytest.raises(SessionNotFound):
            await sessions.create(Call(other, idempotency=replay("create")), DRAFT)
        with pytest.raises(SessionNotFound):
            await sessions.update(Call(other, idempotency=update), session.session_id, changes)


async def test_repeated_delete_succeeds(sessions: Sessions, caller: Caller) -> None:
    """A repeat under the same key returns the first response."""
    session = await sessions.create(Call(caller), DRAFT)
    await sessions.delete(Call(caller, idempotency=replay()), session.session_id)
    await sessions.delete(Call(caller, idempotency=replay()), session.session_id)


async def test_repeated_delete_own_spares_new_sessions(sessions: Sessions, caller: Caller) -> None:
    """A retry under the same key does not end sessions created since the first call."""
    await asyncio.gather(*(sessions.create(Call(caller), DRAFT) for _ in range(201)))
    await sessions.delete_own(Call(caller, idempotency=replay()))
    session = await sessions.create(Call(caller), DRAFT)
    await sessions.delete_own(Call(caller, idempotency=replay()))
    assert await sessions.get(Call(caller), session.session_id) == session
