"""Between the contract and the workspace tokens: messages in, values through, messages out."""

from uuid import UUID

from coditect.auth.v5 import workspace_tokens_pb2, workspace_tokens_pb2_grpc
from kernel.clock import timestamp
from kernel.identity.callers import current_call
from kernel.rpc.interceptors import Context
from services.auth.workspace_tokens.messages import workspace_token_message
from services.auth.workspace_tokens.model import RequestedWorkspaceToken
from services.auth.workspace_tokens.workspace_tokens import WorkspaceTokens


class WorkspaceTokensServicer(workspace_tokens_pb2_grpc.WorkspaceTokensServiceServicer):
    """Answers coditect.auth.v5.WorkspaceTokensService."""

    def __init__(self, tokens: WorkspaceTokens) -> None:
        self._tokens = tokens

    async def CreateWorkspaceToken(
        self, request: workspace_tokens_pb2.CreateWorkspaceTokenRequest, context: Context
    ) -> workspace_tokens_pb2.CreateWorkspaceTokenResponse:
        requested = RequestedWorkspaceToken(
            UUID(request.session_id), frozenset(request.scopes), request.agent
        )
        new = await self._tokens.create(current_call(), requested)
        return workspace_tokens_pb2.CreateWorkspaceTokenResponse(
            token=new.text,
            token_id=str(new.token.token_id),
            expire_time=timestamp(new.token.expire_time),
            scopes=sorted(new.token.scopes),
            agent=new.token.agent,
        )

    async def ListWorkspaceTokens(
        self, request: workspace_tokens_pb2.ListWorkspaceTokensRequest, context: Context
    ) -> workspace_tokens_pb2.ListWorkspaceTokensResponse:
        found = await self._tokens.list(current_call(), UUID(request.session_id))
        return workspace_tokens_pb2.ListWorkspaceTokensResponse(
            workspace_tokens=map(workspace_token_message, found)
        )

    async def DeleteWorkspaceToken(
        self, request: workspace_tokens_pb2.DeleteWorkspaceTokenRequest, context: Context
    ) -> workspace_tokens_pb2.DeleteWorkspaceTokenResponse:
        session_id, token_id = UUID(request.session_id), UUID(request.token_id)
        await self._tokens.revoke(current_call(), session_id, token_id)
        return workspace_tokens_pb2.DeleteWorkspaceTokenResponse()
