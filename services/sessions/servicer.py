"""Between the contract and the use cases: messages in, values through, messages out. No rules."""

import asyncio
from dataclasses import replace

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from coditect.sessions.internal.v1 import sessions_pb2 as internal_pb2
from coditect.sessions.internal.v1 import sessions_pb2_grpc as internal_grpc
from coditect.sessions.v5 import sessions_pb2, sessions_pb2_grpc
from kernel import export
from kernel.fields import Fields
from kernel.identity.callers import Caller, current_caller, may_manage_others
from kernel.rpc.idempotency import replay_of
from kernel.rpc.interceptors import Context
from kernel.seal import Seal
from kernel.storage.recipes.idempotency import Replay
from kernel.storage.recipes.paging import page_size
from services.sessions import state
from services.sessions.model import (
    NAME_CHARACTERS,
    PATH_CHARACTERS,
    NewSession,
    Session,
    SessionUpdate,
)
from services.sessions.sessions import Sessions


class SessionsServicer(sessions_pb2_grpc.SessionsServiceServicer):
    """Answers coditect.sessions.v5.SessionsService."""

    def __init__(self, sessions: Sessions, seal: Seal) -> None:
        self._sessions = sessions
        self._seal = seal

    async def CreateSession(
        self, request: sessions_pb2.CreateSessionRequest, context: Context
    ) -> sessions_pb2.CreateSessionResponse:
        caller = current_caller()
        replay = self._replay(context, "CreateSession", caller, request)
        fields = Fields()
        new = NewSession(
            name=fields.text("name", request.name, max_length=NAME_CHARACTERS),
            workspace_path=fields.path(
                "workspacePath", request.workspace_path, max_length=PATH_CHARACTERS
            ),
            state=state.pack(fields, "state", request.state),
        )
        fields.check()
        response = sessions_pb2.CreateSessionResponse()
        _fill(response.session, await self._sessions.create(caller, new, replay))
        return response

    async def ListSessions(
        self, request: sessions_pb2.ListSessionsRequest, context: Context
    ) -> sessions_pb2.ListSessionsResponse:
        fields = Fields()
        if request.scope not in {"", "mine", "tenant"}:
            fields.refuse("scope", "UNKNOWN", "Must be mine or tenant.")
        fields.check()
        caller = current_caller()
        which = caller, page_size(request.page_size), request.page_token
        if request.scope == "tenant":
            listing = await self._sessions.list_of_tenant(*which, anybody=may_manage_others())
        else:
            listing = await self._sessions.list_own(*which)
        response = sessions_pb2.ListSessionsResponse(next_page_token=listing.next_page_token)
        for session in listing.sessions:
            own = session.user_id == caller.user_id
            # What somebody has open in the editor is nobody else's business.
            _fill(response.sessions.add(), session if own else replace(session, state=b""))
        return response

    async def GetSession(
        self, request: sessions_pb2.GetSessionRequest, context: Context
    ) -> sessions_pb2.GetSessionResponse:
        fields = Fields()
        session_id = fields.uuid("sessionId", request.session_id)
        fields.check()
        response = sessions_pb2.GetSessionResponse()
        _fill(response.session, await self._sessions.get(current_caller(), session_id))
        return response

    async def UpdateSession(
        self, request: sessions_pb2.UpdateSessionRequest, context: Context
    ) -> sessions_pb2.UpdateSessionResponse:
        caller = current_caller()
        replay = self._replay(context, "UpdateSession", caller, request)
        fields = Fields()
        session_id = fields.uuid("sessionId", request.session_id)
        changes = _changes(fields, request)
        fields.check()
        response = sessions_pb2.UpdateSessionResponse()
        session = await self._sessions.update(caller, session_id, changes, replay)
        _fill(response.session, session)
        return response

    async def DeleteSession(
        self, request: sessions_pb2.DeleteSessionRequest, context: Context
    ) -> sessions_pb2.DeleteSessionResponse:
        caller = current_caller()
        replay = self._replay(context, "DeleteSession", caller, request)
        fields = Fields()
        session_id = fields.uuid("sessionId", request.session_id)
        fields.check()
        await self._sessions.delete(caller, session_id, replay, anybody=may_manage_others())
        return sessions_pb2.DeleteSessionResponse()

    async def DeleteSessions(
        self, request: sessions_pb2.DeleteSessionsRequest, context: Context
    ) -> sessions_pb2.DeleteSessionsResponse:
        caller = current_caller()
        replay = self._replay(context, "DeleteSessions", caller, request)
        await self._sessions.delete_own(caller, replay)
        return sessions_pb2.DeleteSessionsResponse()

    def _replay(
        self, context: Context, method: str, caller: Caller, request: Message
    ) -> Replay | None:
        # With the tenant: in another one the same request means something else.
        sender = caller.tenant_id.hex + caller.user_id.hex
        return replay_of(context, method, sender, request, self._seal)


class SessionsInternalServicer(internal_grpc.SessionsInternalServiceServicer):
    """Answers coditect.sessions.internal.v1.SessionsInternalService."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def EraseUser(
        self, request: internal_pb2.EraseUserRequest, context: Context
    ) -> internal_pb2.EraseUserResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        fields.check()
        await self._sessions.erase_user(user_id)
        return internal_pb2.EraseUserResponse()

    async def EndSessions(
        self, request: internal_pb2.EndSessionsRequest, context: Context
    ) -> internal_pb2.EndSessionsResponse:
        fields = Fields()
        tenant_id = fields.uuid("tenantId", request.tenant_id)
        user_id = fields.uuid("userId", request.user_id) if request.user_id else None
        if request.tenant_epoch < 1:
            fields.refuse("tenantEpoch", "NOT_POSITIVE", "Must be 1 or more.")
        fields.check()
        await self._sessions.end(tenant_id, user_id, request.tenant_epoch)
        return internal_pb2.EndSessionsResponse()

    async def ExportUser(
        self, request: internal_pb2.ExportUserRequest, context: Context
    ) -> internal_pb2.ExportUserResponse:
        fields = Fields()
        user_id = fields.uuid("userId", request.user_id)
        fields.check()
        listing = await self._sessions.export(user_id, request.page_token)
        response = internal_pb2.ExportUserResponse(next_page_token=listing.next_page_token)
        for session in listing.sessions:
            _fill(message := sessions_pb2.Session(), session)
            response.lines.append(export.line("session", message))
            await asyncio.sleep(0)  # the largest state takes 50 ms: others come in between
        return response


def _changes(fields: Fields, request: sessions_pb2.UpdateSessionRequest) -> SessionUpdate:
    name = path = packed = revision = None
    if request.HasField("name"):
        name = fields.text("name", request.name, max_length=NAME_CHARACTERS)
    if request.HasField("workspace_path"):
        path = fields.path("workspacePath", request.workspace_path, max_length=PATH_CHARACTERS)
    if request.HasField("state"):
        packed = state.pack(fields, "state", request.state)
    if request.HasField("revision"):
        revision = request.revision
        if revision < 1:
            fields.refuse("revision", "NOT_POSITIVE", "Must be 1 or more.")
    return SessionUpdate(name=name, workspace_path=path, state=packed, revision=revision)


def _fill(message: sessions_pb2.Session, session: Session) -> None:
    """Writes a session into its place in an answer: to make it first and copy it takes twice."""
    message.session_id = str(session.session_id)
    message.tenant_id = str(session.tenant_id)
    message.user_id = str(session.user_id)
    message.name = session.name
    message.workspace_path = session.workspace_path
    message.state.MergeFromString(session.state)  # is there even if empty: an object, not null
    message.revision = session.revision
    _stamp(message.create_time, session.create_time)
    _stamp(message.update_time, session.update_time)
    _stamp(message.last_active_time, session.last_active_time)
    _stamp(message.expire_time, session.expire_time)


def _stamp(stamp: Timestamp, milliseconds: int) -> None:
    stamp.seconds = milliseconds // 1000
    stamp.nanos = milliseconds % 1000 * 1_000_000
