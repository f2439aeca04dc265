"""The rules of tenants: who belongs where, and that every user has a tenant of its own.

Auth has the self-tenant made when a user registers; whoever comes here first finds it made as
well. Only for a user that has been deleted none is made any more, however late it is asked for.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from kernel import log
from kernel.clock import Clock
from kernel.errors import TenantNotFound
from kernel.identity.callers import Caller
from kernel.seal import Seal
from kernel.self_tenant import self_tenant_id
from kernel.storage import Read, Store, Write
from kernel.storage.recipes.paging import PageTokens, list_name
from kernel.storage.recipes.sweeping import BATCH
from kernel.storage.recipes.tombstones import LATENESS
from services.tenants.audit import repository as audit
from services.tenants.invitations import repository as invitations
from services.tenants.members import succession
from services.tenants.memberships import profiles, self_tenant
from services.tenants.memberships import repository as memberships
from services.tenants.memberships.authorization import require_open
from services.tenants.memberships.model import Membership, MembershipAt, MembershipPage
from services.tenants.settings import TenantsSettings

_BATCH = 5  # memberships ended in one transaction: each takes a dozen reads, one after the other
_ENTRIES = 500  # of a log, looked at in one transaction

_logger = log.get(__name__)


class Listing(NamedTuple):
    """One page of a list, as the caller gets it."""

    memberships: list[Membership]
    next_page_token: str


class Tenants:
    """The use cases around a tenant."""

    def __init__(self, store: Store, clock: Clock, seal: Seal, settings: TenantsSettings) -> None:
        self._store = store
        self._clock = clock
        self._memory = timedelta(seconds=settings.token_seconds) + LATENESS
        self._page_tokens = PageTokens(seal)

    async def list(self, caller: Caller, limit: int, token: str) -> Listing:
        """A page of the caller's tenants, in the order of their ids. Raises `PageTokenInvalid`."""
        user_id = caller.user_id
        name = list_name("tenants", str(user_id))
        after = self._page_tokens.read(token, name=name)

        async def read(tx: Read) -> MembershipPage:
            return await memberships.memberships(tx, user_id, after=after, limit=limit)

        if after is None:
            await self.ensure_self_tenant(user_id, self._clock.now())
        page = await self._store.read(read)
        return Listing(list(page.memberships), self._page_tokens.make(page.last_key, name=name))

    async def get(self, caller: Caller, tenant_id: UUID) -> Membership:
        """A tenant of the caller. Raises `TenantNotFound`, `TenantSuspended`."""
        return (await self.membership_at(caller.user_id, tenant_id)).membership

    async def membership_at(self, user_id: UUID, tenant_id: UUID) -> MembershipAt:
        """A tenant as its member sees it, and as of which epoch.

        Raises `TenantNotFound`; `TenantSuspended` unless the member owns it.
        """
        found = await self._found(tenant_id, user_id)
        if found is None and tenant_id == self_tenant_id(user_id):
            await self.ensure_self_tenant(user_id, self._clock.now())
            found = await self._found(tenant_id, user_id)
        if found is None:
            raise TenantNotFound
        require_open(found.membership.tenant, found.membership.member.role)
        return found

    async def ensure_self_tenant(self, user_id: UUID, create_time: datetime) -> Membership:
        """Makes sure that a user's own tenant exists, and gives it; see self_tenant.py."""
        return await self_tenant.ensure_self_tenant(self._store, user_id, create_time)

    async def rename_user(self, user_id: UUID, display_name: str, revision: int) -> None:
        """Has the lists of members show what a user is called; see profiles.py."""
        await profiles.rename(self._store, user_id, display_name, revision)

    async def erase_user(self, user_id: UUID) -> None:
        """Removes a user's own tenant, memberships and invitations, and takes it out of every log.

        An organization never stays without an owner, see `succession.remove_erased_member`.
        """
        now = self._clock.now()
        until = now + self._memory

        async def erase(tx: Write) -> tuple[int, list[UUID]]:
            await memberships.put_deleted_user(tx, user_id, until)
            # Its one member with it: nobody may ever see the one without the other.
            memberships.clear_self_tenant(tx, user_id)
            left = await memberships.organizations_of_user(tx, user_id, _BATCH)
            gone = [
                one for one in left if await succession.remove_erased_member(tx, one, user_id, now)
            ]
            return len(left), gone

        left = _BATCH
        while left >= _BATCH:
            left, gone = await self._store.write(erase)
            for tenant_id in gone:
                _logger.info("organization deleted", tenant_id=str(tenant_id))
        # Whoever invites, or notes something of a user, has seen a membership in the same
        # transaction, or has made one for somebody who was not erased: from here on nothing new
        # comes to the invitations and the logs.
        while await self._store.write(
            lambda tx: invitations.clear_invitations_of_inviter(tx, user_id, BATCH)
        ):
            pass
        while await self._store.write(lambda tx: audit.forget(tx, user_id, _ENTRIES)):
            pass

    async def _found(self, tenant_id: UUID, user_id: UUID) -> MembershipAt | None:
        return await self._store.read(lambda tx: memberships.membership_at(tx, tenant_id, user_id))
