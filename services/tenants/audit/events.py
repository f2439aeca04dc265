"""Adds what other services have done in an organization to its audit log."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from kernel.runtime import Runtime
from kernel.storage import Write
from services.tenants.audit import repository
from services.tenants.audit.model import AuditEntry, LoggedEvent
from services.tenants.audit.repository import AUDIT_EVENTS
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import ORGANIZATION

MEMORY = timedelta(days=30)
"""How long a repeat is known: much longer than a sender goes on after a delivery that it has not noted."""


class AuditEvents:
    """The use case of auth when an admin has changed a program of an organization."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._clock = runtime.clock

    async def append(self, event_id: UUID, tenant_id: UUID, entry: AuditEntry) -> None:
        """Adds an entry at the end of the log, once for each event id.

        Does nothing for a tenant that is no organization any more. Does not name a deleted user.
        """
        now = self._clock.now()

        async def append(tx: Write) -> None:
            if await AUDIT_EVENTS.get(tx, event_id) is not None:
                return
            tenant = await memberships.ALL_TENANTS.get(tx, tenant_id)
            if tenant is None or tenant.kind != ORGANIZATION:
                return
            new = replace(entry, log_time=now)
            # The erasure of a user leaves its tombstone before it goes through the log.
            if entry.user_id is not None and await memberships.is_deleted(tx, entry.user_id):
                new = new.without_user()
            repository.append(tx, tenant_id, new)
            await AUDIT_EVENTS.put(tx, LoggedEvent(event_id, now + MEMORY))

        await self._store.write(append)
