"""The removal of a user, with all that auth keeps of them."""

from collections.abc import Sequence
from datetime import datetime

from kernel.emails import normalized_email
from kernel.identity.revocations import Revocation
from kernel.self_tenant import self_tenant_id
from kernel.storage import Write
from services.auth.authorizations.repository import clear_codes_of_user
from services.auth.device_login import repository as device_login
from services.auth.factors import repository as recoveries
from services.auth.factors.sources import FactorSource
from services.auth.logins.devices import end_logins
from services.auth.oauth_clients.erasure import MOST_OF_TENANT, erase_tenant_clients
from services.auth.one_time_tokens import repository as one_time_tokens
from services.auth.one_time_tokens.errors import OneTimeTokenInvalid
from services.auth.operators import repository as operators
from services.auth.outbox import repository as outbox
from services.auth.outbox.model import OutboxTask, TaskKind
from services.auth.personal_access_tokens.revocation import end_tokens
from services.auth.revocations import repository as revocations
from services.auth.security_log import repository as security_log
from services.auth.service_accounts.erasure import forget_maker
from services.auth.throttling.throttle import Throttle
from services.auth.users.model import User
from services.auth.users.repository import USERS
from services.auth.workspace_tokens import repository as workspace_tokens


class EraseAccount:
    """Removes users, in transactions of its callers."""

    def __init__(self, throttle: Throttle, factors: Sequence[FactorSource]) -> None:
        self._throttle = throttle
        self._factors = factors

    async def forget_guesses(self, tx: Write, normalized_email: str) -> None:
        """Forgets the wrong guesses at an address, which were not at its next account."""
        await self._throttle.forget_address(tx, normalized_email)

    async def erase(self, tx: Write, user: User, now: datetime) -> None:
        """Removes a user, and has the other services do the same. The transaction logs no event.

        Raises `OneTimeTokenInvalid` for an account that is disabled or under a legal hold: a proof of
        its address does not make it go away, and tells the person with the proof nothing.
        """
        if user.disabled or user.held:
            raise OneTimeTokenInvalid
        await self.erase_anyway(tx, user, now)

    async def erase_anyway(self, tx: Write, user: User, now: datetime) -> None:
        """Like `erase`, also for a disabled account: what an operator or the time asks for."""
        await end_logins(tx, user.user_id, now)
        await end_tokens(tx, user.user_id, now)
        await workspace_tokens.clear_of_user(tx, user.user_id)
        await forget_maker(tx, user.user_id)
        await one_time_tokens.clear_of_user(tx, user.user_id)
        for source in self._factors:
            await source.clear(tx, user.user_id)
        await recoveries.clear(tx, user.user_id)
        await device_login.clear_of_user(tx, user.user_id)
        await erase_tenant_clients(tx, self_tenant_id(user.user_id), now, MOST_OF_TENANT)
        await clear_codes_of_user(tx, user.user_id)
        operators.forget(tx, user.user_id)
        await USERS.clear(tx, user)
        await security_log.erase(tx, user.user_id)
        await self._throttle.forget(tx, normalized_email(user.email), user.user_id)
        await self._throttle.forget_second_factor(tx, user.user_id)
        revocations.append_revocation(tx, Revocation(user.user_id, revoke_time=now))
        outbox.put_task(tx, OutboxTask(TaskKind.ERASE, user.user_id))
