"""Between the contract and the use cases: messages in, values through, messages out."""

from dataclasses import replace
from uuid import UUID

from google.protobuf.message import Message

from coditect.sessions.v5 import sessions_pb2, sessions_pb2_grpc
from kernel.fields import Fields
from kernel.identity.callers import current_call
from kernel.ids import uuid_of
from kernel.rpc.interceptors import Context
from kernel.storage.recipes.paging import page_size
from services.sessions import editor_state
from services.sessions.messages import fill, pass_on
from services.sessions.model import NewSession, SessionUpdate
from services.sessions.sessions import Sessions, require_active

_BY_ID = "sessionId"


class SessionsServicer(sessions_pb2_grpc.SessionsServiceServicer):
    """Answers coditect.sessions.v5.SessionsService."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def CreateSession(
        self, request: sessions_pb2.CreateSessionRequest, context: Context
    ) -> sessions_pb2.CreateSessionResponse:
        _require_active(request)
        new = NewSession(request.name, request.workspace_path, editor_state.packed(request.state))
        response = sessions_pb2.CreateSessionResponse()
        fill(response.session, await self._sessions.create(current_call(), new))
        return response

    async def ListSessions(
        self, request: sessions_pb2.ListSessionsRequest, context: Context
    ) -> sessions_pb2.ListSessionsResponse:
        _require_active(request)
        call, limit, token = current_call(), page_size(request.page_size), request.page_token
        fields = Fields()
        check_order(request, fields)
        fields.check()
        if request.scope == "tenant":
            listing = await self._sessions.list_of_tenant(call, limit, token)
        else:
            by_id = request.order_by == _BY_ID
            listing = await self._sessions.list_own(call, limit, token, by_id=by_id)
        response = sessions_pb2.ListSessionsResponse(next_page_token=listing.next_page_token)
        for session in listing.items:
            own = session.user_id == call.caller.user_id
            # The state of the editor is private to its user.
            fill(response.sessions.add(), session if own else replace(session, state=b""))
        return response

    async def GetSession(
        self, request: sessions_pb2.GetSessionRequest, context: Context
    ) -> sessions_pb2.GetSessionResponse:
        session_id = uuid_of(request.session_id)
        response = sessions_pb2.GetSessionResponse()
        pass_on(response.session, await self._sessions.find(current_call(), session_id))
        return response

    async def UpdateSession(
        self, request: sessions_pb2.UpdateSessionRequest, context: Context
    ) -> sessions_pb2.UpdateSessionResponse:
        changes = SessionUpdate(
            name=request.name if request.HasField("name") else None,
            workspace_path=request.workspace_path if request.HasField("workspace_path") else None,
            state=editor_state.packed(request.state) if request.HasField("state") else None,
            revision=request.revision if request.HasField("revision") else None,
        )
        session_id = uuid_of(request.session_id)
        response = sessions_pb2.UpdateSessionResponse()
        fill(response.session, await self._sessions.update(current_call(), session_id, changes))
        return response

    async def DeleteSession(
        self, request: sessions_pb2.DeleteSessionRequest, context: Context
    ) -> sessions_pb2.DeleteSessionResponse:
        await self._sessions.delete(current_call(), uuid_of(request.session_id))
        return sessions_pb2.DeleteSessionResponse()

    async def DeleteSessions(
        self, request: sessions_pb2.DeleteSessionsRequest, context: Context
    ) -> sessions_pb2.DeleteSessionsResponse:
        _require_active(request)
        await self._sessions.delete_own(current_call())
        return sessions_pb2.DeleteSessionsResponse()


def _require_active(
    request: sessions_pb2.CreateSessionRequest
    | sessions_pb2.ListSessionsRequest
    | sessions_pb2.DeleteSessionsRequest,
) -> None:
    """Raises `TenantNotActive` if the request means another tenant than the token."""
    if request.HasField("tenant_id"):
        require_active(current_call(), UUID(request.tenant_id))


def check_order(request: Message, fields: Fields) -> None:
    """Checks the order of a list: an index by activity of all users would cost every heartbeat."""
    assert isinstance(request, sessions_pb2.ListSessionsRequest)
    if request.scope == "tenant" and request.order_by not in {"", _BY_ID}:
        fields.refuse("orderBy", "UNKNOWN", "Must be sessionId with the scope tenant.")


def check_state(request: Message, fields: Fields) -> None:
    """Checks the state of a request to create or update a session."""
    assert isinstance(
        request, sessions_pb2.CreateSessionRequest | sessions_pb2.UpdateSessionRequest
    )
    if request.HasField("state"):
        editor_state.pack(fields, "state", request.state)
