"""Whom auth calls: ports for the use cases, and what fulfils them over gRPC."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from coditect.sessions.internal.v1 import sessions_pb2, sessions_pb2_grpc
from coditect.tenants.internal.v1 import tenants_pb2, tenants_pb2_grpc
from kernel import log
from kernel.clock import datetime_of, timestamp
from kernel.errors import ServiceError
from kernel.rpc.client import Client
from services.auth import repository
from services.auth.model import Tenant

TENANTS = "coditect.tenants.internal.v1.TenantsInternalService"
SESSIONS = "coditect.sessions.internal.v1.SessionsInternalService"

_TENANT_SECONDS = 0.25

_logger = log.get(__name__)


class Tenants(Protocol):
    """What the use cases ask of tenants."""

    async def self_tenant(self, user_id: UUID, create_time: datetime) -> Tenant:
        """A user's own tenant; made if it does not exist yet. Never fails."""
        ...


class RemoteTenants:
    """Tenants over gRPC."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = client.stub(tenants_pb2_grpc.TenantsInternalServiceStub)

    async def self_tenant(self, user_id: UUID, create_time: datetime) -> Tenant:
        """A user's own tenant; what is known without asking if tenants does not answer."""
        try:
            return await self.materialise(user_id, create_time, _TENANT_SECONDS)
        except ServiceError as error:
            _logger.warning("self-tenant not fetched", reason=error.reason)
            return Tenant.own(user_id, create_time)

    async def materialise(
        self,
        user_id: UUID,
        create_time: datetime,
        timeout: float,  # noqa: ASYNC109 - gRPC's own deadline
    ) -> Tenant:
        """Makes sure that a user's own tenant exists, and gives it. Raises `RemoteError`."""
        request = tenants_pb2.MaterialiseSelfTenantRequest(
            user_id=str(user_id), create_time=timestamp(create_time)
        )
        answer = await self._client.call(self._stub.MaterialiseSelfTenant, request, timeout=timeout)
        return Tenant(
            tenant_id=UUID(answer.tenant_id),
            name=answer.name,
            slug=answer.slug,
            kind=answer.kind,
            role=answer.role,
            state=answer.state,
            create_time=datetime_of(answer.create_time),
        )

    async def erase(self, user_id: UUID) -> None:
        """Has what is kept of a deleted user erased. Raises `RemoteError`."""
        request = tenants_pb2.EraseUserRequest(user_id=str(user_id))
        await self._client.call(self._stub.EraseUser, request)


class RemoteSessions:
    """Sessions over gRPC."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = client.stub(sessions_pb2_grpc.SessionsInternalServiceStub)

    async def erase(self, user_id: UUID) -> None:
        """Has what is kept of a deleted user erased. Raises `RemoteError`."""
        request = sessions_pb2.EraseUserRequest(user_id=str(user_id))
        await self._client.call(self._stub.EraseUser, request)


class Deliveries:
    """Does what the outbox holds."""

    def __init__(self, tenants: RemoteTenants, sessions: RemoteSessions) -> None:
        self._tenants = tenants
        self._sessions = sessions

    async def deliver(self, payload: bytes) -> None:
        """Does one task; raises if it is not done, and then it comes again."""
        user_id, create_time = repository.parse_task(payload)
        try:
            if create_time is not None:
                await self._tenants.materialise(user_id, create_time, _TENANT_SECONDS)
            else:
                await self._tenants.erase(user_id)
                await self._sessions.erase(user_id)
        except ServiceError as error:
            _logger.info("outbox delivery failed", reason=error.reason)
            raise
