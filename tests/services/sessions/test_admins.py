"""Admins and owners can list and end all sessions in the active tenant."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from coditect.sessions.v5 import sessions_pb2 as pb
from coditect.sessions.v5.sessions_pb2_grpc import SessionsServiceStub
from kernel.errors import Kind, RoleMissing, ServiceError, SessionNotFound
from kernel.identity.callers import Call, Role
from kernel.storage import Store
from services.sessions import keys
from services.sessions.model import NewSession
from services.sessions.sessions import Sessions
from tests.support.clock import FixedClock
from tests.support.service import Service
from tests.support.store import rows_between
from tests.support.tokens import User, caller_of, somebody

DRAFT = NewSession("Name", "/work", b"")
ABOVE = [Role.ADMIN, Role.OWNER]


@pytest.fixture
def member() -> User:
    """A member of a tenant, the owner of the session."""
    return somebody(role=Role.MEMBER)


async def create(service: Service, stub: SessionsServiceStub, user: User) -> pb.Session:
    """A new session."""
    return (await service.call(stub.CreateSession, pb.CreateSessionRequest(), user=user)).session


async def reason(service: Service, method: Any, request: Any, user: User) -> str:
    """The reason of a call's refusal."""
    with pytest.raises(ServiceError) as error:
        await service.call(method, request, user=user)
    return error.value.reason


async def test_sessions_of_others_are_ended_only_in_the_tenant(sessions: Sessions) -> None:
    """A manager ends another user's session once, and only in the tenant of the token."""
    caller = caller_of(somebody())
    session = await sessions.create(Call(caller), DRAFT)
    other = replace(caller, user_id=uuid4())
    with pytest.raises(SessionNotFound):
        await sessions.delete(Call(other), session.session_id)
    elsewhere = replace(other, tenant_id=uuid4())
    with pytest.raises(SessionNotFound):
        await sessions.delete(Call(elsewhere, others_least_role=Role.MEMBER), session.session_id)
    assert await sessions.get(Call(caller), session.session_id) == session
    await sessions.delete(Call(other, others_least_role=Role.MEMBER), session.session_id)
    with pytest.raises(SessionNotFound):
        await sessions.get(Call(caller), session.session_id)
    with pytest.raises(SessionNotFound):
        await sessions.delete(Call(other, others_least_role=Role.MEMBER), session.session_id)


async def test_ending_a_session_of_another_leaves_no_rows(store: Store, sessions: Sessions) -> None:
    """The session's index rows and its share of the count are removed with it."""
    caller = caller_of(somebody())
    session = await sessions.create(Call(caller), DRAFT)
    await sessions.delete(
        Call(replace(caller, user_id=uuid4()), others_least_role=Role.MEMBER), session.session_id
    )
    assert await rows_between(store, *keys.SESSIONS.range()) == []


async def test_admins_cannot_end_an_expired_session(sessions: Sessions, clock: FixedClock) -> None:
    """An admin does not find a session after its expiry."""
    caller = caller_of(somebody())
    session = await sessions.create(Call(caller), DRAFT)
    clock.advance(hours=1)
    with pytest.raises(SessionNotFound):
        await sessions.delete(Call(caller, others_least_role=Role.MEMBER), session.session_id)


async def test_list_of_the_tenant_needs_the_right_role(sessions: Sessions) -> None:
    """A call that may not manage others is refused, for every role in the token."""
    for role in Role:
        with pytest.raises(RoleMissing):
            await sessions.list_of_tenant(Call(caller_of(somebody(role=role))), 10, "")


@pytest.mark.parametrize("role", ABOVE)
async def test_admins_end_and_list_sessions_of_others(
    service: Service, stub: SessionsServiceStub, member: User, role: Role
) -> None:
    """An admin ends and lists a member's session; a retry under the same key succeeds."""
    admin = somebody(tenant_id=member.tenant_id, role=role)
    kept, ended = [await create(service, stub, member) for _ in range(2)]
    await create(service, stub, somebody(user_id=member.user_id))
    delete = pb.DeleteSessionRequest(session_id=ended.session_id)
    for _ in range(2):
        await service.call(stub.DeleteSession, delete, user=admin, key="key")
    assert await reason(service, stub.DeleteSession, delete, admin) == "SESSION_NOT_FOUND"
    scope = pb.ListSessionsRequest(scope="tenant")
    listed = await service.call(stub.ListSessions, scope, user=admin)
    assert list(listed.sessions) == [kept]


async def test_members_reach_only_their_own(
    service: Service, stub: SessionsServiceStub, member: User
) -> None:
    """A member cannot end another user's session or list the sessions of the tenant."""
    other = somebody(tenant_id=member.tenant_id, role=Role.MEMBER)
    owner = somebody(tenant_id=member.tenant_id)
    for one in (other, owner):
        session = await create(service, stub, one)
        delete = pb.DeleteSessionRequest(session_id=session.session_id)
        assert await reason(service, stub.DeleteSession, delete, member) == "SESSION_NOT_FOUND"
        got = await service.call(
            stub.GetSession, pb.GetSessionRequest(session_id=session.session_id), user=one
        )
        assert got.session == session
    scope = pb.ListSessionsRequest(scope="tenant")
    with pytest.raises(ServiceError) as error:
        await service.call(stub.ListSessions, scope, user=member)
    assert (error.value.kind, error.value.reason) == (Kind.FORBIDDEN, "ROLE_MISSING")


@pytest.mark.parametrize("role", ABOVE)
async def test_admins_cannot_read_or_change_sessions_of_others(
    service: Service, stub: SessionsServiceStub, member: User, role: Role
) -> None:
    """Get, update and delete-all reach only the caller's own sessions, even for admins."""
    admin = somebody(tenant_id=member.tenant_id, role=role)
    session = await create(service, stub, member)
    get = pb.GetSessionRequest(session_id=session.session_id)
    change = pb.UpdateSessionRequest(session_id=session.session_id, name="Mine")
    assert await reason(service, stub.GetSession, get, admin) == "SESSION_NOT_FOUND"
    assert await reason(service, stub.UpdateSession, change, admin) == "SESSION_NOT_FOUND"
    await service.call(stub.DeleteSessions, pb.DeleteSessionsRequest(), user=admin)
    assert (await service.call(stub.GetSession, get, user=member)).session == session


async def test_the_state_of_others_is_not_listed(
    service: Service, stub: SessionsServiceStub, member: User
) -> None:
    """The tenant's list shows an admin the state of their own sessions, but not of others'."""
    admin = somebody(tenant_id=member.tenant_id, role=Role.ADMIN)
    request = pb.CreateSessionRequest(name="Work")
    request.state.update({"open": "secret.py"})
    for user in (member, admin):
        await service.call(stub.CreateSession, request, user=user)
    scope = pb.ListSessionsRequest(scope="tenant")
    listed = (await service.call(stub.ListSessions, scope, user=admin)).sessions
    seen = {one.user_id: (one.name, dict(one.state)) for one in listed}
    assert seen[str(admin.user_id)] == ("Work", {"open": "secret.py"})
    assert seen[str(member.user_id)] == ("Work", {})


async def test_admins_reach_nothing_in_other_tenants(
    service: Service, stub: SessionsServiceStub, member: User
) -> None:
    """A role counts only in the token's tenant."""
    session = await create(service, stub, member)
    delete = pb.DeleteSessionRequest(session_id=session.session_id)
    for stranger in (somebody(), somebody(user_id=member.user_id)):
        assert await reason(service, stub.DeleteSession, delete, stranger) == "SESSION_NOT_FOUND"
        scope = pb.ListSessionsRequest(scope="tenant")
        assert not (await service.call(stub.ListSessions, scope, user=stranger)).sessions
