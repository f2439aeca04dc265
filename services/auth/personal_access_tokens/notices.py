"""Tells users by email that their tokens end, a week before."""

from dataclasses import replace
from datetime import datetime

from kernel.identity.devices import UNKNOWN_DEVICE
from kernel.storage import Write
from services.auth.notifications.model import EmailKind
from services.auth.personal_access_tokens.repository import PERSONAL_ACCESS_TOKENS, due_notices
from services.auth.security_log.events import SecurityEvents
from services.auth.users.repository import USERS


class PersonalTokenNotices:
    """The notices of personal access tokens that end."""

    def __init__(self, events: SecurityEvents) -> None:
        self._events = events

    async def queue_due(self, tx: Write, now: datetime, limit: int) -> int:
        """Queues the notices that are due, `limit` at most, each once; says how many were due."""
        due = await due_notices(tx, now, limit)
        for token in due:
            user = await USERS.get(tx, token.user_id)
            if user is not None and token.expire_time > now:
                kind, end = EmailKind.TOKEN_ENDS, token.expire_time
                await self._events.notify(tx, user, kind, UNKNOWN_DEVICE, now, due=end)
            await PERSONAL_ACCESS_TOKENS.put(tx, replace(token, notice_time=None))
        return len(due)
