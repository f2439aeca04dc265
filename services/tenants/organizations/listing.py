"""Which tenants a user sees."""

from typing import NamedTuple
from uuid import UUID

from kernel.clock import Clock
from kernel.identity.callers import Caller
from kernel.seal import Seal
from kernel.storage import Read, Store
from kernel.storage.recipes.paging import PageTokens, list_name
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.lookup import MembershipLookup
from services.tenants.memberships.model import Membership, MembershipPage
from services.tenants.memberships.self_tenant import SelfTenants


class TenantListing(NamedTuple):
    """One page of a list, as the caller gets it."""

    memberships: list[Membership]
    next_page_token: str


class TenantReader:
    """The use cases of a user who looks at the tenants that the user is in."""

    def __init__(self, store: Store, clock: Clock, seal: Seal) -> None:
        self._store = store
        self._clock = clock
        self._self_tenants = SelfTenants(store)
        self._lookup = MembershipLookup(store, clock)
        self._page_tokens = PageTokens(seal)

    async def list(self, caller: Caller, limit: int, token: str) -> TenantListing:
        """A page of the caller's tenants, in the order of their ids. Raises `PageTokenInvalid`."""
        user_id = caller.user_id
        name = list_name("tenants", str(user_id))
        after = self._page_tokens.read(token, name=name)

        async def read(tx: Read) -> MembershipPage:
            return await memberships.memberships(tx, user_id, after=after, limit=limit)

        if after is None:
            await self._self_tenants.ensure(user_id, self._clock.now())
        page = await self._store.read(read)
        next_page_token = self._page_tokens.make(page.last_key, name=name)
        return TenantListing(list(page.memberships), next_page_token)

    async def get(self, caller: Caller, tenant_id: UUID) -> Membership:
        """A tenant of the caller. Raises `TenantNotFound`, `TenantSuspended`."""
        return (await self._lookup.find(caller.user_id, tenant_id)).membership
