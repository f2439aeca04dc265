"""Damage to events for audit logs, as they wait for delivery and as they were delivered."""

from coditect.auth.records.v1.audit_events_pb2 import AuditEventRecord
from coditect.tenants.records.v1.audit_pb2 import AuditEventRecord as LoggedEventRecord
from services.auth.audit_events.repository import AUDIT_EVENTS
from services.tenants.audit.repository import AUDIT_EVENT, AUDIT_EVENT_EXPIRY
from tests.ops.doctor.damage import LATE, Damage, edit

NO_EVENT = (AUDIT_EVENTS.rows.name, "is not an event of an organization")
NO_ENTRY = (AUDIT_EVENT.name, "has no expiry entry")
NO_ROW = (AUDIT_EVENT_EXPIRY.entries.name, "has no row that expires then")

OF_AUDIT_EVENTS = [
    Damage("an event without values", AUDIT_EVENTS.rows, b"", {NO_EVENT}),
    Damage(
        "an event with an unknown action",
        AUDIT_EVENTS.rows,
        edit(AuditEventRecord, action="unknown"),
        {NO_EVENT},
    ),
    Damage("no delivered event", AUDIT_EVENT, None, {NO_ROW}),
    Damage("no expiry of a delivered event", AUDIT_EVENT_EXPIRY.entries, None, {NO_ENTRY}),
    Damage(
        "a different expiry of a delivered event",
        AUDIT_EVENT,
        edit(LoggedEventRecord, expire_time=LATE),
        {NO_ENTRY, NO_ROW},
    ),
]
