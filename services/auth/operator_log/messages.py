"""Acts of operators as messages."""

from uuid import UUID

from coditect.auth.internal.v1 import auth_pb2
from coditect.auth.v5 import operator_log_pb2
from kernel.clock import datetime_of, timestamp
from kernel.identity.devices import Device
from services.auth.operator_log.model import Act, OperatorAct


def act_message(act: OperatorAct) -> operator_log_pb2.OperatorAct:
    """An act as operators see it."""
    return operator_log_pb2.OperatorAct(
        time=timestamp(act.time),
        operator_id=_text(act.operator_id),
        act=act.act,
        user_id=_text(act.user_id),
        tenant_id=_text(act.tenant_id),
        reason=act.reason,
        address=act.device.address,
        user_agent=act.device.user_agent,
    )


def act_of(event: auth_pb2.AppendOperatorEventRequest) -> OperatorAct:
    """The act that an event of another service tells of. Raises `ValueError` for an unknown one."""
    return OperatorAct(
        time=datetime_of(event.time),
        operator_id=UUID(event.operator_id),
        act=Act(event.act),
        device=Device(event.user_agent, event.address),
        user_id=UUID(event.user_id) if event.user_id else None,
        tenant_id=UUID(event.tenant_id) if event.tenant_id else None,
        reason=event.reason,
    )


def _text(one: UUID | None) -> str:
    return "" if one is None else str(one)
