"""Sessions' internal methods over gRPC, as other services call them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import grpc
import pytest

from coditect.sessions.internal.v1 import sessions_pb2 as internal_pb2
from coditect.sessions.internal.v1.sessions_pb2_grpc import SessionsInternalServiceStub
from coditect.sessions.v5 import sessions_pb2 as pb
from coditect.sessions.v5.sessions_pb2_grpc import SessionsServiceStub
from kernel.errors import Kind, ServiceError
from tests.support.service import Service
from tests.support.tokens import User, somebody

MAKE: Callable[[grpc.aio.Channel], Any] = SessionsInternalServiceStub
ID = str(uuid4())


@pytest.fixture
def user() -> User:
    """The owner of a tenant, with a token of its third epoch."""
    return somebody(tenant_epoch=3)


async def create(service: Service, stub: SessionsServiceStub, user: User) -> pb.Session:
    """A new session."""
    return (await service.call(stub.CreateSession, pb.CreateSessionRequest(), user=user)).session


async def listed(service: Service, stub: SessionsServiceStub, user: User) -> list[pb.Session]:
    """The user's sessions."""
    return list(
        (await service.call(stub.ListSessions, pb.ListSessionsRequest(), user=user)).sessions
    )


async def ask(service: Service, peer: str, method: str, request: Any) -> Any:
    """Calls a method as another service."""
    client = service.peer(peer)
    return await client.call(getattr(client.stub(MAKE), method), request)


METHODS = [
    ("EraseUser", "auth", internal_pb2.EraseUserRequest(user_id=ID)),
    (
        "EndSessions",
        "tenants",
        internal_pb2.EndSessionsRequest(tenant_id=ID, user_id=ID, tenant_epoch=1),
    ),
    (
        "HoldSession",
        "auth",
        internal_pb2.HoldSessionRequest(user_id=ID, tenant_id=ID, session_id=ID),
    ),
    ("ExportUser", "auth", internal_pb2.ExportUserRequest(user_id=ID)),
]


def test_all_methods_are_called_here() -> None:
    """The tables cover every internal method."""
    service = internal_pb2.DESCRIPTOR.services_by_name["SessionsInternalService"]
    assert [method.name for method in service.methods] == [name for name, _, _ in METHODS]


@pytest.mark.parametrize(("method", "caller", "request_"), METHODS)
async def test_each_method_accepts_one_service(
    service: Service, user: User, method: str, caller: str, request_: Any
) -> None:
    """Each method accepts one service, and refuses users and other services."""
    if method == "HoldSession":
        with pytest.raises(ServiceError, match="SESSION_NOT_FOUND"):
            await ask(service, caller, method, request_)
    else:
        await ask(service, caller, method, request_)
    with pytest.raises(ServiceError) as error:
        await service.call(getattr(service.stub(MAKE), method), request_, user=user)
    assert error.value.reason == "SERVICE_TOKEN_INVALID"
    for other in {"auth", "tenants", "gateway"} - {caller}:
        with pytest.raises(ServiceError) as error:
            await ask(service, other, method, request_)
        assert error.value.reason == "SERVICE_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("method", "request_", "expected"),
    [
        ("EraseUser", internal_pb2.EraseUserRequest(user_id="x"), {("userId", "NOT_A_UUID")}),
        ("ExportUser", internal_pb2.ExportUserRequest(), {("userId", "REQUIRED")}),
        (
            "EndSessions",
            internal_pb2.EndSessionsRequest(user_id="x"),
            {
                ("tenantId", "REQUIRED"),
                ("userId", "NOT_A_UUID"),
                ("tenantEpoch", "NOT_POSITIVE"),
            },
        ),
        (
            "EndSessions",
            internal_pb2.EndSessionsRequest(tenant_id=ID, tenant_epoch=-1),
            {("tenantEpoch", "NOT_POSITIVE")},
        ),
    ],
)
async def test_bad_fields_are_named(
    service: Service, method: str, request_: Any, expected: set[tuple[str, str]]
) -> None:
    """One error names every bad field."""
    caller = {name: caller for name, caller, _ in METHODS}[method]
    with pytest.raises(ServiceError) as error:
        await ask(service, caller, method, request_)
    assert (error.value.kind, error.value.reason) == (Kind.INVALID, "INVALID_REQUEST")
    violations = {(violation.field, violation.reason) for violation in error.value.violations}
    assert violations == expected


async def test_auth_erases_a_user(service: Service, stub: SessionsServiceStub, user: User) -> None:
    """Auth ends all sessions of a deleted user, in every tenant; a repeat is harmless."""
    elsewhere = somebody(user_id=user.user_id)
    for one in (user, elsewhere):
        await create(service, stub, one)
    for _ in range(2):
        request = internal_pb2.EraseUserRequest(user_id=str(user.user_id))
        await ask(service, "auth", "EraseUser", request)
    for one in (user, elsewhere):
        assert await listed(service, stub, one) == []


@pytest.mark.parametrize("of_one", [True, False], ids=["user", "tenant"])
async def test_tenants_ends_sessions(
    service: Service, stub: SessionsServiceStub, user: User, of_one: bool
) -> None:
    """Tenants ends the sessions of one member or of all; a repeat keeps newer sessions."""
    other = somebody(tenant_id=user.tenant_id, tenant_epoch=3)
    for one in (user, other):
        await create(service, stub, one)
    request = internal_pb2.EndSessionsRequest(
        tenant_id=str(user.tenant_id), user_id=str(user.user_id) if of_one else "", tenant_epoch=4
    )
    await ask(service, "tenants", "EndSessions", request)
    assert await listed(service, stub, user) == []
    assert len(await listed(service, stub, other)) == of_one
    with pytest.raises(ServiceError) as error:
        await create(service, stub, user)
    assert error.value.reason == "ACCESS_TOKEN_REVOKED"
    back = somebody(user_id=user.user_id, tenant_id=user.tenant_id, tenant_epoch=4)
    session = await create(service, stub, back)
    await ask(service, "tenants", "EndSessions", request)
    assert await listed(service, stub, back) == [session]


async def test_auth_holds_a_session(
    service: Service, stub: SessionsServiceStub, user: User
) -> None:
    """It learns when the session ends; one of another user or tenant is not found."""
    session = await create(service, stub, user)
    ids = {
        "user_id": str(user.user_id),
        "tenant_id": str(user.tenant_id),
        "session_id": session.session_id,
    }
    for _ in range(2):
        held = await ask(service, "auth", "HoldSession", internal_pb2.HoldSessionRequest(**ids))
        assert held.expire_time == session.expire_time
    for name in ids:
        request = internal_pb2.HoldSessionRequest(**{**ids, name: ID})
        with pytest.raises(ServiceError) as error:
            await ask(service, "auth", "HoldSession", request)
        assert (error.value.kind, error.value.reason) == (Kind.NOT_FOUND, "SESSION_NOT_FOUND")
