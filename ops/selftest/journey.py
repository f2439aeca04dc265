"""The calls of a typical user, and the answers they must get."""

import asyncio
import secrets
from collections.abc import Mapping

from coditect.auth.v5.accounts_pb2 import RegisterRequest
from coditect.auth.v5.accounts_pb2_grpc import AccountsServiceStub
from coditect.auth.v5.logins_pb2 import LoginRequest, LogoutRequest
from coditect.auth.v5.logins_pb2_grpc import LoginsServiceStub
from coditect.sessions.v5.sessions_pb2 import CreateSessionRequest, GetSessionRequest
from coditect.sessions.v5.sessions_pb2_grpc import SessionsServiceStub
from coditect.tenants.v5.tenants_pb2 import GetTenantRequest
from coditect.tenants.v5.tenants_pb2_grpc import TenantsServiceStub
from kernel.errors import AccessTokenRevoked, Kind
from kernel.rpc.client import Client
from kernel.rpc.errors import RemoteError
from ops.selftest.failure import Failed

_EMAIL = "selftest@example.com"
_NAME = "opened by the self-test"
_REVOKED_SECONDS = 10.0
_TICK_SECONDS = 0.05


async def walk(clients: Mapping[str, Client]) -> None:
    """Registers, logs in, reads the tenant, opens and reads a session, logs out, loses access.

    Raises:
        Failed: An answer is wrong.
        RemoteError: A call failed that should succeed.
    """
    password = secrets.token_urlsafe(32)
    accounts = clients["auth"].stub(AccountsServiceStub)
    logins = clients["auth"].stub(LoginsServiceStub)
    await clients["auth"].call(
        accounts.Register,
        RegisterRequest(email=_EMAIL, password=password, first_name="Self", last_name="Test"),
    )
    await _expect_wrong_password_to_fail(clients["auth"])
    login = await clients["auth"].call(logins.Login, LoginRequest(email=_EMAIL, password=password))
    token = login.tokens.access_token
    await _read_tenant(clients["tenants"], token, login.tenant.tenant_id)
    session = await _open_session(clients["sessions"], token)
    await clients["auth"].call(logins.Logout, LogoutRequest(), access_token=token)
    await _expect_revoked(clients["sessions"], token, session)


async def _expect_wrong_password_to_fail(client: Client) -> None:
    logins = client.stub(LoginsServiceStub)
    request = LoginRequest(email=_EMAIL, password=secrets.token_urlsafe(32))
    try:
        await client.call(logins.Login, request)
    except RemoteError as error:
        if error.kind is Kind.UNAUTHENTICATED:
            return
        raise
    raise Failed("auth accepted a wrong password")


async def _read_tenant(client: Client, token: str, tenant_id: str) -> None:
    tenants = client.stub(TenantsServiceStub)
    request = GetTenantRequest(tenant_id=tenant_id)
    answer = await client.call(tenants.GetTenant, request, access_token=token)
    if answer.tenant.tenant_id != tenant_id:
        raise Failed("tenants returned another tenant than the requested one")


async def _open_session(client: Client, token: str) -> str:
    sessions = client.stub(SessionsServiceStub)
    created = await client.call(
        sessions.CreateSession, CreateSessionRequest(name=_NAME), access_token=token
    )
    request = GetSessionRequest(session_id=created.session.session_id)
    read = await client.call(sessions.GetSession, request, access_token=token)
    if read.session != created.session or read.session.name != _NAME:
        raise Failed("sessions returned another session than the created one")
    return created.session.session_id


async def _expect_revoked(client: Client, token: str, session_id: str) -> None:
    """A logout takes effect at once, or a little later on a busy machine."""
    sessions = client.stub(SessionsServiceStub)
    request = GetSessionRequest(session_id=session_id)
    for _ in range(round(_REVOKED_SECONDS / _TICK_SECONDS)):
        try:
            await client.call(sessions.GetSession, request, access_token=token)
        except RemoteError as error:
            if error.reason == AccessTokenRevoked.reason:
                return
            raise
        await asyncio.sleep(_TICK_SECONDS)
    raise Failed("sessions still accepts the token of a login that has ended")
