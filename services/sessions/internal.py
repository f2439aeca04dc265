"""What other services ask of sessions: messages in, values through, messages out."""

import asyncio
from uuid import UUID

from coditect.sessions.internal.v1 import sessions_pb2 as internal_pb2
from coditect.sessions.internal.v1 import sessions_pb2_grpc as internal_grpc
from coditect.sessions.v5 import sessions_pb2
from kernel import export
from kernel.rpc.interceptors import Context
from services.sessions.messages import fill
from services.sessions.sessions import Sessions


class SessionsInternalServicer(internal_grpc.SessionsInternalServiceServicer):
    """Answers coditect.sessions.internal.v1.SessionsInternalService."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def EraseUser(
        self, request: internal_pb2.EraseUserRequest, context: Context
    ) -> internal_pb2.EraseUserResponse:
        await self._sessions.erase_user(UUID(request.user_id))
        return internal_pb2.EraseUserResponse()

    async def EndSessions(
        self, request: internal_pb2.EndSessionsRequest, context: Context
    ) -> internal_pb2.EndSessionsResponse:
        user_id = UUID(request.user_id) if request.user_id else None
        await self._sessions.end(UUID(request.tenant_id), user_id, request.tenant_epoch)
        return internal_pb2.EndSessionsResponse()

    async def HoldSession(
        self, request: internal_pb2.HoldSessionRequest, context: Context
    ) -> internal_pb2.HoldSessionResponse:
        session = await self._sessions.hold(
            UUID(request.user_id), UUID(request.tenant_id), UUID(request.session_id)
        )
        response = internal_pb2.HoldSessionResponse()
        response.expire_time.FromMilliseconds(session.expire_time)
        return response

    async def ExportUser(
        self, request: internal_pb2.ExportUserRequest, context: Context
    ) -> internal_pb2.ExportUserResponse:
        listing = await self._sessions.export(UUID(request.user_id), request.page_token)
        response = internal_pb2.ExportUserResponse(next_page_token=listing.next_page_token)
        for session in listing.items:
            fill(message := sessions_pb2.Session(), session)
            response.lines.append(export.line("session", message))
            await asyncio.sleep(0)  # the largest state takes 50 ms: other calls run in between
        return response
