"""An event for the audit log of an organization."""

from uuid import uuid4

from kernel.identity.devices import Device
from kernel.identity.programs import Program
from services.auth.audit_events.model import AuditAction, AuditEvent
from tests.support.clock import START

EVENT = AuditEvent(
    event_id=uuid4(),
    tenant_id=uuid4(),
    time=START,
    user_id=uuid4(),
    login_id=uuid4(),
    action=AuditAction.CLIENT_CREATED,
    target_id=uuid4(),
    target_name="Robot",
    detail="member",
    device=Device("curl", "192.0.2.1"),
    program=Program("coditect-cli", uuid4(), "reviewer"),
)
