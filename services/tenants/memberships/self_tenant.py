"""The self-tenant of a user: made by auth at registration, or when the user first asks for it."""

from datetime import datetime
from uuid import UUID

from kernel.identity.callers import Call
from kernel.self_tenant import self_tenant_id
from kernel.storage import Store, Write
from services.tenants.memberships import repository
from services.tenants.memberships.model import Membership


class SelfTenants:
    """Makes self-tenants."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def ensure(self, user_id: UUID, create_time: datetime) -> Membership:
        """Makes the self-tenant of a user unless it exists, and returns it.

        For a deleted user it makes nothing, and returns what it would have made: a delivery that
        comes too late succeeds, or it would be repeated until the deletion is forgotten.
        """
        new = Membership.self_tenant(user_id, create_time)
        tenant_id = new.tenant.tenant_id

        async def make(tx: Write) -> Membership:
            found = await repository.membership(tx, tenant_id, user_id)
            if found is not None:
                return found
            if not await repository.is_deleted(tx, user_id):
                await repository.ALL_TENANTS.put(tx, new.tenant)
                await repository.MEMBERS.put(tx, new.member)
            return new

        # Nearly always it is there, and a read is much cheaper than a write.
        found = await self._store.read(lambda tx: repository.membership(tx, tenant_id, user_id))
        return found if found is not None else await self._store.write(make)

    async def ensure_callers(self, call: Call, now: datetime) -> None:
        """Makes the tenant of a call, if it is the caller's self-tenant."""
        if call.tenant_id == self_tenant_id(call.caller.user_id):
            await self.ensure(call.caller.user_id, now)
