"""Sessions with tokens: what a token reaches, and that auth is told when its session ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import grpc
import pytest
from grpc_status import rpc_status

from coditect.auth.internal.v1 import auth_pb2, auth_pb2_grpc
from kernel.errors import RoleMissing, SessionNotFound, StorageConflict
from kernel.identity.callers import Call, Caller, Role
from kernel.rpc.errors import to_status
from kernel.storage import Store
from kernel.storage.recipes.sweeping import Sweeper
from services.sessions import keys, repository
from services.sessions.app import build
from services.sessions.errors import SessionLimitReached, WorkspaceTokenRefused
from services.sessions.model import Session, SessionUpdate
from services.sessions.sessions import Sessions
from services.sessions.settings import SessionsSettings
from tests.services.sessions.harness import DRAFT, admin_call, replay
from tests.support.clock import FixedClock
from tests.support.ids import FixedIds
from tests.support.service import ENVIRON, Service, serve
from tests.support.store import WatchedStore, rows_between
from tests.support.tokens import caller_of, somebody

End = Callable[[Sessions, Sweeper, FixedClock, Session], Awaitable[object]]


async def held(sessions: Sessions, caller: Caller) -> Session:
    """A new session with tokens."""
    made = await sessions.create(Call(caller), DRAFT)
    return await sessions.hold(caller.user_id, caller.tenant_id, made.session_id)


async def notices(store: Store) -> list[tuple[UUID, UUID]]:
    """The users and sessions of which auth has yet to be told."""
    rows = await rows_between(store, *keys.ENDED_SESSIONS.rows.range())
    return [repository.parse_ended(value) for _, value in rows]


def token_of(caller: Caller, session: Session) -> Caller:
    """A workspace token of the caller's session."""
    return replace(caller, session_id=session.session_id, token_id=uuid4(), agent="agent")


class TestHold:
    """Which session can have tokens."""

    async def test_a_living_session_of_the_user(self, sessions: Sessions, caller: Caller) -> None:
        """It is as before, and knows that it has tokens."""
        made = await sessions.create(Call(caller), DRAFT)
        assert not made.has_tokens
        found = await sessions.hold(caller.user_id, caller.tenant_id, made.session_id)
        assert found == replace(made, has_tokens=True)
        assert await sessions.get(Call(caller), made.session_id) == found

    async def test_no_other_session(
        self, sessions: Sessions, caller: Caller, clock: FixedClock
    ) -> None:
        """Of another user, in another tenant, unknown, or expired."""
        made = await sessions.create(Call(caller), DRAFT)
        ids = (caller.user_id, caller.tenant_id, made.session_id)
        for place in range(3):
            wrong = [*ids]
            wrong[place] = uuid4()
            with pytest.raises(SessionNotFound):
                await sessions.hold(*wrong)
        clock.advance(hours=1)
        with pytest.raises(SessionNotFound):
            await sessions.hold(*ids)

    async def test_a_repeat_writes_nothing(
        self, store: Store, clock: FixedClock, settings: SessionsSettings, caller: Caller
    ) -> None:
        """Auth asks for every access token that it makes."""
        watched = WatchedStore(store)
        app = build(settings, watched, clock, FixedIds())
        servicer = app.servicers[0].implementation
        sessions: Sessions = servicer._sessions
        made = await held(sessions, caller)
        before = watched.writes
        for _ in range(3):
            await sessions.hold(made.user_id, made.tenant_id, made.session_id)
        assert watched.writes == before
        for close in app.closers:
            await close()

    async def test_a_change_keeps_it(self, sessions: Sessions, caller: Caller) -> None:
        """Neither a heartbeat nor a new name forgets the tokens."""
        made = await held(sessions, caller)
        for changes in (SessionUpdate(), SessionUpdate(name="New")):
            changed = await sessions.update(Call(caller), made.session_id, changes)
            assert changed.has_tokens


async def _delete(sessions: Sessions, _: Sweeper, __: FixedClock, session: Session) -> None:
    owner = somebody(user_id=session.user_id, tenant_id=session.tenant_id)
    await sessions.delete(Call(caller_of(owner)), session.session_id)


async def _delete_as_admin(
    sessions: Sessions, _: Sweeper, __: FixedClock, session: Session
) -> None:
    admin = caller_of(somebody(tenant_id=session.tenant_id))
    await sessions.delete(admin_call(admin), session.session_id)


async def _delete_all(sessions: Sessions, _: Sweeper, __: FixedClock, session: Session) -> None:
    owner = somebody(user_id=session.user_id, tenant_id=session.tenant_id)
    await sessions.delete_own(Call(caller_of(owner)))


async def _end_membership(sessions: Sessions, _: Sweeper, __: FixedClock, session: Session) -> None:
    await sessions.end(session.tenant_id, session.user_id, 5)


async def _end_tenant(sessions: Sessions, _: Sweeper, __: FixedClock, session: Session) -> None:
    await sessions.end(session.tenant_id, None, 5)


async def _erase_user(sessions: Sessions, _: Sweeper, __: FixedClock, session: Session) -> None:
    await sessions.erase_user(session.user_id)


async def _expire(_: Sessions, sweeper: Sweeper, clock: FixedClock, __: Session) -> None:
    clock.advance(hours=1)
    await sweeper.sweep()


async def _expire_for_another(
    sessions: Sessions, _: Sweeper, clock: FixedClock, session: Session
) -> None:
    """A user with too many sessions opens one, which removes those that have expired."""
    owner = caller_of(somebody(user_id=session.user_id, tenant_id=session.tenant_id))
    clock.advance(seconds=1)  # the oldest ones go first
    for _number in range(258):
        await sessions.create(Call(owner), DRAFT)
    with pytest.raises(SessionLimitReached):
        await sessions.create(Call(owner), DRAFT)
    clock.advance(hours=1)
    await sessions.create(Call(owner), DRAFT)


ENDS = [
    _delete, _delete_as_admin, _delete_all, _end_membership, _end_tenant, _erase_user, _expire,
    _expire_for_another,
]  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
async def test_auth_is_told_however_a_session_ends(
    store: Store,
    sessions: Sessions,
    sweeper: Sweeper,
    clock: FixedClock,
    caller: Caller,
    end: End,
) -> None:
    """Once, in the transaction that removes it; not of a session without tokens."""
    session = await held(sessions, caller)
    await sessions.create(Call(caller), DRAFT)
    assert await notices(store) == []
    await end(sessions, sweeper, clock, session)
    assert await notices(store) == [(session.user_id, session.session_id)]


async def test_what_a_workspace_token_reaches(sessions: Sessions, caller: Caller) -> None:
    """Its session: reads, changes, lists and deletes it."""
    session, other = await held(sessions, caller), await held(sessions, caller)
    token = Call(token_of(caller, session))
    assert await sessions.get(token, session.session_id) == session
    changed = await sessions.update(token, session.session_id, SessionUpdate(name="New"))
    for by_id in (True, False):
        listing = await sessions.list_own(token, 10, "", by_id=by_id)
        assert (listing.items, listing.next_page_token) == ([changed], "")
    await sessions.delete(token, session.session_id)
    assert (await sessions.list_own(token, 10, "")).items == []
    assert (await sessions.list_own(Call(caller), 10, "")).items == [other]


async def test_what_a_workspace_token_does_not_reach(sessions: Sessions, caller: Caller) -> None:
    """Another session of its user is not found, and no session is opened."""
    session, other = await held(sessions, caller), await held(sessions, caller)
    token = Call(token_of(caller, session))
    for use in (
        sessions.get(token, other.session_id),
        sessions.update(token, other.session_id, SessionUpdate()),
        sessions.update(token, other.session_id, SessionUpdate(name="New")),
        sessions.delete(token, other.session_id),
    ):
        with pytest.raises(SessionNotFound):
            await use
    for refused in (sessions.create(token, DRAFT), sessions.delete_own(token)):
        with pytest.raises(WorkspaceTokenRefused):
            await refused
    assert len((await sessions.list_own(Call(caller), 10, "")).items) == 2


async def test_a_workspace_token_of_an_admin(sessions: Sessions, caller: Caller) -> None:
    """It manages the sessions of others no more than a member's does."""
    admin = replace(caller, role=Role.OWNER)
    session = await held(sessions, admin)
    other = await held(sessions, replace(caller, user_id=uuid4()))
    token = admin_call(token_of(admin, session))
    with pytest.raises(SessionNotFound):
        await sessions.delete(token, other.session_id)
    with pytest.raises(RoleMissing):
        await sessions.list_of_tenant(token, 10, "")


class Auth(auth_pb2_grpc.AuthInternalServiceServicer):
    """Auth, as far as sessions calls it.

    Attributes:
        ended: The sessions that it was told of.
        holds: What the next calls wait for, if set.
        fails: Whether calls fail.
    """

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.holds: asyncio.Event | None = None
        self.fails = False

    async def EndSessionTokens(  # noqa: N802 - the contract's name
        self, request: auth_pb2.EndSessionTokensRequest, context: Any
    ) -> auth_pb2.EndSessionTokensResponse:
        """Notes the session."""
        if self.fails:
            await context.abort_with_status(rpc_status.to_status(to_status(StorageConflict())))
        if self.holds is not None:
            await self.holds.wait()
        self.ended.append(request.session_id)
        return auth_pb2.EndSessionTokensResponse()


@pytest.fixture
async def auth() -> AsyncIterator[tuple[Auth, str]]:
    """A fake of auth on a real server, and its address."""
    fake, server = Auth(), grpc.aio.server()
    auth_pb2_grpc.add_AuthInternalServiceServicer_to_server(fake, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    yield fake, address
    await server.stop(0)


class Delivering:
    """The running service, which tells the fake of auth."""

    def __init__(self, service: Service, auth: Auth, sessions: Sessions) -> None:
        self.service = service
        self.auth = auth
        self.sessions = sessions


@pytest.fixture
async def delivering(
    store: Store, clock: FixedClock, auth: tuple[Auth, str]
) -> AsyncIterator[Delivering]:
    """The service with the task that tells auth, which waits for five seconds."""
    fake, address = auth
    settings = SessionsSettings.read({**ENVIRON, "AUTH_ADDRESS": address, "SETTLE_SECONDS": "5"})
    app = build(settings, store, clock, FixedIds())
    tasks = {"deliver_ended_sessions": app.tasks["deliver_ended_sessions"]}
    async with serve("sessions", app, settings, clock, tasks=tasks) as service:
        sessions: Sessions = app.servicers[0].implementation._sessions
        yield Delivering(service, fake, sessions)


async def test_a_deletion_waits_until_auth_has_ended_the_tokens(
    delivering: Delivering, caller: Caller
) -> None:
    """Of one session, and of all; and so does a repeat of it."""
    sessions, fake = delivering.sessions, delivering.auth
    session = await held(sessions, caller)
    for delete in (
        sessions.delete(Call(caller, idempotency=replay()), session.session_id),
        sessions.delete_own(Call(caller)),
    ):
        fake.holds = asyncio.Event()
        running = asyncio.ensure_future(delete)
        await asyncio.sleep(0.2)
        assert not running.done()
        repeat = asyncio.ensure_future(
            sessions.delete(Call(caller, idempotency=replay()), session.session_id)
        )
        await asyncio.sleep(0.2)
        assert not repeat.done()
        fake.holds.set()
        await asyncio.gather(running, repeat)
        assert fake.ended[-1] == str(session.session_id)
        session = await held(sessions, caller)


async def test_a_deletion_of_a_session_without_tokens_does_not_wait(
    delivering: Delivering, store: Store, caller: Caller
) -> None:
    """Although auth has yet to learn of another one."""
    sessions, fake = delivering.sessions, delivering.auth
    other, plain = await held(sessions, caller), await sessions.create(Call(caller), DRAFT)
    fake.holds = asyncio.Event()
    running = asyncio.ensure_future(sessions.delete(Call(caller), other.session_id))
    async with asyncio.timeout(30):
        while not await notices(store):  # noqa: ASYNC110 - nothing tells that it is committed
            await asyncio.sleep(0.01)
    async with asyncio.timeout(30):
        await sessions.delete(Call(caller), plain.session_id)
        await sessions.delete_own(Call(caller))
    fake.holds.set()
    await running


async def test_auth_learns_of_it_although_it_was_down(
    delivering: Delivering, store: Store, caller: Caller
) -> None:
    """The notice waits until auth confirms it."""
    sessions, fake = delivering.sessions, delivering.auth
    session = await held(sessions, caller)
    fake.fails = True
    deleting = asyncio.ensure_future(sessions.delete(Call(caller), session.session_id))
    async with asyncio.timeout(30):
        while not await notices(store):  # noqa: ASYNC110 - nothing tells that it is committed
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    assert await notices(store) == [(session.user_id, session.session_id)]
    fake.fails = False
    await deleting
    async with asyncio.timeout(30):
        while await notices(store):  # noqa: ASYNC110 - a deletion waits for a bounded time
            await asyncio.sleep(0.01)
    assert fake.ended == [str(session.session_id)]
