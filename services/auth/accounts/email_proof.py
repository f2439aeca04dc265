"""The proof of an email address: who has it from another service, and what follows from it."""

from dataclasses import replace
from uuid import UUID

from kernel.emails import normalized_email
from kernel.identity.devices import UNKNOWN_DEVICE
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.security_log import repository as security_log
from services.auth.security_log.events import SecurityEvents
from services.auth.security_log.model import Event, SecurityEvent
from services.auth.users.model import User
from services.auth.users.repository import USERS


async def put_proof(tx: Write, user: User, event: SecurityEvent) -> User:
    """Notes that a user has proved the address, logs that event, and returns the user.

    Tenants learns of it, because roles in organizations may wait for the proof.
    """
    proved = replace(user, email_verify_time=event.time, address_corrected=False)
    await USERS.put(tx, proved)
    security_log.append(tx, event)
    outbox.put_task(tx, OutboxTask(TaskKind.UPDATE_PROFILE, user.user_id))
    return proved


class EmailProof:
    """The use case of a service to which a user has shown a secret that was mailed to an address."""

    def __init__(self, runtime: Runtime, events: SecurityEvents) -> None:
        self._runtime = runtime
        self._events = events

    async def prove(self, user_id: UUID, address: str) -> None:
        """Notes the proof if the address is still the user's.

        Does nothing for a deleted user and for an address that is proved already, so a call can be
        repeated.

        Args:
            user_id: The user.
            address: The address, normalized.
        """
        now = self._runtime.clock.now()
        event = SecurityEvent.done(user_id, Event.EMAIL_VERIFIED, now, UNKNOWN_DEVICE)

        async def prove(tx: Write) -> bool:
            user = await USERS.get(tx, user_id)
            if user is None or user.email_verified or normalized_email(user.email) != address:
                return False
            await put_proof(tx, user, event)
            return True

        if await self._runtime.store.write(prove, essential=True):
            self._events.report(event)
