"""Fakes of auth and sessions behind one real gRPC server, with the methods that tenants calls."""

import asyncio
from typing import Any
from uuid import UUID

import grpc
from grpc_status import rpc_status

from coditect.auth.internal.v1 import auth_pb2, auth_pb2_grpc
from coditect.sessions.internal.v1 import sessions_pb2, sessions_pb2_grpc
from kernel.errors import ServiceError
from kernel.rpc.errors import to_status
from services.auth.users.errors import UserNotFound
from services.tenants.revocations.model import AccessRevocation
from tests.services.tenants.harness import profile_of

REVISION = 4
"""The revision of every profile."""


class FakeServices:
    """Fakes that know every user and keep the revocations that they receive.

    Attributes:
        fails: The error that the next calls are refused with, if set.
        holds: The event that the next calls of RevokeTenantTokens wait for, if set.
        revoked: The revocations that auth has received.
        ended: The revocations that sessions has received.
        proved: The users who have proved their address.
        unknown: The users whom auth does not know.
        proofs: The proofs that auth has received: users and addresses.
        erased: The organizations that auth was told to erase.
        address: The address of both.
    """

    def __init__(self) -> None:
        self.fails: ServiceError | None = None
        self.holds: asyncio.Event | None = None
        self.revoked: list[AccessRevocation] = []
        self.ended: list[AccessRevocation] = []
        self.proved: set[UUID] = set()
        self.unknown: set[UUID] = set()
        self.proofs: list[tuple[UUID, str]] = []
        self.erased: list[UUID] = []
        self.address = "127.0.0.1:0"

    async def start(self) -> None:
        """Listens on a free port; after a stop, on the same port again."""
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        auth_pb2_grpc.add_AuthInternalServiceServicer_to_server(_Auth(self), self._server)
        sessions_pb2_grpc.add_SessionsInternalServiceServicer_to_server(
            _Sessions(self), self._server
        )
        self.address = f"127.0.0.1:{self._server.add_insecure_port(self.address)}"
        await self._server.start()

    async def stop(self) -> None:
        """Stops listening."""
        await self._server.stop(0)

    async def fail(self, context: Any) -> None:
        """Refuses the call if `fails` is set."""
        if self.fails is not None:
            await context.abort_with_status(rpc_status.to_status(to_status(self.fails)))


class _Auth(auth_pb2_grpc.AuthInternalServiceServicer):
    def __init__(self, fakes: FakeServices) -> None:
        self._fakes = fakes

    async def GetUserProfile(  # noqa: N802 - the contract's name
        self, request: auth_pb2.GetUserProfileRequest, context: Any
    ) -> auth_pb2.GetUserProfileResponse:
        await self._fakes.fail(context)
        if UUID(request.user_id) in self._fakes.unknown:
            await context.abort_with_status(rpc_status.to_status(to_status(UserNotFound())))
        profile = profile_of(UUID(request.user_id))
        first, last = profile.display_name.split(" ")
        return auth_pb2.GetUserProfileResponse(
            email=profile.email,
            normalized_email=profile.normalized_email,
            first_name=first,
            last_name=last,
            profile_revision=REVISION,
            email_verified=UUID(request.user_id) in self._fakes.proved,
        )

    async def ProveEmail(  # noqa: N802
        self, request: auth_pb2.ProveEmailRequest, context: Any
    ) -> auth_pb2.ProveEmailResponse:
        await self._fakes.fail(context)
        self._fakes.proofs.append((UUID(request.user_id), request.normalized_email))
        return auth_pb2.ProveEmailResponse()

    async def EraseTenant(  # noqa: N802
        self, request: auth_pb2.EraseTenantRequest, context: Any
    ) -> auth_pb2.EraseTenantResponse:
        await self._fakes.fail(context)
        self._fakes.erased.append(UUID(request.tenant_id))
        return auth_pb2.EraseTenantResponse()

    async def RevokeTenantTokens(  # noqa: N802
        self, request: auth_pb2.RevokeTenantTokensRequest, context: Any
    ) -> auth_pb2.RevokeTenantTokensResponse:
        await self._fakes.fail(context)
        if self._fakes.holds is not None:
            await self._fakes.holds.wait()
        self._fakes.revoked.append(_loss(request))
        return auth_pb2.RevokeTenantTokensResponse()


class _Sessions(sessions_pb2_grpc.SessionsInternalServiceServicer):
    def __init__(self, fakes: FakeServices) -> None:
        self._fakes = fakes

    async def EraseUser(  # noqa: N802
        self, request: sessions_pb2.EraseUserRequest, context: Any
    ) -> sessions_pb2.EraseUserResponse:
        raise NotImplementedError("tenants does not call EraseUser")

    async def ExportUser(  # noqa: N802
        self, request: sessions_pb2.ExportUserRequest, context: Any
    ) -> sessions_pb2.ExportUserResponse:
        raise NotImplementedError("tenants does not call ExportUser")

    async def EndSessions(  # noqa: N802
        self, request: sessions_pb2.EndSessionsRequest, context: Any
    ) -> sessions_pb2.EndSessionsResponse:
        await self._fakes.fail(context)
        self._fakes.ended.append(_loss(request))
        return sessions_pb2.EndSessionsResponse()


def _loss(
    request: auth_pb2.RevokeTenantTokensRequest | sessions_pb2.EndSessionsRequest,
) -> AccessRevocation:
    user_id = UUID(request.user_id) if request.user_id else None
    return AccessRevocation(UUID(request.tenant_id), user_id, request.tenant_epoch)
