"""The service that sessions calls: auth, over gRPC."""

from coditect.auth.internal.v1 import auth_pb2, auth_pb2_grpc
from kernel.rpc.client import Client
from services.sessions.model import EndedSession

AUTH = "coditect.auth.internal.v1.AuthInternalService"


class RemoteSessionTokens:
    """Has auth end the tokens of sessions, over gRPC."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = client.stub(auth_pb2_grpc.AuthInternalServiceStub)

    async def end(self, ended: EndedSession) -> None:
        """Ends the tokens of a session. Raises `ServiceError` unless auth confirms it."""
        request = auth_pb2.EndSessionTokensRequest(
            user_id=str(ended.user_id), session_id=str(ended.session_id)
        )
        await self._client.call(self._stub.EndSessionTokens, request)
