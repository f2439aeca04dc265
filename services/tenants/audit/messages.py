"""Entries of the audit log as messages, and as lines of an export."""

from collections.abc import Iterable
from uuid import UUID

from coditect.tenants.v5 import audit_pb2
from kernel import export
from kernel.clock import timestamp
from kernel.cooperative import yielding
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
    )


async def lines(entries: Iterable[AuditEntry]) -> bytes:
    """Entries of the log, each on a line."""
    found = [export.line("auditEntry", entry(each)) async for each in yielding(entries)]
    return export.text(found)


def _text(one: UUID | None) -> str:
    return "" if one is None else str(one)
