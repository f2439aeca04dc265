"""The service sessions, as far as workspace tokens need it."""

from datetime import datetime
from typing import Protocol
from uuid import UUID


class HeldSessions(Protocol):
    """Knows the sessions of users."""

    async def hold(self, user_id: UUID, tenant_id: UUID, session_id: UUID) -> datetime:
        """Notes that a session has tokens, so that its end is reported.

        Returns when the session ends unless it becomes active before. Raises `SessionNotFound`
        unless it is a living session of that user in that tenant, `SessionsUnavailable`.
        """
        ...
