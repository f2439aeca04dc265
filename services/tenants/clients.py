"""Whom tenants calls: ports for the use cases, and what fulfils them."""

from typing import Protocol
from uuid import UUID

from coditect.auth.internal.v1 import auth_pb2, auth_pb2_grpc
from kernel import log
from kernel.errors import AccessTokenRevoked, Kind, ServiceError
from kernel.rpc.client import Client
from services.tenants.errors import ProfileUnavailable
from services.tenants.model import Profile

AUTH = "coditect.auth.internal.v1.AuthInternalService"

_PROFILE_SECONDS = 2.0

_logger = log.get(__name__)


class Profiles(Protocol):
    """What the use cases ask of auth."""

    async def profile(self, user_id: UUID) -> Profile:
        """Who a user is. Raises `ProfileUnavailable`; `AccessTokenRevoked` for a deleted one."""
        ...


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
        name = f"{answer.first_name} {answer.last_name}".strip()
        return Profile(answer.email, answer.folded_email, name)
