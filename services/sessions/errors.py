"""What can go wrong in sessions, as callers see it."""

from kernel.errors import Kind, ServiceError


class WorkspaceTokenRefused(ServiceError):
    """A workspace token works in its own session: it opens no other one, and does not end all."""

    kind = Kind.FORBIDDEN
    reason = "WORKSPACE_TOKEN_REFUSED"
    message = "A workspace token works in its own session alone."


class SessionLimitReached(ServiceError):
    """The user has as many sessions in the tenant as one may have; `limit` says how many."""

    kind = Kind.LIMITED
    reason = "SESSION_LIMIT_REACHED"
    message = "There are too many sessions; please end one first."


class RevisionStale(ServiceError):
    """The change is based on an older revision than `currentRevision`."""

    kind = Kind.CONFLICT
    reason = "REVISION_STALE"
    message = "The session has changed since; please read it again."
