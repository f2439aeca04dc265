"""Removes what tenants stores about a deleted user."""

from datetime import datetime
from uuid import UUID

from kernel import log
from kernel.runtime import Runtime
from kernel.storage import Write
from kernel.storage.recipes.sweeping import BATCH
from kernel.storage.recipes.tombstones import MEMORY
from services.tenants.audit import repository as audit
from services.tenants.invitations import repository as invitations
from services.tenants.members import succession
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.model import Membership
from services.tenants.users import repository

_MEMBERSHIPS = 5  # removed in one transaction: each takes a dozen sequential reads
_ENTRIES = 500  # of a log, read in one transaction

_logger = log.get(__name__)


class UserErasure:
    """The use case of auth when an account is deleted."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._clock = runtime.clock

    async def erase(self, user_id: UUID) -> None:
        """Removes a user's self-tenant, memberships, invitations and promises of roles.

        Also takes the user out of every audit log.
        No organization is left without an owner, see `succession.remove_erased_member`.
        """
        now = self._clock.now()
        while await self._leave_some(user_id, now):
            pass
        # Inviting and logging read or write a membership of the user in the same transaction, so from
        # here on no new invitation or entry can appear; and once the invitations are gone, no promise.
        while await self._store.write(
            lambda tx: invitations.clear_invitations_of_inviter(tx, user_id, BATCH), essential=True
        ):
            pass
        while await self._store.write(
            lambda tx: memberships.clear_promises_of_inviter(tx, user_id, BATCH), essential=True
        ):
            pass
        while await self._store.write(
            lambda tx: audit.forget(tx, user_id, _ENTRIES), essential=True
        ):
            pass

    async def _leave_some(self, user_id: UUID, now: datetime) -> bool:
        """Removes the self-tenant and some memberships; returns whether there may be more."""

        async def leave(tx: Write) -> tuple[int, list[UUID]]:
            await repository.put_deleted_user(tx, user_id, now + MEMORY)
            await repository.clear_self_tenant(tx, Membership.self_tenant(user_id, now))
            left = await repository.organizations_of_user(tx, user_id, _MEMBERSHIPS)
            deleted = [
                one for one in left if await succession.remove_erased_member(tx, one, user_id, now)
            ]
            return len(left), deleted

        count, deleted = await self._store.write(leave, essential=True)
        for tenant_id in deleted:
            _logger.info("organization deleted", tenant_id=str(tenant_id))
        return count >= _MEMBERSHIPS
