"""Auth behind a real gRPC server, as far as tenants calls it."""

from typing import Any
from uuid import UUID

import grpc
from grpc_status import rpc_status

from coditect.auth.internal.v1 import auth_pb2, auth_pb2_grpc
from kernel.errors import ServiceError
from kernel.rpc.errors import to_status
from tests.services.tenants.parts import profile_of


class AuthPeer(auth_pb2_grpc.AuthInternalServiceServicer):
    """Knows every user.

    Attributes:
        fails: What the next calls are refused with, if anything.
        address: Where it listens.
    """

    def __init__(self) -> None:
        self.fails: ServiceError | None = None
        self.address = ""
        self._server = grpc.aio.server()

    async def start(self) -> None:
        """Listens on a free port."""
        auth_pb2_grpc.add_AuthInternalServiceServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        await self._server.start()

    async def stop(self) -> None:
        """Ends."""
        await self._server.stop(0)

    async def GetUserProfile(  # noqa: N802 - the contract's name
        self, request: auth_pb2.GetUserProfileRequest, context: Any
    ) -> auth_pb2.GetUserProfileResponse:
        """Who a user is."""
        if self.fails is not None:
            await context.abort_with_status(rpc_status.to_status(to_status(self.fails)))
        profile = profile_of(UUID(request.user_id))
        first, last = profile.display_name.split(" ")
        return auth_pb2.GetUserProfileResponse(
            email=profile.email,
            folded_email=profile.folded_email,
            first_name=first,
            last_name=last,
        )
