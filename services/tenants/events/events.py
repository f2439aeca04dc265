"""The feed of events: the audit log after a cursor."""

from typing import NamedTuple

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage import Read
from services.tenants.audit.model import LogEntry
from services.tenants.events.cursors import BEGIN, Cursors, entries_after, place_of
from services.tenants.memberships.authorization import authorize
from services.tenants.memberships.self_tenant import SelfTenants


class EventList(NamedTuple):
    """Some events.

    Attributes:
        entries: Their entries of the log, in its order.
        next_cursor: The cursor of the next call.
        has_more: Whether there are more already.
    """

    entries: list[LogEntry]
    next_cursor: str
    has_more: bool


class Events:
    """The use case of a program that asks for events."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._cursors = Cursors(runtime.seal)
        self._self_tenants = SelfTenants(runtime.store)

    async def list(self, call: Call, limit: int, cursor: str) -> EventList:
        """The events after a cursor. Raises what `authorize` raises, `CursorInvalid`, `EventsExpired`."""
        place = self._cursors.read(call.tenant_id, cursor)

        async def read(tx: Read) -> list[LogEntry]:
            await authorize(tx, call, while_suspended=True)
            return await entries_after(tx, call.tenant_id, place, limit + 1)

        await self._self_tenants.ensure_callers(call, self._clock.now())
        found = await self._store.read(read)
        entries = found[:limit]
        last = place_of(entries[-1]) if entries else place or BEGIN
        return EventList(
            entries, self._cursors.make(call.tenant_id, last), has_more=len(found) > limit
        )
