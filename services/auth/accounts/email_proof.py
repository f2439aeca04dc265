"""The proof of an email address: who has it from another service, and what follows from it."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kernel.emails import normalized_email
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.users.model import User
from services.auth.users.repository import USERS


async def put_proof(tx: Write, user: User, now: datetime) -> User:
    """Notes that a user has proved the address, and returns the user.

    Tenants learns of it, because roles in organizations may wait for the proof. Does nothing if the
    address is proved already.
    """
    if user.email_verified:
        return user
    proved = replace(user, email_verify_time=now)
    await USERS.put(tx, proved)
    outbox.put_task(tx, OutboxTask(TaskKind.UPDATE_PROFILE, user.user_id))
    return proved


class EmailProof:
    """The use case of a service to which a user has shown a secret that was mailed to an address."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def prove(self, user_id: UUID, address: str) -> None:
        """Notes the proof if the address is still the user's.

        Does nothing for a deleted user and for an address that is proved already, so a call can be
        repeated.

        Args:
            user_id: The user.
            address: The address, normalized.
        """
        now = self._runtime.clock.now()

        async def prove(tx: Write) -> None:
            user = await USERS.get(tx, user_id)
            if user is not None and normalized_email(user.email) == address:
                await put_proof(tx, user, now)

        await self._runtime.store.write(prove, essential=True)
