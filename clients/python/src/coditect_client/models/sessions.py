"""The shapes of sessions: TypedDicts, in the spelling of JSON.

Generated from docs/openapi.yaml by `make python-client`; not edited by hand.
"""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class CreateSessionRequest(TypedDict):
    """Asks for a new session."""

    name: NotRequired[str | None]
    """The display name."""

    workspacePath: NotRequired[str | None]
    """The path of the workspace."""

    state: NotRequired[dict[str, Any] | None]
    """The state of the editor: at most 64 kB of JSON as sent, 30 objects and lists within each other, and 10,000 values.

    Numbers are doubles: an integer that a double cannot hold is refused (NUMBER_NOT_EXACT);
    write it as a text.
    """

    tenantId: NotRequired[str | None]
    """The tenant that the caller means to act in."""


class DeleteSessionResponse(TypedDict):
    """Says that the session is deleted."""


class DeleteSessionsResponse(TypedDict):
    """Says that the sessions are deleted."""


class ListSessionsResponse(TypedDict):
    """A page of sessions."""

    sessions: list[Session]
    """The sessions."""

    nextPageToken: str
    """The token of the next page.

    Empty on the last page.
    """


class Session(TypedDict):
    """One IDE workspace session."""

    sessionId: str
    """The id of the session."""

    tenantId: str
    """The tenant that the session belongs to."""

    userId: str
    """The user that the session belongs to."""

    name: str
    """The display name."""

    workspacePath: str
    """The path of the workspace."""

    state: dict[str, Any]
    """The state of the editor.

    Its numbers are doubles.
    """

    revision: int
    """Counts the changes of name, path and state, from 1."""

    createTime: str
    """When the session was opened."""

    updateTime: str
    """When name, path or state last changed."""

    lastActiveTime: str
    """When the last change or heartbeat came."""

    expireTime: str
    """When the session ends, unless it becomes active before."""


class UpdateSessionRequest(TypedDict):
    """Asks for changes of a session.

    Only the given fields change.
    """

    name: NotRequired[str | None]
    """The display name."""

    workspacePath: NotRequired[str | None]
    """The path of the workspace."""

    state: NotRequired[dict[str, Any] | None]
    """The state of the editor: at most 64 kB of JSON as sent, 30 objects and lists within each other, and 10,000 values.

    Numbers are doubles: an integer that a double cannot hold is refused (NUMBER_NOT_EXACT);
    write it as a text. It replaces the previous state.
    """

    revision: NotRequired[int | None]
    """The revision that the change is based on.

    If the session has another revision by now, the change is refused. Without this field the
    change is made in any case.
    """
