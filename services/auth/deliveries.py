"""The delivery of the outboxes: tasks to tenants and sessions, and events for audit logs to tenants."""

import asyncio
from typing import Protocol

from kernel import log
from kernel.errors import ServiceError
from kernel.storage import Store
from services.auth.audit_events import repository as audit_events
from services.auth.audit_events.model import AuditEvent
from services.auth.clients import RemoteSessions, RemoteTenants
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.users.repository import USERS

_logger = log.get(__name__)


class Deliveries:
    """Delivers tasks."""

    def __init__(self, store: Store, tenants: RemoteTenants, sessions: RemoteSessions) -> None:
        self._store = store
        self._tenants = tenants
        self._sessions = sessions

    async def deliver(self, payload: bytes) -> None:
        """Delivers one task. Raises a `ServiceError` if that fails; the task is then delivered again."""
        task = outbox.parse_task(payload)
        try:
            await self._do(task)
        except ServiceError as error:
            _logger.info("outbox delivery failed", kind=task.kind.value, reason=error.reason)
            raise

    async def _do(self, task: OutboxTask) -> None:
        if task.kind is TaskKind.ERASE:
            # Both at once: a failure of one does not hold up the other.
            erased = asyncio.gather(
                self._tenants.erase(task.user_id),
                self._sessions.erase(task.user_id),
                return_exceptions=True,
            )
            for error in filter(None, await erased):
                raise error
        elif task.kind is TaskKind.UPDATE_PROFILE:
            user = await self._store.read(lambda tx: USERS.get(tx, task.user_id))
            if user is not None:
                await self._tenants.update_profile(user)
        else:
            assert task.create_time is not None, "as it is packed"
            await self._tenants.ensure_self_tenant(task.user_id, task.create_time)


class AuditLogs(Protocol):
    """The audit logs of organizations, which tenants keeps."""

    async def append_audit_event(self, event: AuditEvent) -> None:
        """Adds an event to the log of its organization, once. Raises a `ServiceError`."""
        ...


class AuditEventDeliveries:
    """Delivers events to the audit logs of organizations."""

    def __init__(self, store: Store, logs: AuditLogs) -> None:
        self._store = store
        self._logs = logs

    async def deliver(self, payload: bytes) -> None:
        """Delivers one event. Raises a `ServiceError` if that fails; it is then delivered again.

        Does not name a user whose account is deleted. One that is deleted meanwhile is known to
        tenants: the erasure either comes before the event, or takes the user out of it.
        """
        event = audit_events.parse_event(payload)
        user_id = event.user_id
        assert user_id is not None, "as it is packed"
        try:
            if await self._store.read(lambda tx: USERS.get(tx, user_id)) is None:
                event = event.without_user()
            await self._logs.append_audit_event(event)
        except ServiceError as error:
            _logger.info("audit event not delivered", reason=error.reason)
            raise
