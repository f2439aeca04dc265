"""What can go wrong with workspace tokens, as callers see it."""

from kernel.errors import Kind, ServiceError


class WorkspaceTokenNotFound(ServiceError):
    """The session has no token with this id, or the caller's token may not revoke it."""

    kind = Kind.NOT_FOUND
    reason = "WORKSPACE_TOKEN_NOT_FOUND"
    message = "The session has no such token."


class WorkspaceTokenLimitReached(ServiceError):
    """The session, or all sessions of the user, have as many tokens as allowed: `limit` of them."""

    kind = Kind.LIMITED
    reason = "WORKSPACE_TOKEN_LIMIT_REACHED"
    message = "There are too many workspace tokens. Please revoke one first."


class AgentChainTooLong(ServiceError):
    """The token names as many agents, the one before each included, as one may; `limit` says how many."""

    kind = Kind.LIMITED
    reason = "AGENT_CHAIN_TOO_LONG"
    message = "The token names as many agents as it may, so it makes no other one."
