"""Workspace tokens over gRPC, as users and sessions call them."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from coditect.auth.internal.v1 import auth_pb2, auth_pb2_grpc
from coditect.auth.v5 import workspace_tokens_pb2 as pb
from kernel.errors import ServiceError
from services.auth.bearer_tokens import format as form
from tests.services.auth.fakes import FakeServices
from tests.services.auth.server import Auth
from tests.support.clock import START


async def open_session(fakes: FakeServices, result: Any) -> str:
    """A session of the user of a login, in the self-tenant."""
    session_id = str(uuid4())
    ids = result.user.user_id, result.tenant.tenant_id, session_id
    fakes.sessions[ids] = START + timedelta(days=7)
    return session_id


async def make(auth: Auth, result: Any, session_id: str, **values: Any) -> Any:
    """A new token of a session."""
    request = pb.CreateWorkspaceTokenRequest(session_id=session_id, **values)
    return await auth.call("CreateWorkspaceToken", request, result.tokens.access_token)


async def listed(auth: Auth, result: Any, session_id: str) -> list[pb.WorkspaceToken]:
    """The tokens of a session."""
    request = pb.ListWorkspaceTokensRequest(session_id=session_id)
    found = await auth.call("ListWorkspaceTokens", request, result.tokens.access_token)
    return list(found.workspace_tokens)


async def test_a_token_is_made_listed_and_revoked(auth: Auth, fakes: FakeServices) -> None:
    """Its secret is shown once; the list tells the rest."""
    result = await auth.register()
    session_id = await open_session(fakes, result)
    made = await make(auth, result, session_id, agent="reviewer", scopes=["sessions:read"])
    assert made.token.startswith("cdt_wst_")
    assert form.read(made.token, auth.service.app.seal) is not None
    assert (list(made.scopes), made.agent) == (["sessions:read"], "reviewer")
    (token,) = await listed(auth, result, session_id)
    assert (token.token_id, token.session_id, token.agent) == (
        made.token_id,
        session_id,
        "reviewer",
    )
    assert (list(token.scopes), token.expire_time) == (["sessions:read"], made.expire_time)
    assert (token.parent_token_id, token.HasField("last_used_time")) == ("", False)
    request = pb.DeleteWorkspaceTokenRequest(session_id=session_id, token_id=made.token_id)
    await auth.call("DeleteWorkspaceToken", request, result.tokens.access_token)
    assert await listed(auth, result, session_id) == []
    reason = await auth.refused("DeleteWorkspaceToken", request, result.tokens.access_token)
    assert reason == "WORKSPACE_TOKEN_NOT_FOUND"


async def test_another_users_session(auth: Auth, fakes: FakeServices) -> None:
    """It is not found, and neither are its tokens."""
    ada, bob = await auth.register(), await auth.register("Bob@Example.com")
    session_id = await open_session(fakes, ada)
    made = await make(auth, ada, session_id)
    request = pb.CreateWorkspaceTokenRequest(session_id=session_id)
    assert await auth.refused("CreateWorkspaceToken", request, bob.tokens.access_token) == (
        "SESSION_NOT_FOUND"
    )
    assert await listed(auth, bob, session_id) == []
    delete = pb.DeleteWorkspaceTokenRequest(session_id=session_id, token_id=made.token_id)
    reason = await auth.refused("DeleteWorkspaceToken", delete, bob.tokens.access_token)
    assert reason == "WORKSPACE_TOKEN_NOT_FOUND"
    assert len(await listed(auth, ada, session_id)) == 1


@pytest.mark.parametrize(
    "values",
    [
        {"scopes": ["login"]},
        {"scopes": ["sessions:write", "account:write"]},
        {"agent": "x" * 101},
        {"agent": "a\nb"},
    ],
)
async def test_what_cannot_be_asked_for(
    auth: Auth, fakes: FakeServices, values: dict[str, Any]
) -> None:
    """The contract says so."""
    result = await auth.register()
    session_id = await open_session(fakes, result)
    request = pb.CreateWorkspaceTokenRequest(session_id=session_id, **values)
    reason = await auth.refused("CreateWorkspaceToken", request, result.tokens.access_token)
    assert reason == "INVALID_REQUEST"


async def test_sessions_that_does_not_answer(auth: Auth, fakes: FakeServices) -> None:
    """The call may be repeated."""
    result = await auth.register()
    session_id = await open_session(fakes, result)
    fakes.failures = 10
    request = pb.CreateWorkspaceTokenRequest(session_id=session_id)
    reason = await auth.refused("CreateWorkspaceToken", request, result.tokens.access_token)
    assert reason == "SESSIONS_UNAVAILABLE"


async def test_sessions_ends_the_tokens_of_a_session(auth: Auth, fakes: FakeServices) -> None:
    """As often as it likes, and for one that has none; then there is no new one."""
    result = await auth.register()
    session_id = await open_session(fakes, result)
    for _ in range(2):
        await make(auth, result, session_id)
    sessions = auth.service.peer("sessions")
    stub = sessions.stub(auth_pb2_grpc.AuthInternalServiceStub)
    for ended in (session_id, session_id, str(uuid4())):
        request = auth_pb2.EndSessionTokensRequest(user_id=result.user.user_id, session_id=ended)
        await sessions.call(stub.EndSessionTokens, request)
    assert await listed(auth, result, session_id) == []
    create = pb.CreateWorkspaceTokenRequest(session_id=session_id)
    assert await auth.refused("CreateWorkspaceToken", create, result.tokens.access_token) == (
        "SESSION_NOT_FOUND"
    )


async def test_only_sessions_ends_them(auth: Auth) -> None:
    """Tenants is refused."""
    tenants = auth.service.peer("tenants")
    stub = tenants.stub(auth_pb2_grpc.AuthInternalServiceStub)
    ids = str(UUID(int=1, version=4))
    request = auth_pb2.EndSessionTokensRequest(user_id=ids, session_id=ids)
    with pytest.raises(ServiceError) as error:
        await tenants.call(stub.EndSessionTokens, request)
    assert error.value.reason == "SERVICE_NOT_ALLOWED"
