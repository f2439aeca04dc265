"""The message about a workspace token, of its servicer and of exports."""

from coditect.auth.v5 import workspace_tokens_pb2
from kernel.clock import timestamp
from services.auth.workspace_tokens.model import WorkspaceToken


def workspace_token_message(token: WorkspaceToken) -> workspace_tokens_pb2.WorkspaceToken:
    """A token, without its secret."""
    used = token.last_used_time
    return workspace_tokens_pb2.WorkspaceToken(
        token_id=str(token.token_id),
        session_id=str(token.session_id),
        agent=token.agent,
        scopes=sorted(token.scopes),
        login_id=str(token.login_id),
        parent_token_id=str(token.ancestor_ids[0]) if token.ancestor_ids else "",
        create_time=timestamp(token.create_time),
        expire_time=timestamp(token.expire_time),
        last_used_time=None if used is None else timestamp(used),
    )
