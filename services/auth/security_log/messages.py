"""The messages about security events that several servicers send."""

from coditect.auth.v5 import security_log_pb2
from kernel.clock import timestamp
from services.auth.security_log.model import SecurityEvent


def event_message(event: SecurityEvent) -> security_log_pb2.SecurityEvent:
    """An event as its user sees it."""
    return security_log_pb2.SecurityEvent(
        time=timestamp(event.time),
        first_time=timestamp(event.begin_time),
        event=event.event,
        outcome=event.outcome,
        count=event.count,
        login_id="" if event.login_id is None else str(event.login_id),
        user_agent=event.device.user_agent,
        address=event.device.address,
        client_id=event.program.client_id,
        token_id="" if event.program.token_id is None else str(event.program.token_id),
        agent=event.program.agent,
        by_operator=event.operated,
    )
