"""How the events for the audit logs of organizations are stored until they are delivered."""

from uuid import UUID

from coditect.auth.records.v1 import audit_events_pb2
from kernel.clock import datetime_of, timestamp
from kernel.identity.devices import Device
from kernel.identity.programs import Program
from kernel.self_tenant import self_tenant_id
from kernel.storage import Write
from kernel.storage.families import record
from kernel.storage.recipes.outbox import Outbox
from services.auth.audit_events.model import AuditAction, AuditEvent
from services.auth.keys import AUTH

AUDIT_EVENTS = Outbox(
    AUTH["audit_events"], record("coditect.auth.records.v1.AuditEventRecord", 4_500)
)


def append(tx: Write, event: AuditEvent) -> None:
    """Adds an event, to be delivered once the transaction is committed. Reads nothing.

    A self-tenant keeps no audit log: what its user does there is in the user's security log.
    """
    assert event.user_id is not None, "an event has a user when it happens"
    if event.tenant_id != self_tenant_id(event.user_id):
        AUDIT_EVENTS.put(tx, pack_event(event))


def pack_event(event: AuditEvent) -> bytes:
    """An event as the outbox keeps it."""
    return audit_events_pb2.AuditEventRecord(
        event_id=event.event_id.bytes,
        tenant_id=event.tenant_id.bytes,
        time=timestamp(event.time),
        user_id=_bytes(event.user_id),
        login_id=_bytes(event.login_id),
        action=event.action,
        target_id=event.target_id.bytes,
        target_name=event.target_name,
        detail=event.detail,
        address=event.device.address,
        user_agent=event.device.user_agent,
        client_id=event.program.client_id,
        token_id=_bytes(event.program.token_id),
        agent=event.program.agent,
    ).SerializeToString()


def parse_event(value: bytes) -> AuditEvent:
    """The other way round of `pack_event`. Raises `ValueError` for an action of a newer version."""
    record = audit_events_pb2.AuditEventRecord.FromString(value)
    return AuditEvent(
        event_id=UUID(bytes=record.event_id),
        tenant_id=UUID(bytes=record.tenant_id),
        time=datetime_of(record.time),
        user_id=_id(record.user_id),
        login_id=_id(record.login_id),
        action=AuditAction(record.action),
        target_id=UUID(bytes=record.target_id),
        target_name=record.target_name,
        detail=record.detail,
        device=Device(record.user_agent, record.address),
        program=Program(record.client_id, _id(record.token_id), record.agent),
    )


def _bytes(one: UUID | None) -> bytes:
    return b"" if one is None else one.bytes


def _id(value: bytes) -> UUID | None:
    return UUID(bytes=value) if value else None
