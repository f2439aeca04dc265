"""The services that tenants calls: auth and sessions, over gRPC."""

from uuid import UUID

from coditect.auth.internal.v1 import auth_pb2, auth_pb2_grpc
from coditect.sessions.internal.v1 import sessions_pb2, sessions_pb2_grpc
from kernel import log
from kernel.clock import timestamp
from kernel.errors import AccessTokenRevoked, Kind, ServiceError
from kernel.rpc.client import Client
from services.tenants.memberships.errors import ProfileUnavailable
from services.tenants.memberships.model import Profile, UserProfile, full_name
from services.tenants.operator_events.model import OperatorEvent
from services.tenants.revocations.model import AccessRevocation

AUTH = "coditect.auth.internal.v1.AuthInternalService"
SESSIONS = "coditect.sessions.internal.v1.SessionsInternalService"

_PROFILE_SECONDS = 2.0

_logger = log.get(__name__)


class RemoteProfiles:
    """Implements `Profiles` by calls to auth."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = client.stub(auth_pb2_grpc.AuthInternalServiceStub)

    async def profile(self, user_id: UUID) -> UserProfile:
        """The profile of a user. Raises `ProfileUnavailable`; `AccessTokenRevoked` for a deleted user."""
        request = auth_pb2.GetUserProfileRequest(user_id=str(user_id))
        try:
            answer = await self._client.call(
                self._stub.GetUserProfile, request, timeout=_PROFILE_SECONDS
            )
        except ServiceError as error:
            if error.kind is Kind.NOT_FOUND:
                raise AccessTokenRevoked from None
            _logger.warning("profile not fetched", reason=error.reason)
            raise ProfileUnavailable from None
        name = full_name(answer.first_name, answer.last_name)
        profile = Profile(answer.email, answer.normalized_email, name, answer.profile_revision)
        return UserProfile(profile, answer.email_verified)


class RemoteEmailProofs:
    """Tells auth of proved addresses, over gRPC."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = client.stub(auth_pb2_grpc.AuthInternalServiceStub)

    async def prove(self, user_id: UUID, normalized_email: str) -> None:
        """Has auth note a proof. Raises `ServiceError` unless auth confirms it."""
        request = auth_pb2.ProveEmailRequest(
            user_id=str(user_id), normalized_email=normalized_email
        )
        await self._client.call(self._stub.ProveEmail, request)


class RemoteTenantErasures:
    """Has auth erase what belongs to deleted organizations, over gRPC."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = client.stub(auth_pb2_grpc.AuthInternalServiceStub)

    async def erase_tenant(self, tenant_id: UUID) -> None:
        """Erases it. Raises `ServiceError` unless auth confirms it."""
        request = auth_pb2.EraseTenantRequest(tenant_id=str(tenant_id))
        await self._client.call(self._stub.EraseTenant, request)


class RemoteTokenRevocations:
    """Has auth reject tokens of a tenant, over gRPC."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = client.stub(auth_pb2_grpc.AuthInternalServiceStub)

    async def revoke_tenant_tokens(self, revocation: AccessRevocation) -> None:
        """Has auth reject the tokens. Raises `ServiceError` unless auth confirms it."""
        request = auth_pb2.RevokeTenantTokensRequest(
            tenant_id=str(revocation.tenant_id),
            user_id="" if revocation.user_id is None else str(revocation.user_id),
            tenant_epoch=revocation.tenant_epoch,
        )
        await self._client.call(self._stub.RevokeTenantTokens, request)


class RemoteSessionRevocations:
    """Has sessions end sessions of a tenant, over gRPC."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = client.stub(sessions_pb2_grpc.SessionsInternalServiceStub)

    async def end_sessions(self, revocation: AccessRevocation) -> None:
        """Ends the sessions. Raises `ServiceError` unless the service confirms it."""
        request = sessions_pb2.EndSessionsRequest(
            tenant_id=str(revocation.tenant_id),
            user_id="" if revocation.user_id is None else str(revocation.user_id),
            tenant_epoch=revocation.tenant_epoch,
        )
        await self._client.call(self._stub.EndSessions, request)


class RemoteOperatorLog:
    """Puts the acts of operators into auth's operator log, over gRPC."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = client.stub(auth_pb2_grpc.AuthInternalServiceStub)

    async def append(self, event: OperatorEvent) -> None:
        """Puts in an act, once for each event id. Raises `ServiceError` unless auth confirms it."""
        request = auth_pb2.AppendOperatorEventRequest(
            event_id=str(event.event_id),
            time=timestamp(event.time),
            operator_id=str(event.operator_id),
            act=event.act,
            tenant_id="" if event.tenant_id is None else str(event.tenant_id),
            user_id="" if event.user_id is None else str(event.user_id),
            reason=event.reason,
            address=event.device.address,
            user_agent=event.device.user_agent,
        )
        await self._client.call(self._stub.AppendOperatorEvent, request)
