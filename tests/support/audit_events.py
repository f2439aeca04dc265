"""The way of events from auth to the audit logs of tenants, without servers."""

from kernel.storage import Store
from services.auth.audit_events.model import AuditEvent
from services.auth.audit_events.repository import AUDIT_EVENTS, parse_event
from services.auth.deliveries import AuditEventDeliveries
from services.tenants.audit.events import AuditEvents
from services.tenants.audit.model import AuditEntry
from tests.support.store import rows_between


class InProcessAuditLogs:
    """Answers auth by calling the use case of tenants directly."""

    def __init__(self, events: AuditEvents) -> None:
        self._events = events

    async def append_audit_event(self, event: AuditEvent) -> None:
        """Adds an event to the log of its organization."""
        entry = AuditEntry(
            time=event.time,
            user_id=event.user_id,
            login_id=event.login_id,
            action=event.action,
            target=event.target_id,
            detail=event.detail,
            device=event.device,
            program=event.program,
            target_name=event.target_name,
        )
        await self._events.append(event.event_id, event.tenant_id, entry)


async def waiting_events(store: Store) -> list[AuditEvent]:
    """The events in auth's outbox, in the order of the commits."""
    return [
        parse_event(value) for _, value in await rows_between(store, *AUDIT_EVENTS.rows.range())
    ]


async def deliver_audit_events(store: Store, events: AuditEvents) -> None:
    """Delivers all that waits in auth's outbox."""
    deliveries = AuditEventDeliveries(store, InProcessAuditLogs(events))
    assert (await AUDIT_EVENTS.drain(store, deliveries.deliver))[1] == 0
