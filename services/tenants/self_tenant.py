"""The tenant of a user's own, which is there at the latest when its user first asks for it."""

from datetime import datetime
from uuid import UUID

from kernel.identity.callers import TenantCall
from kernel.self_tenant import self_tenant_id
from kernel.storage import Store, Write
from services.tenants import repository
from services.tenants.model import Membership


async def ensure_self_tenant(store: Store, user_id: UUID, create_time: datetime) -> Membership:
    """Makes sure that a user's own tenant exists, and gives it.

    For a deleted user nothing is made, and what would have been is given: a delivery that
    comes too late is done with, instead of coming again until the deletion is forgotten.
    """
    own = Membership.own(user_id, create_time)
    tenant_id = own.tenant.tenant_id

    async def make(tx: Write) -> Membership:
        found = await repository.membership(tx, tenant_id, user_id)
        if found is not None:
            return found
        if not await repository.is_deleted(tx, user_id):
            await repository.put_tenant(tx, own.tenant)
            await repository.put_member(tx, own.member)
        return own

    # Nearly always it is there, and a read is much cheaper than a write.
    found = await store.read(lambda tx: repository.membership(tx, tenant_id, user_id))
    return found if found is not None else await store.write(make)


async def touch(store: Store, call: TenantCall, now: datetime) -> None:
    """Makes sure of the tenant of a call, if it is the caller's own."""
    if call.tenant_id == self_tenant_id(call.caller.user_id):
        await ensure_self_tenant(store, call.caller.user_id, now)
