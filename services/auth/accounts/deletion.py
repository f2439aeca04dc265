"""The deletion of an account."""

from datetime import datetime

from kernel.identity.callers import Call
from kernel.identity.revocations import Revocation
from kernel.runtime import Runtime
from kernel.storage import Write
from services.auth.accounts.confirmation import PasswordConfirmation, unchanged
from services.auth.logins.devices import end_logins
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.revocations import repository as revocations
from services.auth.revocations.log import RevocationLog
from services.auth.users.model import User
from services.auth.users.repository import USERS


class DeleteAccount:
    """The use case of a deletion."""

    def __init__(
        self, runtime: Runtime, confirmation: PasswordConfirmation, log: RevocationLog
    ) -> None:
        self._runtime = runtime
        self._confirmation = confirmation
        self._log = log

    async def delete(self, call: Call, password: str) -> None:
        """Deletes the caller's account and its logins, and has the other services erase the user.

        Raises `PasswordWrong`, `HashingBusy`.
        """
        user = await self._confirmation.confirm(call, password)
        now = self._runtime.clock.now()

        async def delete(tx: Write) -> None:
            await erase(tx, await unchanged(tx, user), now)

        await self._runtime.store.write(delete, essential=True)
        await self._log.wait_until_enforced()


async def erase(tx: Write, user: User, now: datetime) -> None:
    """Deletes a user with all that auth keeps of them, and has the other services do the same."""
    await end_logins(tx, user.user_id, now)
    await one_time_tokens.clear_of_user(tx, user.user_id)
    await USERS.clear(tx, user)
    revocations.append_revocation(tx, Revocation(user.user_id, revoke_time=now))
    outbox.put_task(tx, OutboxTask(TaskKind.ERASE, user.user_id))
