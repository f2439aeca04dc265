"""The rules of sessions."""

import asyncio
from dataclasses import replace

import pytest

from kernel.errors import SessionNotFound
from kernel.identity.callers import Call, Caller
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from services.sessions import keys, repository
from services.sessions.errors import RevisionStale, SessionLimitReached
from services.sessions.model import NewSession, Session, SessionUpdate
from services.sessions.sessions import Sessions
from services.sessions.settings import SessionsSettings
from tests.services.sessions.harness import (
    DRAFT,
    HOUR,
    NOW,
    admin_call,
    others,
    pages,
)
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.store import rows_between
from tests.support.tokens import caller_of, somebody


async def test_create_gives_the_whole_session(sessions: Sessions, caller: Caller) -> None:
    """A new session is the caller's, at revision 1, and ends after the idle time."""
    caller = replace(caller, tenant_epoch=3)
    session = await sessions.create(Call(caller), NewSession("Name", "/work", b"\n\x00"))
    assert session == Session(
        session_id=session.session_id,
        tenant_id=caller.tenant_id,
        user_id=caller.user_id,
        name="Name",
        workspace_path="/work",
        state=b"\n\x00",
        revision=1,
        create_time=NOW,
        update_time=NOW,
        last_active_time=NOW,
        expire_time=NOW + HOUR,
        tenant_epoch=3,
    )
    assert session.session_id.version == 4


async def test_the_limit_holds_for_concurrent_creates(
    store: Store, settings: SessionsSettings
) -> None:
    """20 of 100 concurrent creates succeed; the limit counts per user and tenant."""
    clock, caller = FixedClock(), caller_of(somebody())
    small = settings.model_copy(update={"sessions_per_user": 20})
    sessions = Sessions(Runtime(store, clock, FixedIds(), Seal(secrets_of(small.seal_keys))), small)
    results = await asyncio.gather(
        *(sessions.create(Call(caller), DRAFT) for _ in range(100)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, BaseException)]
    assert len(refused) == 80
    assert all(isinstance(error, SessionLimitReached) for error in refused)
    assert {error.metadata["limit"] for error in refused} == {"20"}  # type: ignore[attr-defined]
    listing = await sessions.list_own(Call(caller), 100, "")
    assert len(listing.items) == 20

    for other in others(caller):  # the limit is per user and tenant
        await sessions.create(Call(other), DRAFT)
    await sessions.delete(Call(caller), listing.items[0].session_id)
    await sessions.create(Call(caller), DRAFT)  # a deletion makes room


async def test_expired_sessions_do_not_count_against_the_limit(
    store: Store, settings: SessionsSettings
) -> None:
    """A user whose list is empty can create as many sessions as the limit, swept or not."""
    clock, caller = FixedClock(), caller_of(somebody())
    small = settings.model_copy(update={"sessions_per_user": 30})
    sessions = Sessions(Runtime(store, clock, FixedIds(), Seal(secrets_of(small.seal_keys))), small)
    for _ in range(30):
        await sessions.create(Call(caller), DRAFT)
    clock.advance(hours=1)
    assert (await sessions.list_own(Call(caller), 100, "")).items == []
    made = [(await sessions.create(Call(caller), DRAFT)).session_id for _ in range(30)]
    with pytest.raises(SessionLimitReached):
        await sessions.create(Call(caller), DRAFT)
    listed = (await sessions.list_own(Call(caller), 100, "")).items
    assert sorted(session.session_id for session in listed) == sorted(made)

    quota = await store.read(
        lambda tx: repository.session_quota(tx, caller.tenant_id, caller.user_id, 0)
    )
    stored = await rows_between(store, *repository.SESSION_BY_USER.range(caller.tenant_id))
    assert quota.used == len(stored) == 30


async def test_living_sessions_do_not_make_room(store: Store, settings: SessionsSettings) -> None:
    """At the limit only what has expired goes: a session in use stays, and so do other users'."""
    clock, caller = FixedClock(), caller_of(somebody())
    small = settings.model_copy(update={"sessions_per_user": 2})
    sessions = Sessions(Runtime(store, clock, FixedIds(), Seal(secrets_of(small.seal_keys))), small)
    kept, _ = [await sessions.create(Call(caller), DRAFT) for _ in range(2)]
    theirs = [(other, await sessions.create(Call(other), DRAFT)) for other in others(caller)]
    clock.advance(minutes=30)
    await sessions.update(Call(caller), kept.session_id, SessionUpdate())
    clock.advance(minutes=29, seconds=59, milliseconds=999)
    with pytest.raises(SessionLimitReached):
        await sessions.create(Call(caller), DRAFT)
    clock.advance(milliseconds=1)
    await sessions.create(Call(caller), DRAFT)
    assert await sessions.get(Call(caller), kept.session_id)
    for other, session in theirs:
        key = keys.SESSION.key(other.tenant_id, session.session_id)
        assert await rows_between(store, key, key + b"\0")


async def test_get_own(sessions: Sessions, caller: Caller) -> None:
    """A session is read as it was created."""
    session = await sessions.create(Call(caller), DRAFT)
    assert await sessions.get(Call(caller), session.session_id) == session


async def test_others_find_no_session(sessions: Sessions, caller: Caller) -> None:
    """Another user, and the caller in another tenant, cannot read, change or end a session."""
    session = await sessions.create(Call(caller), DRAFT)
    for other in others(caller):
        with pytest.raises(SessionNotFound):
            await sessions.get(Call(other), session.session_id)
        with pytest.raises(SessionNotFound):
            await sessions.update(Call(other), session.session_id, SessionUpdate(name="Mine"))
        with pytest.raises(SessionNotFound):
            await sessions.delete(Call(other), session.session_id)
        await sessions.delete_own(Call(other))
        assert (await sessions.list_own(Call(other), 10, "")).items == []
    assert await sessions.get(Call(caller), session.session_id) == session


async def test_an_expired_session_is_not_found(
    sessions: Sessions, caller: Caller, clock: FixedClock
) -> None:
    """An expired session cannot be read, listed, updated or ended, even before it is swept."""
    session = await sessions.create(Call(caller), DRAFT)
    clock.advance(minutes=59, seconds=59, milliseconds=999)
    assert await sessions.get(Call(caller), session.session_id)
    clock.advance(milliseconds=1)
    with pytest.raises(SessionNotFound):
        await sessions.get(Call(caller), session.session_id)
    with pytest.raises(SessionNotFound):
        await sessions.update(Call(caller), session.session_id, SessionUpdate())
    with pytest.raises(SessionNotFound):
        await sessions.delete(Call(caller), session.session_id)
    assert (await sessions.list_own(Call(caller), 10, "")).items == []
    assert (await sessions.list_of_tenant(admin_call(caller), 10, "")).items == []


async def test_heartbeat_prolongs_and_changes_nothing(
    sessions: Sessions, caller: Caller, clock: FixedClock
) -> None:
    """An update without changes moves expiry and last activity, not the revision."""
    session = await sessions.create(Call(caller), DRAFT)
    clock.advance(minutes=59)
    beaten = await sessions.update(Call(caller), session.session_id, SessionUpdate())
    later = NOW + 59 * 60_000
    assert beaten == replace(session, last_active_time=later, expire_time=later + HOUR)
    clock.advance(minutes=59)
    assert await sessions.get(Call(caller), session.session_id) == beaten


@pytest.mark.parametrize(
    "changes",
    [
        SessionUpdate(name="Other"),
        SessionUpdate(workspace_path="/other"),
        SessionUpdate(state=b"\n\x00"),
    ],
)
async def test_a_change_increments_the_revision(
    sessions: Sessions, caller: Caller, clock: FixedClock, changes: SessionUpdate
) -> None:
    """An update changes only the given values, the revision and the times."""
    session = await sessions.create(Call(caller), DRAFT)
    clock.advance(minutes=1)
    changed = await sessions.update(Call(caller), session.session_id, changes)
    later = NOW + 60_000
    given = {
        name: value
        for name in ("name", "workspace_path", "state")
        if (value := getattr(changes, name)) is not None
    }
    assert changed == replace(
        session,
        **given,
        revision=2,
        update_time=later,
        last_active_time=later,
        expire_time=later + HOUR,
    )
    assert await sessions.get(Call(caller), session.session_id) == changed


async def test_same_values_are_no_change(sessions: Sessions, caller: Caller) -> None:
    """Setting the current values is a heartbeat."""
    session = await sessions.create(Call(caller), DRAFT)
    same = SessionUpdate(name="Name", workspace_path="/work", state=b"", revision=1)
    assert (await sessions.update(Call(caller), session.session_id, same)).revision == 1


async def test_values_can_be_emptied(sessions: Sessions, caller: Caller) -> None:
    """An explicit empty value is a change, not an omission."""
    session = await sessions.create(Call(caller), DRAFT)
    changed = await sessions.update(Call(caller), session.session_id, SessionUpdate(name=""))
    assert (changed.name, changed.workspace_path, changed.revision) == ("", "/work", 2)


async def test_stale_revision_changes_nothing(sessions: Sessions, caller: Caller) -> None:
    """A change based on an older or a future revision is refused with the current revision."""
    session = await sessions.create(Call(caller), DRAFT)
    current = await sessions.update(Call(caller), session.session_id, SessionUpdate(name="Other"))
    for revision in (1, 3):
        changes = SessionUpdate(name="Third", revision=revision)
        with pytest.raises(RevisionStale) as error:
            await sessions.update(Call(caller), session.session_id, changes)
        assert error.value.metadata == {"currentRevision": "2"}
    assert await sessions.get(Call(caller), session.session_id) == current


async def test_one_of_many_changes_wins(sessions: Sessions, caller: Caller) -> None:
    """Of many changes based on the same revision, exactly one succeeds."""
    session = await sessions.create(Call(caller), DRAFT)
    results = await asyncio.gather(
        *(
            sessions.update(
                Call(caller), session.session_id, SessionUpdate(name=f"{n}", revision=1)
            )
            for n in range(50)
        ),
        return_exceptions=True,
    )
    (winner,) = [result for result in results if isinstance(result, Session)]
    assert sum(isinstance(result, RevisionStale) for result in results) == 49
    assert await sessions.get(Call(caller), session.session_id) == winner
    assert winner.revision == 2


async def test_delete_twice_finds_nothing(sessions: Sessions, caller: Caller) -> None:
    """An ended session is not found."""
    session = await sessions.create(Call(caller), DRAFT)
    await sessions.delete(Call(caller), session.session_id)
    with pytest.raises(SessionNotFound):
        await sessions.delete(Call(caller), session.session_id)
    with pytest.raises(SessionNotFound):
        await sessions.get(Call(caller), session.session_id)


async def test_delete_own_ends_all_and_only_own(sessions: Sessions, caller: Caller) -> None:
    """All of the caller's sessions in the tenant end, over several transactions; others' stay."""
    await asyncio.gather(*(sessions.create(Call(caller), DRAFT) for _ in range(250)))
    kept = [(other, await sessions.create(Call(other), DRAFT)) for other in others(caller)]
    await sessions.delete_own(Call(caller))
    assert await pages(sessions.list_own, caller, 1000) == [[]]
    for other, session in kept:
        assert await sessions.get(Call(other), session.session_id) == session
