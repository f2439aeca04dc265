"""Tells the makers of keys by email that the keys end, a week before."""

from dataclasses import replace
from datetime import datetime

from kernel.identity.devices import UNKNOWN_DEVICE
from kernel.storage import Write
from services.auth.notifications.model import EmailKind
from services.auth.security_log.events import SecurityEvents
from services.auth.service_accounts.repository import SERVICE_ACCOUNT_KEYS, due_notices
from services.auth.users.repository import USERS


class ServiceKeyNotices:
    """The notices of keys that end."""

    def __init__(self, events: SecurityEvents) -> None:
        self._events = events

    async def queue_due(self, tx: Write, now: datetime, limit: int) -> int:
        """Queues the notices that are due, `limit` at most, each once; says how many were due."""
        due = await due_notices(tx, now, limit)
        for key in due:
            maker = None if key.created_by is None else await USERS.get(tx, key.created_by)
            if maker is not None and key.expire_time > now:
                kind, end = EmailKind.SERVICE_ACCOUNT_KEY_ENDS, key.expire_time
                await self._events.notify(tx, maker, kind, UNKNOWN_DEVICE, now, due=end)
            await SERVICE_ACCOUNT_KEYS.put(tx, replace(key, notice_time=None))
        return len(due)
