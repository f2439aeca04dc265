"""Ending sessions with their user, membership or tenant, in any order of commits."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest

from kernel.errors import AccessTokenRevoked, StorageUnavailable
from kernel.idempotent_request import IdempotentRequest
from kernel.identity.callers import Call, Caller, Role
from kernel.runtime import Runtime
from kernel.seal import Seal
from kernel.settings import secrets_of
from kernel.storage import Read, Store, Write
from kernel.storage.recipes.sweeping import Sweeper
from ops.doctor import rows as forms
from services.sessions import keys, repository
from services.sessions.invariants import INVARIANTS
from services.sessions.model import NewSession, Session, SessionUpdate
from services.sessions.sessions import Sessions
from services.sessions.settings import SessionsSettings
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.store import WatchedStore, rows_between
from tests.support.sweeping import sweep_settled
from tests.support.tokens import caller_of, somebody

T = TypeVar("T")
Made = dict[str, dict[int, Session]]

DRAFT = NewSession("Name", "/work", b"")
OF_SESSIONS = (
    keys.SESSION,
    keys.SESSION_OWNER,
    repository.SESSION_BY_USER,
    repository.SESSION_BY_ACTIVITY,
    repository.SESSION_EXPIRY.entries,
    repository.SESSION_COUNT,
)
EPOCH = 5
BEFORE, AFTER = (0, 3, 4), (5, 6)
PLACES = ("own", "another's", "elsewhere")


def at(caller: Caller, epoch: int) -> Caller:
    """The caller with a token of another epoch."""
    return replace(caller, tenant_epoch=epoch)


def people(caller: Caller) -> dict[str, Caller]:
    """The caller, another user in the tenant, and the caller in another tenant."""
    other, elsewhere = replace(caller, user_id=uuid4()), replace(caller, tenant_id=uuid4())
    return dict(zip(PLACES, (caller, other, elsewhere), strict=True))


async def make(sessions: Sessions, who: dict[str, Caller]) -> Made:
    """A session of each caller in each epoch."""
    return {
        name: {
            epoch: await sessions.create(Call(at(one, epoch)), DRAFT) for epoch in (*BEFORE, *AFTER)
        }
        for name, one in who.items()
    }


async def left(sessions: Sessions, caller: Caller) -> list[Session]:
    """The caller's sessions."""
    return (await sessions.list_own(Call(caller), 1000, "", by_id=True)).items


async def epochs(sessions: Sessions, caller: Caller) -> set[int]:
    """The epochs of the caller's sessions."""
    return {session.tenant_epoch for session in await left(sessions, caller)}


async def refused(sessions: Sessions, caller: Caller) -> bool:
    """Whether the caller cannot create a session."""
    try:
        await sessions.create(Call(caller), DRAFT)
    except AccessTokenRevoked:
        return True
    return False


async def broken(store: Store) -> list[tuple[str, str]]:
    """The violated invariants of sessions' rows."""

    async def read(tx: Read) -> list[tuple[str, str]]:
        found = []
        for family, text, judge, _ in INVARIANTS:
            pairs = await tx.get_range(*family.range(), limit=10_000)
            whole = [forms.read(family, key, family.unpack(key), value) for key, value in pairs]
            found += [(family.name, text) for _ in (await judge(tx, whole) if whole else ())]
        return found

    return await store.read(read)


@pytest.mark.parametrize(
    ("of_one", "ended"), [(True, {"own"}), (False, {"own", "another's"})], ids=["user", "tenant"]
)
async def test_end_removes_sessions_of_older_epochs(
    store: Store, sessions: Sessions, caller: Caller, of_one: bool, ended: set[str]
) -> None:
    """An end removes sessions of older epochs and rejects their tokens, also when repeated."""
    who = people(caller)
    made = await make(sessions, who)
    for _ in range(2):
        await sessions.end(caller.tenant_id, caller.user_id if of_one else None, EPOCH)
        for name, one in who.items():
            stays = AFTER if name in ended else (*BEFORE, *AFTER)
            kept = [made[name][epoch] for epoch in stays]
            assert await left(sessions, one) == sorted(kept, key=lambda one: one.session_id)
        assert await broken(store) == []
    for name, one in who.items():
        answers = [await refused(sessions, at(one, epoch)) for epoch in (4, 5, 6)]
        assert answers == [name in ended, False, False]


@pytest.mark.parametrize("of_one", [True, False], ids=["user", "tenant"])
async def test_a_late_repeat_of_an_end_keeps_new_sessions(
    sessions: Sessions, caller: Caller, of_one: bool
) -> None:
    """A repeated or older end keeps the sessions of newer epochs; a newer end removes them."""
    user_id = caller.user_id if of_one else None
    await sessions.create(Call(at(caller, 4)), DRAFT)
    await sessions.end(caller.tenant_id, user_id, 5)
    new = await sessions.create(Call(at(caller, 5)), DRAFT)
    await sessions.end(caller.tenant_id, user_id, 5)
    await sessions.end(caller.tenant_id, user_id, 3)
    assert await left(sessions, caller) == [new]
    await sessions.end(caller.tenant_id, user_id, 7)
    assert await left(sessions, caller) == []
    await sessions.end(caller.tenant_id, user_id, 5)
    assert await refused(sessions, at(caller, 6))
    assert not await refused(sessions, at(caller, 7))


async def test_changes_keep_the_epoch(sessions: Sessions, caller: Caller) -> None:
    """After a role change the member's sessions still end with the membership."""
    session = await sessions.create(Call(at(caller, 4)), DRAFT)
    for changes in (SessionUpdate(name="Other"), SessionUpdate()):
        changed = await sessions.update(Call(at(caller, 5)), session.session_id, changes)
        assert changed.tenant_epoch == 4
    await sessions.end(caller.tenant_id, caller.user_id, 5)
    assert await left(sessions, caller) == []


async def test_an_end_removes_sessions_without_an_epoch(
    store: Store, sessions: Sessions, caller: Caller
) -> None:
    """A session with epoch 0 is older than every epoch, and is removed."""
    session = await sessions.create(Call(caller), DRAFT)
    assert session.tenant_epoch == 0
    await sessions.end(caller.tenant_id, caller.user_id, 1)
    for family in OF_SESSIONS:
        assert await rows_between(store, *family.range()) == []


class _Passing(WatchedStore):
    """A store that allows a number of writes, and then fails."""

    def __init__(self, store: Store, most: int) -> None:
        super().__init__(store)
        self.most = most

    async def write(
        self, fn: Callable[[Write], Coroutine[Any, Any, T]], *, essential: bool = False
    ) -> T:
        """Like the wrapped store, up to the limit."""
        if self.writes == self.most:
            raise StorageUnavailable
        return await super().write(fn, essential=essential)


def use_cases(store: Store, settings: SessionsSettings) -> Sessions:
    """The use cases on a wrapped store."""
    seal = Seal(secrets_of(settings.seal_keys))
    return Sessions(Runtime(store, FixedClock(), FixedIds(2), seal), settings)


@pytest.mark.parametrize("of_one", [True, False], ids=["user", "tenant"])
async def test_an_interrupted_end_resumes(
    store: Store, sessions: Sessions, caller: Caller, settings: SessionsSettings, of_one: bool
) -> None:
    """The first transaction of an end already rejects creates; a repeat removes the rest."""
    user_id = caller.user_id if of_one else None
    old = [sessions.create(Call(at(caller, 4)), DRAFT) for _ in range(150)]
    new = [sessions.create(Call(at(caller, 6)), DRAFT) for _ in range(100)]
    _, kept = await asyncio.gather(asyncio.gather(*old), asyncio.gather(*new))
    dying = _Passing(store, 1)
    with pytest.raises(StorageUnavailable):
        await use_cases(dying, settings).end(caller.tenant_id, user_id, 5)
    assert await epochs(sessions, caller) == {4, 6}
    assert await broken(store) == []
    assert await refused(sessions, at(caller, 4))
    kept.append(await sessions.create(Call(at(caller, 5)), DRAFT))
    watched = WatchedStore(store)
    await use_cases(watched, settings).end(caller.tenant_id, user_id, 5)
    assert watched.writes == 1
    assert await left(sessions, caller) == sorted(kept, key=lambda one: one.session_id)
    assert await broken(store) == []


class _Held(WatchedStore):
    """A store whose next write starts when the test allows it, like a slow one."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.reached, self.released = asyncio.Event(), asyncio.Event()

    async def write(
        self, fn: Callable[[Write], Coroutine[Any, Any, T]], *, essential: bool = False
    ) -> T:
        """Like the wrapped store, after a delay."""
        self.reached.set()
        await self.released.wait()
        return await super().write(fn, essential=essential)


@pytest.mark.parametrize("of_one", [True, False], ids=["user", "tenant"])
async def test_an_end_that_commits_first_refuses_the_create(
    store: Store, sessions: Sessions, caller: Caller, settings: SessionsSettings, of_one: bool
) -> None:
    """A create is refused at its commit, although its token was valid when the call began."""
    held = _Held(store)
    creating = asyncio.create_task(use_cases(held, settings).create(Call(at(caller, 4)), DRAFT))
    await held.reached.wait()
    await sessions.end(caller.tenant_id, caller.user_id if of_one else None, 5)
    held.released.set()
    with pytest.raises(AccessTokenRevoked):
        await creating
    assert await left(sessions, caller) == []


@pytest.mark.parametrize("of_one", [True, False], ids=["user", "tenant"])
async def test_a_create_that_commits_first_is_ended(
    store: Store, sessions: Sessions, caller: Caller, settings: SessionsSettings, of_one: bool
) -> None:
    """An end removes a session that is created after the end began and before it commits."""
    held = _Held(store)
    user_id = caller.user_id if of_one else None
    ending = asyncio.create_task(use_cases(held, settings).end(caller.tenant_id, user_id, 5))
    await held.reached.wait()
    await sessions.create(Call(at(caller, 4)), DRAFT)
    held.released.set()
    await ending
    assert await left(sessions, caller) == []


async def _meet(sessions: Sessions, tenant_id: UUID, users: list[Caller], of_one: bool) -> None:
    """Runs an end among 200 concurrent creates, a third of them with tokens of the new epoch."""
    creates = [
        sessions.create(Call(at(users[number % len(users)], 4 + (number % 3 == 0))), DRAFT)
        for number in range(200)
    ]
    end = sessions.end(tenant_id, users[0].user_id if of_one else None, 5)
    calls: list[Coroutine[Any, Any, Any]] = [*creates[:50], end, *creates[50:]]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    del answers[50]
    assert {type(answer) for answer in answers} <= {Session, AccessTokenRevoked}
    for number, answer in enumerate(answers):
        ended = number % len(users) == 0 or not of_one
        assert isinstance(answer, Session) or (ended and number % 3 != 0)


@pytest.mark.parametrize("of_one", [True, False], ids=["user", "tenant"])
async def test_an_end_among_concurrent_creates(
    store: Store, sessions: Sessions, of_one: bool
) -> None:
    """In each of 25 runs, no ended session is left and every session of the new epoch is."""
    for _ in range(25):
        tenant_id = uuid4()
        users = [caller_of(somebody(tenant_id=tenant_id, role=Role.MEMBER)) for _ in range(4)]
        await _meet(sessions, tenant_id, users, of_one)
        for number, user in enumerate(users):
            kept = {5} if number == 0 or not of_one else {4, 5}
            assert await epochs(sessions, user) == kept
            new = [one for one in await left(sessions, user) if one.tenant_epoch == 5]
            assert len(new) == sum(n % 3 == 0 for n in range(number, 200, 4))
    assert await broken(store) == []


@pytest.mark.parametrize("of_one", [True, False], ids=["user", "tenant"])
async def test_end_markers_are_swept_after_the_last_token(
    store: Store,
    sessions: Sessions,
    sweeper: Sweeper,
    clock: FixedClock,
    caller: Caller,
    of_one: bool,
) -> None:
    """The sweeper removes the marker of an end after a token's longest life and a day, for certain."""
    await sessions.create(Call(at(caller, 4)), DRAFT)
    await sessions.end(caller.tenant_id, caller.user_id if of_one else None, 5)
    clock.advance(hours=24, minutes=59, seconds=59)
    await sweep_settled(sweeper, clock)
    assert await refused(sessions, at(caller, 4))
    await sweep_settled(sweeper, clock)
    assert await rows_between(store, *keys.SESSIONS.range()) == []


async def test_erasing_a_user_ends_all_their_sessions(sessions: Sessions, caller: Caller) -> None:
    """Sessions of the user end in every tenant, those of others stay; a repeat is harmless."""
    elsewhere = replace(caller, tenant_id=uuid4())
    other = replace(caller, user_id=uuid4())
    await asyncio.gather(*(sessions.create(Call(caller), DRAFT) for _ in range(250)))
    await asyncio.gather(*(sessions.create(Call(elsewhere), DRAFT) for _ in range(3)))
    kept = await sessions.create(Call(other), DRAFT)
    for _ in range(2):
        await sessions.erase_user(caller.user_id)
        assert await left(sessions, caller) == []
        assert await left(sessions, elsewhere) == []
        assert await sessions.get(Call(other), kept.session_id) == kept


async def test_an_erased_user_cannot_create_a_session(
    store: Store, sessions: Sessions, caller: Caller, sweeper: Sweeper, clock: FixedClock
) -> None:
    """No session is left, whether the erasure or a concurrent create commits first."""
    creates = [
        sessions.create(
            Call(caller, idempotency=IdempotentRequest("caller", "method", str(number), b"")), DRAFT
        )
        for number in range(50)
    ]
    erasure = asyncio.create_task(sessions.erase_user(caller.user_id))
    answers = await asyncio.gather(*creates, return_exceptions=True)
    await erasure
    answers += await asyncio.gather(sessions.create(Call(caller), DRAFT), return_exceptions=True)
    assert {type(answer) for answer in answers} <= {Session, AccessTokenRevoked}
    assert isinstance(answers[-1], AccessTokenRevoked)
    assert await left(sessions, caller) == []
    for family in OF_SESSIONS:
        assert await rows_between(store, *family.range()) == []
    clock.advance(hours=25)
    await sweep_settled(sweeper, clock)
    assert await rows_between(store, *keys.SESSIONS.range()) == []
