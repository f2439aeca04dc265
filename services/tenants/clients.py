"""Whom tenants calls: ports for the use cases, and what fulfils them."""

from uuid import UUID

from coditect.auth.internal.v1 import auth_pb2, auth_pb2_grpc
from coditect.sessions.internal.v1 import sessions_pb2, sessions_pb2_grpc
from kernel import log
from kernel.errors import AccessTokenRevoked, Kind, ServiceError
from kernel.rpc.client import Client
from services.tenants.memberships.errors import ProfileUnavailable
from services.tenants.memberships.model import Profile, full_name
from services.tenants.revocations import repository as revocations

AUTH = "coditect.auth.internal.v1.AuthInternalService"
SESSIONS = "coditect.sessions.internal.v1.SessionsInternalService"

_PROFILE_SECONDS = 2.0

_logger = log.get(__name__)


class RemoteProfiles:
    """Auth over gRPC."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = client.stub(auth_pb2_grpc.AuthInternalServiceStub)

    async def profile(self, user_id: UUID) -> Profile:
        """Who a user is. Raises `ProfileUnavailable`; `AccessTokenRevoked` for a deleted one."""
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
        return Profile(answer.email, answer.normalized_email, name, answer.profile_revision)


class RevocationDeliveries:
    """Delivers access revocations to auth and sessions."""

    def __init__(self, auth: Client, sessions: Client) -> None:
        self._auth = auth
        self._sessions = sessions
        self._auth_stub = auth.stub(auth_pb2_grpc.AuthInternalServiceStub)
        self._sessions_stub = sessions.stub(sessions_pb2_grpc.SessionsInternalServiceStub)

    async def deliver_token_revocation(self, payload: bytes) -> None:
        """Has tokens refused; raises if that is not known to be so, and then it comes again."""
        loss = revocations.parse_revocation(payload)
        request = auth_pb2.RevokeTenantTokensRequest(
            tenant_id=str(loss.tenant_id),
            user_id="" if loss.user_id is None else str(loss.user_id),
            tenant_epoch=loss.tenant_epoch,
        )
        try:
            await self._auth.call(self._auth_stub.RevokeTenantTokens, request)
        except ServiceError as error:
            _logger.info("revocation not delivered", reason=error.reason)
            raise

    async def deliver_session_revocation(self, payload: bytes) -> None:
        """Has sessions ended; raises if that is not known to be so, and then it comes again."""
        loss = revocations.parse_revocation(payload)
        request = sessions_pb2.EndSessionsRequest(
            tenant_id=str(loss.tenant_id),
            user_id="" if loss.user_id is None else str(loss.user_id),
            tenant_epoch=loss.tenant_epoch,
        )
        try:
            await self._sessions.call(self._sessions_stub.EndSessions, request)
        except ServiceError as error:
            _logger.info("ending not delivered", reason=error.reason)
            raise
