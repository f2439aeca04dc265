"""Lists and returns the tenants of a user."""

from uuid import UUID

from kernel.identity.callers import Call
from kernel.runtime import Runtime
from kernel.storage.recipes.paging import Listing, PageTokens, list_name
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.lookup import MembershipLookup
from services.tenants.memberships.model import Membership
from services.tenants.memberships.self_tenant import SelfTenants


class TenantReader:
    """The use cases of a user who reads their tenants."""

    def __init__(self, runtime: Runtime) -> None:
        self._store = runtime.store
        self._clock = runtime.clock
        self._self_tenants = SelfTenants(runtime.store)
        self._lookup = MembershipLookup(runtime)
        self._page_tokens = PageTokens(runtime.seal)

    async def list(self, call: Call, limit: int, token: str) -> Listing[Membership]:
        """A page of the caller's tenants, in the order of their ids. Raises `PageTokenInvalid`."""
        user_id = call.caller.user_id
        if not token:
            await self._self_tenants.ensure(user_id, self._clock.now())
        return await self._page_tokens.list(
            self._store,
            list_name("tenants", str(user_id)),
            token,
            lambda tx, after: memberships.memberships(tx, user_id, after=after, limit=limit),
        )

    async def get(self, call: Call, tenant_id: UUID) -> Membership:
        """A tenant of the caller. Raises `TenantNotFound`, `TenantSuspended`."""
        return (await self._lookup.find(call.caller.user_id, tenant_id)).membership
