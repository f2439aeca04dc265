"""Events as messages, and as the body that a webhook sends."""

import json
from datetime import datetime
from uuid import UUID

from google.protobuf.json_format import MessageToDict

from coditect.tenants.v5 import events_pb2
from kernel.clock import timestamp
from services.tenants.audit import messages as audit
from services.tenants.audit.model import LogEntry


def event(found: LogEntry) -> events_pb2.Event:
    """The event of an entry of the log."""
    return events_pb2.Event(
        event_id=str(found.event_id),
        tenant_id=str(found.tenant_id),
        type=found.entry.action,
        timestamp=timestamp(found.entry.time),
        data=audit.entry(found.entry),
    )


def entry_body(found: LogEntry) -> bytes:
    """The event of an entry of the log as JSON, as the list of events has it."""
    return _json(event(found))


def notice_body(
    event_id: UUID, tenant_id: UUID, kind: str, time: datetime, lost_events: int = 0
) -> bytes:
    """An event that is not in the log as JSON.

    Args:
        event_id: Its id.
        tenant_id: The tenant that it is about.
        kind: Its type.
        time: When it happened.
        lost_events: How many events could not be sent.
    """
    return _json(
        events_pb2.Event(
            event_id=str(event_id),
            tenant_id=str(tenant_id),
            type=kind,
            timestamp=timestamp(time),
            lost_events=lost_events,
        )
    )


def _json(message: events_pb2.Event) -> bytes:
    fields = MessageToDict(message, always_print_fields_with_no_presence=True)
    return json.dumps(fields, separators=(",", ":")).encode()
