"""The services that auth calls, over gRPC."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from coditect.sessions.internal.v1 import sessions_pb2, sessions_pb2_grpc
from coditect.tenants.internal.v1 import tenants_pb2, tenants_pb2_grpc
from kernel import log
from kernel.clock import datetime_of, timestamp
from kernel.emails import normalized_email
from kernel.errors import Kind, ServiceError, SessionNotFound, TenantNotFound, TenantSuspended
from kernel.rpc.client import Client
from services.auth.audit_events.model import AuditEvent
from services.auth.logins.errors import TenantsUnavailable
from services.auth.logins.model import LoginLimits, LoginTenant, TenantName
from services.auth.service_accounts.model import TenantState
from services.auth.users.model import User

TENANTS = "coditect.tenants.internal.v1.TenantsInternalService"
SESSIONS = "coditect.sessions.internal.v1.SessionsInternalService"

_MEMBERSHIP_SECONDS = 1.0
_SESSION_SECONDS = 1.0
_ERRORS_OF_TENANTS = {error.reason: error for error in (TenantNotFound, TenantSuspended)}

_logger = log.get(__name__)


class SessionsUnavailable(ServiceError):
    """The sessions service does not answer. An export needs the data of the user, and a token a session."""

    kind = Kind.UNAVAILABLE
    reason = "SESSIONS_UNAVAILABLE"
    message = "The sessions cannot be looked up at the moment. Please try again."


class RemoteTenants:
    """Tenants over gRPC."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = client.stub(tenants_pb2_grpc.TenantsInternalServiceStub)

    async def membership(self, user_id: UUID, tenant_id: UUID) -> LoginTenant:
        """A tenant as a member sees it.

        Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`.
        """
        request = tenants_pb2.GetMembershipRequest(user_id=str(user_id), tenant_id=str(tenant_id))
        answer = await self._ask(self._stub.GetMembership, request)
        return LoginTenant(
            tenant_id=UUID(answer.tenant_id),
            name=answer.name,
            slug=answer.slug,
            kind=answer.kind,
            role=answer.role,
            state=answer.state,
            create_time=datetime_of(answer.create_time),
            epoch=answer.tenant_epoch,
            second_factor_required=answer.second_factor_required,
            limits=LoginLimits(
                answer.login_idle_seconds or None, answer.login_life_seconds or None
            ),
            programs_allowed=answer.programs_allowed,
            longest_token_days=answer.longest_token_days,
        )

    async def tenants_of(self, user_id: UUID) -> list[TenantName]:
        """The tenants among which a user chooses. Raises `TenantsUnavailable`."""
        request = tenants_pb2.ListTenantsOfUserRequest(user_id=str(user_id))
        answer = await self._ask(self._stub.ListTenantsOfUser, request)
        return [TenantName(UUID(one.tenant_id), one.name, one.kind) for one in answer.tenants]

    async def tenant_state(self, tenant_id: UUID) -> TenantState:
        """The state of a tenant. Raises `TenantNotFound`, `TenantsUnavailable`."""
        request = tenants_pb2.GetTenantStateRequest(tenant_id=str(tenant_id))
        answer = await self._ask(self._stub.GetTenantState, request)
        return TenantState(
            kind=answer.kind,
            state=answer.state,
            epoch=answer.tenant_epoch,
            programs_allowed=answer.programs_allowed,
            longest_token_days=answer.longest_token_days,
        )

    async def _ask(self, method: Any, request: Any) -> Any:
        """Asks for what a token needs. Raises `TenantNotFound`, `TenantSuspended`, `TenantsUnavailable`."""
        try:
            return await self._client.call(method, request, timeout=_MEMBERSHIP_SECONDS)
        except ServiceError as error:
            if error.reason in _ERRORS_OF_TENANTS:
                raise _ERRORS_OF_TENANTS[error.reason] from None
            _logger.warning("tenant not looked up", reason=error.reason)
            raise TenantsUnavailable(retry_after=1) from None

    async def ensure_self_tenant(self, user_id: UUID, create_time: datetime) -> None:
        """Ensures that the self-tenant of a user exists. Raises `RemoteError`."""
        request = tenants_pb2.EnsureSelfTenantRequest(
            user_id=str(user_id), create_time=timestamp(create_time)
        )
        await self._client.call(self._stub.EnsureSelfTenant, request)

    async def update_profile(self, user: User) -> None:
        """Updates names, address and its proof where tenants keeps them. Raises `RemoteError`."""
        request = tenants_pb2.UpdateUserProfileRequest(
            user_id=str(user.user_id),
            first_name=user.first_name,
            last_name=user.last_name,
            profile_revision=user.profile_revision,
            email=user.email,
            normalized_email=normalized_email(user.email),
            email_verified=user.email_verified,
        )
        await self._client.call(self._stub.UpdateUserProfile, request)

    async def append_audit_event(self, event: AuditEvent) -> None:
        """Adds an event to the audit log of an organization. Raises `RemoteError`."""
        request = tenants_pb2.AppendAuditEventRequest(
            event_id=str(event.event_id),
            tenant_id=str(event.tenant_id),
            time=timestamp(event.time),
            user_id=_text(event.user_id),
            login_id=_text(event.login_id),
            action=event.action,
            target_id=str(event.target_id),
            target_name=event.target_name,
            detail=event.detail,
            address=event.device.address,
            user_agent=event.device.user_agent,
            client_id=event.program.client_id,
            token_id=_text(event.program.token_id),
            agent=event.program.agent,
        )
        await self._client.call(self._stub.AppendAuditEvent, request)

    async def erase(self, user_id: UUID) -> None:
        """Erases what is kept of a deleted user. Raises `RemoteError`."""
        request = tenants_pb2.EraseUserRequest(user_id=str(user_id))
        await self._client.call(self._stub.EraseUser, request)

    async def export(self, user_id: UUID) -> AsyncIterator[list[str]]:
        """What is kept of a user, line by line in pages. Raises `TenantsUnavailable`."""
        request = tenants_pb2.ExportUserRequest(user_id=str(user_id))
        async for lines in _pages(
            self._client, self._stub.ExportUser, request, TenantsUnavailable(retry_after=1)
        ):
            yield lines


class RemoteSessions:
    """Sessions over gRPC."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = client.stub(sessions_pb2_grpc.SessionsInternalServiceStub)

    async def erase(self, user_id: UUID) -> None:
        """Erases what is kept of a deleted user. Raises `RemoteError`."""
        request = sessions_pb2.EraseUserRequest(user_id=str(user_id))
        await self._client.call(self._stub.EraseUser, request)

    async def hold(self, user_id: UUID, tenant_id: UUID, session_id: UUID) -> datetime:
        """Notes that a session has tokens, so that its end is reported; says when it ends.

        Raises `SessionNotFound`, `SessionsUnavailable`.
        """
        request = sessions_pb2.HoldSessionRequest(
            user_id=str(user_id), tenant_id=str(tenant_id), session_id=str(session_id)
        )
        try:
            answer = await self._client.call(
                self._stub.HoldSession, request, timeout=_SESSION_SECONDS
            )
        except ServiceError as error:
            if error.reason == SessionNotFound.reason:
                raise SessionNotFound from None
            _logger.warning("session not looked up", reason=error.reason)
            raise SessionsUnavailable(retry_after=1) from None
        return datetime_of(answer.expire_time)

    async def export(self, user_id: UUID) -> AsyncIterator[list[str]]:
        """What is kept of a user, line by line in pages. Raises `SessionsUnavailable`."""
        request = sessions_pb2.ExportUserRequest(user_id=str(user_id))
        async for lines in _pages(
            self._client, self._stub.ExportUser, request, SessionsUnavailable(retry_after=1)
        ):
            yield lines


async def _pages(
    client: Client, method: Any, request: Any, unavailable: ServiceError
) -> AsyncIterator[list[str]]:
    """All pages of an export. Raises `unavailable` for any error."""
    while True:
        try:
            page = await client.call(method, request)
        except ServiceError as error:
            _logger.warning("export broke off", reason=error.reason)
            raise unavailable from None
        yield list(page.lines)
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def _text(one: UUID | None) -> str:
    return "" if one is None else str(one)
