"""Entries of the audit log as messages, and as lines of an export."""

from collections.abc import Iterable
from uuid import UUID

from coditect.tenants.internal.v1 import tenants_pb2 as internal_pb2
from coditect.tenants.v5 import audit_pb2
from kernel import export
from kernel.clock import datetime_of, timestamp
from kernel.cooperative import yielding
from kernel.identity.devices import Device
from kernel.identity.programs import Program
from services.tenants.audit.model import AuditEntry


def entry(found: AuditEntry) -> audit_pb2.AuditEntry:
    """An entry of the log."""
    return audit_pb2.AuditEntry(
        time=timestamp(found.time),
        user_id=_text(found.user_id),
        login_id=_text(found.login_id),
        action=found.action,
        target=_text(found.target),
        detail=found.detail,
        address=found.device.address,
        user_agent=found.device.user_agent,
        client_id=found.program.client_id,
        token_id=_text(found.program.token_id),
        agent=found.program.agent,
        by_service_account=found.by_service_account,
        target_name=found.target_name,
        by_operator=found.by_operator,
    )


def entry_of(event: internal_pb2.AppendAuditEventRequest) -> AuditEntry:
    """The entry that an event of another service asks for."""
    return AuditEntry(
        time=datetime_of(event.time),
        user_id=_id(event.user_id),
        login_id=_id(event.login_id),
        action=event.action,
        target=UUID(event.target_id),
        detail=event.detail,
        device=Device(event.user_agent, event.address),
        program=Program(event.client_id, _id(event.token_id), event.agent),
        target_name=event.target_name,
    )


async def lines(entries: Iterable[AuditEntry]) -> bytes:
    """Entries of the log, each on a line."""
    found = [export.line("auditEntry", entry(each)) async for each in yielding(entries)]
    return export.text(found)


def _text(one: UUID | None) -> str:
    return "" if one is None else str(one)


def _id(text: str) -> UUID | None:
    return UUID(text) if text else None
