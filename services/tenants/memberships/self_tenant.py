"""Creates the self-tenant of a user, when the user registers or first reads it."""

from datetime import datetime
from uuid import UUID

from kernel.identity.callers import Call
from kernel.self_tenant import self_tenant_id
from kernel.storage import Store, Write
from services.tenants.memberships import repository
from services.tenants.memberships.model import Membership


class SelfTenants:
    """Creates self-tenants."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def ensure(self, user_id: UUID, create_time: datetime) -> Membership:
        """Creates the self-tenant of a user unless it exists, and returns it.

        For a deleted user it creates nothing and returns what it would have created: a late delivery
        must succeed, or auth would retry it.
        """
        new = Membership.self_tenant(user_id, create_time)
        tenant_id = new.tenant.tenant_id

        async def make(tx: Write) -> Membership:
            found = await repository.membership(tx, tenant_id, user_id)
            if found is not None:
                return found
            if not await repository.is_deleted(tx, user_id):
                await put_self_tenant(tx, new)
            return new

        # It nearly always exists, and a read is much cheaper than a write.
        found = await self._store.read(lambda tx: repository.membership(tx, tenant_id, user_id))
        # Essential: it completes a registration that auth has accepted.
        return found if found is not None else await self._store.write(make, essential=True)

    async def ensure_callers(self, call: Call, now: datetime) -> None:
        """Creates the tenant of a call if it is the caller's self-tenant.

        A service account has none.
        """
        caller = call.caller
        if not caller.is_service_account and call.tenant_id == self_tenant_id(caller.user_id):
            await self.ensure(call.caller.user_id, now)


async def put_self_tenant(tx: Write, new: Membership) -> None:
    """Stores the self-tenant of a user, with the user as its owner."""
    await repository.ALL_TENANTS.put(tx, new.tenant)
    await repository.MEMBERS.put(tx, new.member)
