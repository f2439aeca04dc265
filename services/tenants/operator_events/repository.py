"""How the events for the operator log are stored until they are delivered."""

from uuid import UUID

from coditect.tenants.records.v1 import operator_events_pb2
from kernel.clock import datetime_of, timestamp
from kernel.identity.devices import Device
from kernel.storage import Write
from kernel.storage.families import record
from kernel.storage.recipes.outbox import Outbox
from services.tenants.keys import TENANTS
from services.tenants.operator_events.model import OperatorEvent, TenantAct

OPERATOR_EVENTS = Outbox(
    TENANTS["operator_events"], record("coditect.tenants.records.v1.OperatorEventRecord", 3_500)
)


def append(tx: Write, event: OperatorEvent) -> None:
    """Adds an event, to be delivered once the transaction is committed. Reads nothing."""
    OPERATOR_EVENTS.put(tx, pack_event(event))


def pack_event(event: OperatorEvent) -> bytes:
    """An event as the outbox keeps it."""
    return operator_events_pb2.OperatorEventRecord(
        event_id=event.event_id.bytes,
        time=timestamp(event.time),
        operator_id=event.operator_id.bytes,
        act=event.act,
        tenant_id=_bytes(event.tenant_id),
        user_id=_bytes(event.user_id),
        reason=event.reason,
        address=event.device.address,
        user_agent=event.device.user_agent,
    ).SerializeToString()


def parse_event(value: bytes) -> OperatorEvent:
    """The other way round of `pack_event`. Raises `ValueError` for an act of a newer version."""
    record = operator_events_pb2.OperatorEventRecord.FromString(value)
    return OperatorEvent(
        event_id=UUID(bytes=record.event_id),
        time=datetime_of(record.time),
        operator_id=UUID(bytes=record.operator_id),
        act=TenantAct(record.act),
        device=Device(record.user_agent, record.address),
        tenant_id=_id(record.tenant_id),
        user_id=_id(record.user_id),
        reason=record.reason,
    )


def _bytes(one: UUID | None) -> bytes:
    return b"" if one is None else one.bytes


def _id(value: bytes) -> UUID | None:
    return UUID(bytes=value) if value else None
