"""The rules of sessions."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest

from kernel.errors import AccessTokenRevoked, IdempotencyKeyReused, PageTokenInvalid
from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Call, Caller, Role
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Store
from kernel.storage.recipes.expiry import milliseconds
from services.sessions import keys, repository
from services.sessions.errors import RevisionStale, SessionLimitReached, SessionNotFound
from services.sessions.model import NewSession, Session, SessionUpdate
from services.sessions.sessions import Listing, Sessions
from services.sessions.settings import SessionsSettings
from tests.support.clock import START, FixedClock
from tests.support.ids import FixedIds
from tests.support.store import rows_between
from tests.support.tokens import caller_of, somebody

DRAFT = NewSession("Name", "/work", b"")
NOW = int(START.timestamp() * 1000)
HOUR = 3_600_000

List = Callable[[Caller, int, str], Awaitable[Listing]]


@pytest.fixture
def caller() -> Caller:
    """A member of a tenant."""
    return caller_of(somebody(role=Role.MEMBER))


def others(caller: Caller) -> list[Caller]:
    """Callers that must not see the sessions: another user, and the caller in another tenant."""
    return [
        replace(caller, user_id=uuid4(), role=Role.OWNER),
        replace(caller, tenant_id=uuid4(), role=Role.OWNER),
    ]


def admin_call(caller: Caller) -> Call:
    """A call whose caller may manage the sessions of others."""
    return Call(caller, others_least_role=Role.MEMBER)


def replay(key: str = "key", digest: bytes = b"digest") -> IdempotentRequest:
    """A request with an idempotency key."""
    return IdempotentRequest("caller", "method", key, digest)


async def pages(list_page: List, caller: Caller, limit: int) -> list[list[Session]]:
    """All pages of a list."""
    found, token = [], ""
    while True:
        page = await list_page(admin_call(caller), limit, token)
        found.append(page.items)
        token = page.next_page_token
        if not token:
            return found


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


async def test_delete_twice_finds_nothing(sessions: Sessions, caller: Caller) -> None:
    """An ended session is not found."""
    session = await sessions.create(Call(caller), DRAFT)
    await sessions.delete(Call(caller), session.session_id)
    with pytest.raises(SessionNotFound):
        await sessions.delete(Call(caller), session.session_id)
    with pytest.raises(SessionNotFound):
        await sessions.get(Call(caller), session.session_id)


async def test_repeated_delete_succeeds(sessions: Sessions, caller: Caller) -> None:
    """A repeat under the same key returns the first response."""
    session = await sessions.create(Call(caller), DRAFT)
    await sessions.delete(Call(caller, idempotency=replay()), session.session_id)
    await sessions.delete(Call(caller, idempotency=replay()), session.session_id)


async def test_delete_own_ends_all_and_only_own(sessions: Sessions, caller: Caller) -> None:
    """All of the caller's sessions in the tenant end, over several transactions; others' stay."""
    await asyncio.gather(*(sessions.create(Call(caller), DRAFT) for _ in range(250)))
    kept = [(other, await sessions.create(Call(other), DRAFT)) for other in others(caller)]
    await sessions.delete_own(Call(caller))
    assert await pages(sessions.list_own, caller, 1000) == [[]]
    for other, session in kept:
        assert await sessions.get(Call(other), session.session_id) == session


async def test_repeated_delete_own_spares_new_sessions(sessions: Sessions, caller: Caller) -> None:
    """A retry under the same key does not end sessions created since the first call."""
    await asyncio.gather(*(sessions.create(Call(caller), DRAFT) for _ in range(201)))
    await sessions.delete_own(Call(caller, idempotency=replay()))
    session = await sessions.create(Call(caller), DRAFT)
    await sessions.delete_own(Call(caller, idempotency=replay()))
    assert await sessions.get(Call(caller), session.session_id) == session


async def test_pages_give_every_session_once(sessions: Sessions, caller: Caller) -> None:
    """250 sessions are returned in pages of the requested size, ordered by id."""
    made = await asyncio.gather(*(sessions.create(Call(caller), DRAFT) for _ in range(250)))
    in_order = sorted(made, key=lambda session: session.session_id)
    for list_page in (partial(sessions.list_own, by_id=True), sessions.list_of_tenant):
        for limit, sizes in {60: [60, 60, 60, 60, 10], 50: [50] * 5, 1000: [250]}.items():
            found = await pages(list_page, caller, limit)
            assert [len(page) for page in found] == sizes
            assert [session for page in found for session in page] == in_order


async def test_the_last_active_session_is_listed_first(
    sessions: Sessions, caller: Caller, clock: FixedClock
) -> None:
    """Sessions are listed in the reverse order of their last change or heartbeat, in pages."""
    made = []
    for _ in range(25):
        made.append((await sessions.create(Call(caller), DRAFT)).session_id)
        clock.advance(milliseconds=1)
    for number, changes in ((3, SessionUpdate()), (17, SessionUpdate(name="Other"))):
        await sessions.update(Call(caller), made[number], changes)
        made.append(made.pop(number))
        clock.advance(milliseconds=1)
    for limit, sizes in {10: [10, 10, 5], 25: [25], 24: [24, 1]}.items():
        found = await pages(sessions.list_own, caller, limit)
        assert [len(page) for page in found] == sizes
        assert [session.session_id for page in found for session in page] == made[::-1]


async def test_a_session_that_becomes_active_between_pages_is_not_lost(
    sessions: Sessions, caller: Caller, clock: FixedClock
) -> None:
    """It moves to the front: no later page has it, a new list begins with it, and no other moves."""
    made = []
    for _ in range(9):
        made.append((await sessions.create(Call(caller), DRAFT)).session_id)
        clock.advance(milliseconds=1)
    first = await sessions.list_own(Call(caller), 3, "")
    # One that was seen, the one at which the next page begins, and one further down.
    for number in (7, 6, 2):
        await sessions.update(Call(caller), made[number], SessionUpdate())
        clock.advance(milliseconds=1)
    rest, token = [], first.next_page_token
    while token:
        page = await sessions.list_own(Call(caller), 3, token)
        rest += [session.session_id for session in page.items]
        token = page.next_page_token
    assert [session.session_id for session in first.items] == [made[8], made[7], made[6]]
    assert rest == [made[5], made[4], made[3], made[1], made[0]]
    newest = (await sessions.list_own(Call(caller), 3, "")).items
    assert [session.session_id for session in newest] == [made[2], made[6], made[7]]


@pytest.mark.parametrize("by_id", [True, False])
async def test_pages_skip_expired_sessions(
    sessions: Sessions, caller: Caller, clock: FixedClock, *, by_id: bool
) -> None:
    """Expired sessions do not shorten a page, and the next one begins at the right place."""
    made = await asyncio.gather(*(sessions.create(Call(caller), DRAFT) for _ in range(40)))
    clock.advance(minutes=30)
    for session in made[::2]:
        await sessions.update(Call(caller), session.session_id, SessionUpdate())
    clock.advance(minutes=30)
    for list_page in (partial(sessions.list_own, by_id=by_id), sessions.list_of_tenant):
        found = await pages(list_page, caller, 8)
        assert [len(page) for page in found] == [8, 8, 4]
        assert {session.session_id for page in found for session in page} == {
            session.session_id for session in made[::2]
        }


async def test_page_tokens_are_good_for_their_list_only(sessions: Sessions) -> None:
    """A token of another user, tenant or scope is refused, and so is garbage."""
    owner = caller_of(somebody())
    for _ in range(3):
        await sessions.create(Call(owner), DRAFT)
    mine = (await sessions.list_own(Call(owner), 1, "")).next_page_token
    by_id = partial(sessions.list_own, by_id=True)
    mine_by_id = (await by_id(Call(owner), 1, "")).next_page_token
    of_tenant = sessions.list_of_tenant
    tenants = (await of_tenant(admin_call(owner), 1, "")).next_page_token
    assert (await sessions.list_own(Call(owner), 1, mine)).items
    assert (await by_id(Call(owner), 1, mine_by_id)).items
    assert (await of_tenant(admin_call(owner), 1, tenants)).items
    refused: list[tuple[List, Caller, str]] = [
        (sessions.list_own, owner, tenants),
        (of_tenant, owner, mine),
        (sessions.list_own, owner, mine_by_id),
        (by_id, owner, mine),
        (of_tenant, owner, mine_by_id),
        *((sessions.list_own, other, mine) for other in others(owner)),
        *((of_tenant, other, tenants) for other in others(owner)),
        *((sessions.list_own, owner, bad) for bad in ("x", "é", "\0", mine[:-1], mine + "A")),
        (sessions.list_own, owner, "A" * 100_000),
    ]
    for list_page, caller, token in refused:
        with pytest.raises(PageTokenInvalid):
            await list_page(admin_call(caller), 1, token)
