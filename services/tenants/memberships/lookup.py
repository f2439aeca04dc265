"""Looks up a user's membership in a tenant, or a tenant for auth."""

from uuid import UUID

from kernel.errors import TenantNotFound, TenantSuspended
from kernel.runtime import Runtime
from kernel.self_tenant import self_tenant_id
from services.tenants.memberships import repository
from services.tenants.memberships.authorization import require_open
from services.tenants.memberships.model import Membership, MembershipAt, TenantAt
from services.tenants.memberships.self_tenant import SelfTenants

_LISTED = 100


class MembershipLookup:
    """The use case of a user who reads one of their tenants, or of auth on behalf of the user."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._self_tenants = SelfTenants(runtime.store)

    async def find(self, user_id: UUID, tenant_id: UUID) -> MembershipAt:
        """A tenant as its member sees it, with the tenant's epoch.

        Raises `TenantNotFound`; `TenantSuspended` unless the member is an owner.
        """
        found = await self._found(tenant_id, user_id)
        if found is None and tenant_id == self_tenant_id(user_id):
            await self._self_tenants.ensure(user_id, self._clock.now())
            found = await self._found(tenant_id, user_id)
        if found is None:
            raise TenantNotFound
        require_open(found.membership.tenant, found.membership.member.role)
        return found

    async def list(self, user_id: UUID) -> list[Membership]:
        """The tenants in which programs of a user can act, of the first hundred."""
        await self._self_tenants.ensure(user_id, self._clock.now())
        found = await self._store.read(
            lambda tx: repository.memberships(tx, user_id, after=None, limit=_LISTED)
        )
        return [one for one in found.items if _is_open(one)]

    async def tenant(self, tenant_id: UUID) -> TenantAt:
        """A tenant with its epoch, for a caller without a membership. Raises `TenantNotFound`."""
        found = await self._store.read(lambda tx: repository.tenant_at(tx, tenant_id))
        if found is None:
            raise TenantNotFound
        return found

    async def _found(self, tenant_id: UUID, user_id: UUID) -> MembershipAt | None:
        return await self._store.read(lambda tx: repository.membership_at(tx, tenant_id, user_id))


def _is_open(found: Membership) -> bool:
    """Whether programs of the member can act in the tenant."""
    try:
        require_open(found.tenant, found.member.role)
    except TenantSuspended:
        return False
    return found.tenant.policy.programs_allowed
